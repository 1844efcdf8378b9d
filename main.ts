/**
 * omnifs: services as files. This file is the way in: the words of the command line, to a command, to the code
 * with which the process ends.
 *
 * @module
 */
import { run } from "./runtime/cli/run.ts";

if (import.meta.main) {
  const exit = (code: number) => Deno.exit(code);
  exit(await run(Deno.args, { exit }));
}
