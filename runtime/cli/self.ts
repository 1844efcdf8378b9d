/**
 * How this very omnifs was started, to start it once more or to tell how to.
 *
 * @module
 */
import { COMMAND_NAMES } from "./registry.ts";

/** A program and the words that come before those of omnifs. */
export interface SelfCommand {
  /** An absolute path. */
  readonly program: string;
  /** Words such as `run -A main.ts`; none for the compiled executable. */
  readonly words: readonly string[];
}

/**
 * The command that started this process, with the same permissions: from `/proc/self/cmdline`, without the
 * words that omnifs itself got.
 */
export async function selfCommand(): Promise<SelfCommand> {
  const program = Deno.execPath();
  if (Deno.build.standalone) return { program, words: [] };
  const line = (await Deno.readTextFile("/proc/self/cmdline")).split("\0").slice(1, -1);
  const own = line.slice(0, line.length - Deno.args.length);
  return { program, words: own.length > 0 ? own : ["run", "-A", "--no-prompt", Deno.mainModule] };
}

/** What a person types in place of `omnifs`. */
export function invocation(): string {
  if (Deno.build.standalone) return "omnifs";
  // npx unpacks Deno into a node_modules of its own; then there is probably no other deno to run.
  const npx = Deno.execPath().includes("/node_modules/");
  return npx ? `npx -y deno@${Deno.version.deno} task omnifs` : "deno task omnifs";
}

const MENTION = new RegExp(
  `\\bomnifs (?=(?:${COMMAND_NAMES.map((name) => name.split(" ")[0]).join("|")})\\b)`,
  "g",
);

/** `text` with every `omnifs COMMAND` in it as it has to be typed here. */
export function asTyped(text: string): string {
  return text.replace(MENTION, `${invocation()} `);
}
