/**
 * The one file that knows the command-line library, commander, so that another can take its place.
 *
 * @module
 */
import { Argument, Command as Parser, CommanderError, Option } from "@commander-js/extra-typings";
import {
  type Command,
  type Format,
  FORMATS,
  initialValues,
  type OptionSpec,
  quote,
  UsageError,
} from "./command.ts";

/** What the words after a command's name say. */
export interface Parsed {
  /** Values of the command's own options. */
  readonly values: Record<string, unknown>;
  /** How to print. */
  readonly format: Format;
  /** The positional words. */
  readonly words: readonly string[];
}

/** The option that every command has. */
export const OUTPUT_OPTION = {
  flags: "--output <format>",
  summary: "how to print: human, json or jsonl",
} as const;

/**
 * Reads the words after the name of `command`.
 *
 * @throws {UsageError} where they make no sense
 */
export function parse(command: Command, argv: readonly string[]): Parsed {
  const values = initialValues(command);
  let format: Format = "human";
  const parser = new Parser(command.name).exitOverride().helpOption(false).allowExcessArguments(false);
  parser.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const [key, spec] of Object.entries(command.options)) parser.addOption(optionOf(key, spec, values));
  for (const { form, summary } of command.arguments) parser.addArgument(new Argument(form, summary));
  const output = new Option(OUTPUT_OPTION.flags, OUTPUT_OPTION.summary);
  parser.addOption(output.argParser((word) => format = formatOf(word, command)));
  try {
    parser.parse(respell(command, argv), { from: "user" });
  } catch (error) {
    throw usageError(error, command);
  }
  const given: Record<string, unknown> = parser.opts();
  for (const [key, spec] of Object.entries(command.options)) {
    if (spec.read === undefined) values[key] = isGiven(spec, given);
  }
  return { values, format, words: parser.args };
}

function optionOf(key: string, spec: OptionSpec<unknown>, values: Record<string, unknown>): Option {
  const option = new Option(spec.flags, spec.summary);
  if (spec.read === undefined) return option;
  return option.argParser((word) => values[key] = spec.read?.(word, values[key]));
}

/** commander keeps `--no-x` as an `x` that is false. */
function isGiven({ flags, summary }: OptionSpec<unknown>, given: Record<string, unknown>): boolean {
  const option = new Option(flags, summary);
  return given[option.attributeName()] === !option.negate;
}

function formatOf(word: string, command: Command): Format {
  const format = FORMATS.find((known) => known === word);
  if (format !== undefined && (command.formats ?? FORMATS).includes(format)) return format;
  const known = (command.formats ?? FORMATS).join(", ");
  throw new UsageError(`omnifs ${command.name} prints as ${known}, not as ${quote(word)}`, helpOf(command));
}

/**
 * The words as commander should see them: spellings of other tools replaced, and an option with an optional
 * word given its empty word at once, or it would swallow the next one (Deno's flags take theirs after `=`).
 */
function respell(command: Command, argv: readonly string[]): string[] {
  const optional = new Set(
    Object.values(command.options).flatMap(({ flags }) =>
      flags.includes("[") ? flags.match(/--[\w-]+/) ?? [] : []
    ),
  );
  const end = argv.indexOf("--");
  return argv.map((word, index) => {
    if (end !== -1 && index >= end) return word;
    if (optional.has(word)) return `${word}=`;
    return command.spellings?.[word] ?? word;
  });
}

function usageError(error: unknown, command: Command): unknown {
  if (error instanceof UsageError) return error.mend ? error : new UsageError(error.message, helpOf(command));
  if (!(error instanceof CommanderError)) return error;
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ").replace(/\.$/, "");
  return new UsageError(message, helpOf(command));
}

function helpOf(command: Command): string {
  return `omnifs ${command.name} --help`;
}
