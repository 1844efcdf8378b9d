/**
 * The manual: one page for each command, one for omnifs as a whole and one for its configuration, from the commands
 * themselves. `omnifs help`, `omnifs man` and the pages in `docs/commands` are this, printed in three ways.
 *
 * @module
 */
import { type Command, EXIT, EXIT_MEANINGS, type PromptSpec } from "./command.ts";
import { commonOptions, CONFIG_OPTION, OUTPUT_OPTION } from "./common_options.ts";
import { TIMEOUT_VARIABLE } from "./completion_scripts.ts";
import { COMMAND_NAMES, groupOf, load, resolve } from "./registry.ts";
import { KINDS, SETTINGS, VARIABLE_KINDS } from "./settings.ts";

/** A term and what is to be said about it. */
export type ManualRow = readonly [term: string, text: string];

/** A titled part of a page. */
export interface ManualPart {
  /** Its title, such as `Options`. */
  readonly title: string;
  /** A sentence or two before the rows. */
  readonly text?: string;
  /** Its terms. */
  readonly rows: readonly ManualRow[];
  /** True for what the short help leaves out. */
  readonly reference?: boolean;
}

/** One page. */
export interface ManualPage {
  /** Such as `omnifs mount`. */
  readonly name: string;
  /** The section of the manual: 1 for commands, 5 for files. */
  readonly section: 1 | 5;
  /** One line. */
  readonly summary: string;
  /** How it is written; for a file, where it is. */
  readonly synopsis: string;
  /** What there is to know. */
  readonly parts: readonly ManualPart[];
}

/** What the page about the configuration is called. */
const CONFIG_PAGE = "config";

/** The page of `command`. */
function commandPage(command: Command): ManualPage {
  const { name, summary, prompts = [] } = command;
  const forms = command.arguments.map(({ form }) => ` ${form}`).join("");
  const options = [...Object.values(command.options), ...commonOptions(command)];
  const parts: ManualPart[] = [
    { title: "Arguments", rows: command.arguments.map(({ form, summary }) => [form, summary]) },
    { title: "Options", rows: options.map(({ flags, summary }) => [spelled(flags), summary]) },
    { title: "Questions", text: ASKED, rows: prompts.map(promptRow) },
    { title: "Examples", rows: command.examples.map(({ line, summary }) => [`omnifs ${line}`, summary]) },
    exitCodes(),
  ];
  return {
    name: `omnifs ${name}`,
    section: 1,
    summary,
    synopsis: `omnifs ${name} [options]${forms}`,
    parts: parts.filter(({ rows }) => rows.length > 0),
  };
}

const ASKED = "Asked on a terminal, and nowhere else.";

function promptRow({ asks, without }: PromptSpec): ManualRow {
  return [asks, `not asked with ${without}`];
}

/** An option with an optional word takes it after `=`, as Deno's own do. */
function spelled(flags: string): string {
  return flags.replace(/ \[(.+)\]$/, "[=$1]");
}

function exitCodes(): ManualPart {
  const rows = Object.entries(EXIT).map(([name, code]): ManualRow => {
    // The names are those of the table that the loop goes over.
    return [String(code), EXIT_MEANINGS[name as keyof typeof EXIT]];
  });
  return { title: "Exit codes", rows, reference: true };
}

/** The page of omnifs as a whole. */
async function overviewPage(): Promise<ManualPage> {
  const commands = await Promise.all(COMMAND_NAMES.map(load));
  return {
    name: "omnifs",
    section: 1,
    summary: "GitHub and other services as files",
    synopsis: "omnifs COMMAND [ARGUMENTS]",
    parts: [
      { title: "Commands", rows: commands.map(({ name, summary }) => [name, summary]) },
      {
        title: "To begin",
        rows: [
          ["omnifs demo", "a tree with sample data: no account, no network"],
          ["omnifs mount DIR --allow-net", "the real services, with the credentials of your environment"],
          ["omnifs help COMMAND", "everything that a command takes"],
        ],
      },
      {
        title: "Options",
        text: "Of every command that has use for them.",
        rows: [OUTPUT_OPTION, CONFIG_OPTION].map(({ flags, summary }) => [flags, summary]),
        reference: true,
      },
      exitCodes(),
      { title: "Environment", rows: ENVIRONMENT, reference: true },
      { title: "Files", rows: FILES, reference: true },
    ],
  };
}

