/**
 * What a command is, and what it gets to work with.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import type { SettingOrigin } from "../control/options.ts";
import type { Environment } from "../control/places.ts";
import { meant } from "../base/nearest.ts";
import type { Output } from "./output.ts";

/** What a command tells its caller by ending. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  noDaemon: 3,
  conflict: 4,
  partial: 5,
  interrupted: 130,
} as const;

/** What each of {@linkcode EXIT} says, for the manual. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "done, also where whoever read the output went away",
  failed: "failed: nothing of it was done, or a check found what is wrong",
  usage: "the words, the configuration file or a variable make no sense; nothing was tried",
  noDaemon: "no omnifs runs that could be asked",
  conflict: "it conflicts with what is there: a mount, a folder, or what changed upstream",
  partial: "some of it was done: of several paths or steps, or what could be reached",
  interrupted: "interrupted by Ctrl-C or SIGTERM",
};

/** One of {@linkcode EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a command prints: for people, as one JSON document, or as JSON lines. */
export type Format = "human" | "json" | "jsonl";

/** Every {@linkcode Format}. */
export const FORMATS: readonly Format[] = ["human", "json", "jsonl"];

/**
 * What a shell may offer for a word: the words themselves, or where they come from. `tree` is a path in the tree,
 * `daemon` a mount point, `mount` a mount name such as `github`, `target` one that was allowed always.
 */
export type Values =
  | readonly string[]
  | "file"
  | "dir"
  | "tree"
  | "daemon"
  | "mount"
  | "provider"
  | "draft"
  | "target"
  | "command";

/** How the configuration file and the environment say what an option says: see `settings.ts`. */
export interface SettingSpec {
  /** What the file calls it, and with `OMNIFS_` before it the environment; the long flag where it is missing. */
  readonly key?: string;
  /** Its type in the file. */
  readonly kind: SettingKind;
  /** A line of the file that says it. */
  readonly example: string;
  /** True where what is said in several places counts together; otherwise the nearest place wins. */
  readonly adds?: boolean;
}

/**
 * The type of a setting: true or false; a string; a string or a number of bytes; a list of strings; the same, which
 * commas separate elsewhere; such a list, or true for everything; tables of strings, numbers and switches by mount.
 */
export type SettingKind = "switch" | "word" | "size" | "words" | "scopes" | "grant" | "tables";

/** One option. */
export interface OptionSpec<Value> {
  /** As commander writes it: `-f, --force`, `--set <setting>`, `--allow-net [scopes]`. */
  readonly flags: string;
  /** One line. */
  readonly summary: string;
  /** Its value where it is not given. */
  readonly initial: Value;
  /** What its word may be. */
  readonly values?: Values;
  /** How it is said outside of the command line, where it can be. */
  readonly setting?: SettingSpec;
  /**
   * The value from the word given with it; `before` is the value so far, and relative paths begin at `base`, or where
   * this process is. A flag without a word has none.
   */
  read?(word: string, before: Value, base?: string): Value;
}

/** One positional argument. */
export interface ArgumentSpec {
  /** As commander writes it: `<dir>`, `[path]`, `[path...]`. */
  readonly form: string;
  /** One line. */
  readonly summary: string;
  /** What it may be. */
  readonly values?: Values;
}

/** A question that a command asks on a terminal, and nowhere else. */
export interface PromptSpec {
  /** What is asked for. */
  readonly asks: string;
  /** The option of the command with which it is not asked, such as `--no-prompt`. */
  readonly without: string;
}

/** A line to try. */
export interface Example {
  /** Without the leading `omnifs`. */
  readonly line: string;
  /** What it does. */
  readonly summary: string;
}

