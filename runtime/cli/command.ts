/**
 * What a command is, and what it gets to work with.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import type { Environment } from "../control/places.ts";
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

/** One of {@linkcode EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a command prints: for people, as one JSON document, or as JSON lines. */
export type Format = "human" | "json" | "jsonl";

/** Every {@linkcode Format}. */
export const FORMATS: readonly Format[] = ["human", "json", "jsonl"];

/** One option. */
export interface OptionSpec<Value> {
  /** As commander writes it: `-f, --force`, `--set <setting>`, `--allow-net [scopes]`. */
  readonly flags: string;
  /** One line. */
  readonly summary: string;
  /** Its value where it is not given. */
  readonly initial: Value;
  /** The value from the word given with it; `before` is the value so far. A flag without a word has none. */
  read?(word: string, before: Value): Value;
}

/** One positional argument. */
export interface ArgumentSpec {
  /** As commander writes it: `<dir>`, `[path]`, `[path...]`. */
  readonly form: string;
  /** One line. */
  readonly summary: string;
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
  /** How to print. */
  readonly format: Format;
  /** Standard output. */
  readonly out: Output;
  /** Standard error. */
  readonly err: Output;
  /** The environment. */
  readonly environment: Environment;
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
export function text(flags: string, summary: string): OptionSpec<string | undefined> {
  return { flags, summary, initial: undefined, read: (word) => word };
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
    throw new UsageError(`${flags.split(" ")[0]} is one of ${words.join(", ")}, not ${quote(given)}`, "");
  };
  return { flags, summary: `${summary} (${words.join(", ")})`, initial, read };
}

/** An option that may be given again and again. */
export function list<Value>(
  flags: string,
  summary: string,
  read: (word: string) => Value,
): OptionSpec<readonly Value[]> {
  return { flags, summary, initial: [], read: (word, before) => [...before, read(word)] };
}

/** The values of a command's options where none is given. */
export function initialValues(command: Command): Record<string, unknown> {
  return Object.fromEntries(Object.entries(command.options).map(([key, { initial }]) => [key, initial]));
}

/** `word` as it should stand in a message. */
export function quote(word: string): string {
  return JSON.stringify(word);
}
