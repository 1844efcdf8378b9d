/**
 * What could stand where the cursor is: commands, options, their words, and paths of the tree.
 *
 * @module
 */
import { type ArgumentSpec, type Command, longFlag, type Values } from "./command.ts";
import { type CommonOption, commonOptions } from "./common_options.ts";
import { COMMAND_NAMES, groupOf, load, resolve } from "./registry.ts";

/** Something to offer. */
export interface Candidate {
  /** The whole word. A path that ends in a slash goes on. */
  readonly word: string;
  /** What it is, for shells that show that. */
  readonly about?: string;
}

/** What to offer. */
export interface Offer {
  /** The candidates; those that do not begin with the word that is there are left out. */
  readonly candidates: readonly Candidate[];
  /** True where the candidates are paths, which a shell has to quote. */
  readonly paths?: boolean;
  /** What the shell itself knows better: the files or the folders that are there. */
  readonly shell?: "file" | "dir";
}

/** Finds the words that a place in a command takes: those of {@linkcode Values} that depend on what is running. */
export type Source = (values: Values, word: string, mount: string | undefined) => Promise<Offer>;

/** Where the word stands that is being typed. */
interface Place {
  readonly command: Command;
  /** The words between the command's name and it. */
  readonly before: readonly string[];
  /** The word, as far as it is there. */
  readonly word: string;
}

interface Takes {
  readonly flags: string;
  readonly summary: string;
  readonly values?: Values;
}

/**
 * What could stand in place of the last of `words`, which come after `omnifs`.
 *
 * @throws {UsageError} where the words before it name no command
 */
export async function complete(words: readonly string[], source: Source): Promise<Offer> {
  const word = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const names = await commandsAfter(before);
  if (names.length > 0) return { candidates: names };
  const { command, rest } = await resolve(before);
  return await completeWord({ command, before: rest, word }, source);
}

/** The commands, or the second words of a group; none where the command is known. */
async function commandsAfter(before: readonly string[]): Promise<readonly Candidate[]> {
  const [first, second] = before;
  if (second !== undefined) return [];
  if (first !== undefined) {
    return await Promise.all(groupOf(first).map((name) => named(name, name.slice(first.length + 1))));
  }
  const groups = Map.groupBy(COMMAND_NAMES, (name) => name.split(" ")[0] ?? "");
  return await Promise.all(
    [...groups].map(([word, names]) =>
      names.length > 1 ? titled(word, names) : named(names[0] ?? word, word)
    ),
  );
}

async function named(name: string, word: string): Promise<Candidate> {
  return { word, about: (await load(name)).summary };
}

function titled(word: string, names: readonly string[]): Candidate {
  return { word, about: names.map((name) => name.slice(word.length + 1)).join(", ") };
}

async function completeWord(place: Place, source: Source): Promise<Offer> {
  const { command, before, word } = place;
  const options: readonly Takes[] = [...Object.values(command.options), ...commonOptions(command)];
  const isOver = before.includes("--");
  const mount = wordAfter(before, "--mount");
  const pending = isOver ? undefined : wanting(options, before);
  if (pending !== undefined) return await source(pending.values ?? [], word, mount);
  const [, flag, value] = isOver ? [] : /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
  if (flag !== undefined && value !== undefined) return await afterSign(options, flag, value, source, mount);
  if (!isOver && word.startsWith("-")) return { candidates: optionsOf(options) };
  return await source(argumentAt(command.arguments, options, before)?.values ?? [], word, mount);
}

/** The option before the word, where it wants a word. */
function wanting(options: readonly Takes[], before: readonly string[]): Takes | undefined {
  const last = before.at(-1);
  if (last === undefined || last.includes("=")) return undefined;
  return options.find((option) => option.flags.includes("<") && spellings(option).includes(last));
}

/** `-f` and `--force`. */
function spellings({ flags }: Pick<CommonOption, "flags">): string[] {
  return flags.match(/(?<![\w-])--?[\w-]+/g) ?? [];
}

async function afterSign(
  options: readonly Takes[],
  flag: string,
  value: string,
  source: Source,
  mount: string | undefined,
): Promise<Offer> {
  const option = options.find((each) => longFlag(each.flags) === flag);
  const offer = await source(option?.values ?? [], value, mount);
  return {
    ...offer,
    candidates: offer.candidates.map((each) => ({ ...each, word: `${flag}=${each.word}` })),
  };
}

function optionsOf(options: readonly Takes[]): Candidate[] {
  return options.map(({ flags, summary }) => ({ word: longFlag(flags), about: summary }));
}

/** The positional argument that comes next. */
function argumentAt(
  specs: readonly ArgumentSpec[],
  options: readonly Takes[],
  before: readonly string[],
): ArgumentSpec | undefined {
  const end = before.indexOf("--");
  const isWord = (word: string, index: number) =>
    end !== -1 && index > end ||
    !word.startsWith("-") && wanting(options, before.slice(0, index)) === undefined;
  const index = before.filter(isWord).length;
  const last = specs.at(-1);
  return specs[index] ?? (last?.form.includes("...") ? last : undefined);
}

function wordAfter(words: readonly string[], flag: string): string | undefined {
  const joined = words.findLast((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const index = words.lastIndexOf(flag);
  return index === -1 ? undefined : words[index + 1];
}