const ENVIRONMENT: readonly ManualRow[] = [
  ["OMNIFS_CONFIG", "the configuration file"],
  ["OMNIFS_RUNTIME_DIR", "the folder of control sockets, in place of $XDG_RUNTIME_DIR/omnifs"],
  ["XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR", "where the files below are"],
  [TIMEOUT_VARIABLE, "milliseconds that a completion may take; 1500 where it is not set"],
  ["NO_COLOR", "no colours where it is not empty; there are none without a terminal either"],
  ["OMNIFS_…", "each setting of the configuration file has a variable: omnifs man config"],
];

const FILES: readonly ManualRow[] = [
  ["$XDG_CONFIG_HOME/omnifs/config.toml", "the configuration; ~/.config where the variable is not set"],
  ["$XDG_STATE_HOME/omnifs", "logs, credentials, drafts, installed providers; ~/.local/state"],
  ["$XDG_CACHE_HOME/omnifs", "what can be made again; ~/.cache"],
  ["$XDG_RUNTIME_DIR/omnifs", "control sockets, for this user alone"],
];

/** What `omnifs help cache` shows: no page of the manual, but a way to those that are. */
async function groupPage(first: string): Promise<ManualPage> {
  const commands = await Promise.all(groupOf(first).map(load));
  return {
    name: `omnifs ${first}`,
    section: 1,
    summary: `${commands.length} commands`,
    synopsis: `omnifs ${first} COMMAND [ARGUMENTS]`,
    parts: [{ title: "Commands", rows: commands.map(({ name, summary }) => [name, summary]) }],
  };
}

/** The page of the configuration file and its variables. */
function configPage(): ManualPage {
  return {
    name: "omnifs-config",
    section: 5,
    summary: "What omnifs is told outside of the command line",
    synopsis: "$XDG_CONFIG_HOME/omnifs/config.toml",
    parts: [
      {
        title: "Keys",
        text: "Each says what an option of omnifs mount says.",
        rows: SETTINGS.map(({ key, setting, spec }): ManualRow => [
          key,
          `${KINDS[setting.kind]}; ${/--[\w-]+/.exec(spec.flags)?.[0]}: ${spec.summary}`,
        ]),
      },
      {
        title: "Variables",
        text: "A flag wins over a variable, and a variable over the file.",
        rows: [
          ["OMNIFS_CONFIG", "the file"],
          ...SETTINGS.map(({ key, setting, variable }): ManualRow => [
            variable,
            `${key}: ${VARIABLE_KINDS[setting.kind]}`,
          ]),
        ],
      },
      {
        title: "Examples",
        rows: SETTINGS.map(({ setting }): ManualRow => [
          setting.example,
          setting.adds ? "counts together with what a flag or a variable says" : "",
        ]),
      },
    ],
  };
}

/** The page that `words` name: of a command, of the configuration, or of omnifs where there are none. */
export async function pageOf(words: readonly string[]): Promise<ManualPage> {
  if (words.length === 0) return await overviewPage();
  const [first = "", ...rest] = words;
  if (rest.length === 0 && first === CONFIG_PAGE) return configPage();
  if (rest.length === 0 && groupOf(first).length > 0) return await groupPage(first);
  return commandPage((await resolve(words)).command);
}

/** Every page. */
export async function allPages(): Promise<readonly ManualPage[]> {
  const commands = await Promise.all(COMMAND_NAMES.map(load));
  return [await overviewPage(), ...commands.map(commandPage), configPage()];
}