/** What every command gets. */
export interface Context {
  /** Words after the options. */
  readonly words: readonly string[];
  /** All words after the command's name, as they were given. */
  readonly argv: readonly string[];
  /** The options that these words name, by their keys: not what the configuration says. */
  readonly given: ReadonlySet<string>;
  /** What the configuration file and the environment say of the other options. */
  readonly origins: readonly SettingOrigin[];
  /** How to print. */
  readonly format: Format;
  /** Standard output. */
  readonly out: Output;
  /** Standard error. */
  readonly err: Output;
  /** The environment. */
  readonly environment: Environment;
  /** What is wrong with the configuration file or the environment, for a command that tells it by itself. */
  readonly configFault?: OmnifsError;
  /** Where the time comes from. */
  readonly clock: Clock;
  /** Aborted by Ctrl-C or SIGTERM. Asking for it the first time begins to catch them. */
  readonly signal: AbortSignal;
}

/** One command, with the types of its options. */
export interface CommandDefinition<Values> {
  /** One or two words, such as `ls` or `cache drop`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Its positional arguments. */
  readonly arguments: readonly ArgumentSpec[];
  /** Its own options, by the name under which {@linkcode CommandDefinition.run} gets their values. */
  readonly options: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> };
  /** Spellings of other tools that mean an option of this one, such as `-name` for `--name`. */
  readonly spellings?: Readonly<Record<string, string>>;
  /** True where the configuration file and the environment say what no option says. */
  readonly configured?: boolean;
  /** True where it tells by itself what is wrong with those, and goes on without them: `context.configFault`. */
  readonly toldFault?: boolean;
  /** What it asks on a terminal. */
  readonly prompts?: readonly PromptSpec[];
  /** Formats in which it can print; all where it does not say. */
  readonly formats?: readonly Format[];
  /** Lines to try. */
  readonly examples: readonly Example[];
  /** Does it. Nothing returned is {@linkcode EXIT}`.done`. */
  run(context: Context, options: Values): Promise<ExitCode | void>;
}

/** One command, as the rest of the command line sees it: the types of its options are its own concern. */
export type Command = CommandDefinition<Record<string, unknown>>;

/** `definition` without the types of its options. */
export function command<Values>(definition: CommandDefinition<Values>): Command {
  const { options, ...rest } = definition;
  // The parser fills the values in from these very options, so they have the types that these declare.
  return {
    ...rest,
    options: { ...options },
    run: (context, values) => definition.run(context, values as Values),
  };
}

/** The words on the command line make no sense. */
export class UsageError extends OmnifsError {
  /** `message` says what is wrong; `mend` what would be right. */
  constructor(message: string, mend: string) {
    super("invalid", message, { mend });
    this.name = "UsageError";
  }
}

/** An option that is on or off. */
export function flag(flags: string, summary: string): OptionSpec<boolean> {
  return { flags, summary, initial: false };
}

/** An option with a word. */
export function text(flags: string, summary: string, values?: Values): OptionSpec<string | undefined> {
  return {
    flags,
    summary,
    initial: undefined,
    ...(values === undefined ? {} : { values }),
    read: (word) => word,
  };
}

/** An option with one of a few words. */
export function choice<Word extends string>(
  flags: string,
  summary: string,
  words: readonly Word[],
  initial: Word,
): OptionSpec<Word> {
  const read = (given: string) => {
    const found = words.find((word) => word === given);
    if (found !== undefined) return found;
    const message = `${flags.split(" ")[0]} is one of ${words.join(", ")}, not ${quote(given)}`;
    throw new UsageError(message + meant(given, words), "");
  };
  return { flags, summary: `${summary} (${words.join(", ")})`, initial, values: words, read };
}

/** An option that may be given again and again. */
export function list<Value>(
  flags: string,
  summary: string,
  read: (word: string, base?: string) => Value,
  more: Pick<OptionSpec<readonly Value[]>, "values" | "setting"> = {},
): OptionSpec<readonly Value[]> {
  return {
    flags,
    summary,
    initial: [],
    ...more,
    read: (word, before, base) => [...before, read(word, base)],
  };
}

/** `--long` of the flags of an option. */
export function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** The values of a command's options where none is given. */
export function initialValues(command: Command): Record<string, unknown> {
  return Object.fromEntries(Object.entries(command.options).map(([key, { initial }]) => [key, initial]));
}

/** `word` as it should stand in a message. */
export function quote(word: string): string {
  return JSON.stringify(word);
}
