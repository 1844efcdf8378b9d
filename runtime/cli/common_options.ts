/**
 * The options that commands have beside their own.
 *
 * @module
 */
import { type Command, FORMATS, type Values } from "./command.ts";

/** An option whose word the command line itself reads. */
export interface CommonOption {
  /** As commander writes it. */
  readonly flags: string;
  /** One line. */
  readonly summary: string;
  /** What its word may be. */
  readonly values?: Values;
}

/** How to print. */
export const OUTPUT_OPTION: CommonOption = {
  flags: "--output <format>",
  summary: "how to print: human, json or jsonl",
};

/** Which configuration file. */
export const CONFIG_OPTION: CommonOption = {
  flags: "--config <file>",
  summary: "the configuration file, in place of $XDG_CONFIG_HOME/omnifs/config.toml; /dev/null for none",
  values: "file",
};

const HELP_OPTION: CommonOption = { flags: "-h, --help", summary: "how the command is used" };

/** Those that `command` has. */
export function commonOptions(command: Command): readonly CommonOption[] {
  const { formats = FORMATS, configured = false } = command;
  const output: CommonOption = {
    flags: OUTPUT_OPTION.flags,
    summary: `how to print: ${formats.join(", ").replace(/, (\w+)$/, " or $1")}`,
    values: formats,
  };
  return [
    ...(configured ? [CONFIG_OPTION] : []),
    ...(formats.length > 1 ? [output] : []),
    HELP_OPTION,
  ];
}
