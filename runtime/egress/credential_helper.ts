/**
 * Credential helpers: any command that prints a token, and Docker's credential helpers, which half the
 * programs that hold tokens speak (https://github.com/docker/docker-credential-helpers).
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { type ProgramHost, runProgram } from "./program.ts";

/** What Docker's helpers print for a server that they do not know (`credentials/error.go`), with exit code 1. */
const DOCKER_UNKNOWN = "credentials not found in native keychain";

/**
 * What `command` answers for `target`: the first line that it prints, or, for `docker-credential-NAME`, the secret
 * that it has for `https://TARGET`. Undefined where it says that it has none.
 *
 * @throws {OmnifsError} `unavailable` where it fails; the message names the program and nothing that it printed
 */
export async function askHelper(
  host: ProgramHost,
  command: string,
  target: string,
): Promise<string | undefined> {
  if (/^(\S*\/)?docker-credential-[\w-]+$/.test(command)) return await askDocker(host, command, target);
  const printed = await runProgram(host, "/bin/sh", ["-c", command]);
  // Exit code 127 is the shell's for a program that is not there (POSIX.1, 2.8.2).
  if (printed === undefined || printed.code !== 0) throw failed(programOf(command), printed?.code ?? 127);
  return printed.text.split("\n", 1)[0]?.trim() || undefined;
}

async function askDocker(host: ProgramHost, program: string, target: string): Promise<string | undefined> {
  const printed = await runProgram(host, program, ["get"], `https://${target}\n`);
  if (printed === undefined) throw failed(program, 127);
  if (printed.code !== 0 && printed.text.includes(DOCKER_UNKNOWN)) return undefined;
  if (printed.code !== 0) throw failed(program, printed.code);
  return secretOf(printed.text, program);
}

/** `Secret` of `{"ServerURL":…,"Username":…,"Secret":…}`. */
function secretOf(text: string, program: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // The parser's message would quote the text.
  }
  if (typeof answer === "object" && answer !== null && "Secret" in answer) {
    if (typeof answer.Secret === "string") return answer.Secret || undefined;
  }
  throw new OmnifsError("unavailable", `${program} printed no {"Username", "Secret"}`);
}

/** The first word alone: the others may hold what should not be shown. */
function programOf(command: string): string {
  return /^\s*(\S+)/.exec(command)?.[1] ?? "";
}

function failed(program: string, code: number): OmnifsError {
  const how = code === 127 ? "is not there" : `ended with code ${code}`;
  return new OmnifsError("unavailable", `the credential helper ${program} ${how}`, {
    mend: "run it yourself to see why",
  });
}
