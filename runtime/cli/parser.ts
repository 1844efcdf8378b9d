/**
 * The one file that knows the command-line library, commander, so that another can take its place.
 *
 * @module
 */
import { meant } from "../base/nearest.ts";
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
import { CONFIG_OPTION, OUTPUT_OPTION } from "./common_options.ts";

/** What the words after a command's name say. */
export interface Parsed {
  /** Values of the command's own options. */
  readonly values: Record<string, unknown>;
  /** How to print. */
  readonly format: Format;
  /** The positional words. */
  readonly words: readonly string[];
  /** The keys of the options that were given. */
  readonly given: ReadonlySet<string>;
  /** The configuration file, where one was named. */
  readonly config: string | undefined;
}

/**
 * Reads the words after the name of `command`.
 *
 * @throws {UsageError} where they make no sense
 */
export function parse(command: Command, argv: readonly string[]): Parsed {
  const values = initialValues(command);
  const given = new Set<string>();
  let format: Format = "human";
  let config: string | undefined;
  const parser = new Parser(command.name).exitOverride().helpOption(false).allowExcessArguments(false);
  parser.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const [key, spec] of Object.entries(command.options)) {
    parser.addOption(optionOf(spec, (read) => {
      given.add(key);
      values[key] = read(values[key]);
    }));
  }
  for (const { form, summary } of command.arguments) parser.addArgument(new Argument(form, summary));
  const output = new Option(OUTPUT_OPTION.flags, OUTPUT_OPTION.summary);
  parser.addOption(output.argParser((word) => format = formatOf(word, command)));
  if (command.configured) {
    const file = new Option(CONFIG_OPTION.flags, CONFIG_OPTION.summary);
    parser.addOption(file.argParser((word) => config = word));
  }
  try {
    parser.parse(respell(command, argv), { from: "user" });
  } catch (error) {
    throw usageError(error, command);
  }
  const flags: Record<string, unknown> = parser.opts();
  for (const [key, spec] of Object.entries(command.options)) {
    if (spec.read !== undefined) continue;
    values[key] = isGiven(spec, flags);
    if (values[key] === true) given.add(key);
  }
  return { values, format, words: parser.args, given, config };
}

function optionOf(spec: OptionSpec<unknown>, take: (read: (before: unknown) => unknown) => void): Option {
  const option = new Option(spec.flags, spec.summary);
  const { read } = spec;
  return read === undefined ? option : option.argParser((word) => take((before) => read(word, before)));
}

/** commander keeps `--no-x` as an `x` that is false. */
function isGiven({ flags, summary }: OptionSpec<unknown>, given: Record<string, unknown>): boolean {
  const option = new Option(flags, summary);
  return given[option.attributeName()] === !option.negate;
}

function formatOf(word: string, command: Command): Format {
  const format = FORMATS.find((known) => known === word);
  if (format !== undefined && (command.formats ?? FORMATS).includes(format)) return format;
  const known = command.formats ?? FORMATS;
  const message = `omnifs ${command.name} prints as ${known.join(", ")}, not as ${quote(word)}`;
  throw new UsageError(message + meant(word, known), helpOf(command));
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
