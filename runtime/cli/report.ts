/**
 * How a failure looks to the person who runs a command: what, why, and what to run next.
 *
 * @module
 */
import { asOmnifsError, type ErrorKind } from "../base/errors.ts";
import { NoDaemonError } from "../control/client.ts";
import { errorDocument } from "../control/protocol.ts";
import { EXIT, type ExitCode, type Format, UsageError } from "./command.ts";
import { asTyped } from "./self.ts";
import { type Output, printable } from "./output.ts";

const CODES: Partial<Record<ErrorKind, ExitCode>> = {
  conflict: EXIT.conflict,
  interrupted: EXIT.interrupted,
};

/** How a command exits that ended in `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof NoDaemonError) return EXIT.noDaemon;
  return CODES[asOmnifsError(error).kind] ?? EXIT.failed;
}

/** Prints `error`, on one to three lines, or as one JSON document. */
export function report(err: Output, format: Format, error: unknown): void {
  const document = errorDocument(error);
  if (format !== "human") return err.line(JSON.stringify({ error: document }));
  const where = document.path === undefined || document.message.includes(document.path)
    ? ""
    : `${document.path}: `;
  err.line(`${err.styled("red", "omnifs:")} ${printable(where + document.message)}`);
  if (document.mend) err.line(`  try: ${asTyped(printable(document.mend))}`);
}

/** True where the reader of our output went away. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe;
}
