/**
 * Which running omnifs a command means.
 *
 * @module
 */
import { ControlClient, NoDaemonError } from "../control/client.ts";
import { findDaemons, type FoundDaemon } from "../control/places.ts";
import type { SettingOrigin } from "../control/options.ts";
import { type Context, UsageError } from "./command.ts";
import { printable } from "./output.ts";

/** `path` from the root of the system, without `.` and `..`; symbolic links stay. A relative one begins at `base`. */
export function absolute(path: string, base?: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${base ?? Deno.cwd()}/${path}`).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** The path in the tree of mounts on `dirs` that `word` means: one inside a mount point, or one from the root. */
export function locateIn(dirs: readonly string[], word: string): string {
  const dir = dirs.find((each) => within(each, word));
  return dir === undefined ? rooted(word) : absolute(word).slice(dir.length) || "/";
}

/** True where `word` lies in the mount point `dir`. */
export function within(dir: string, word: string): boolean {
  return `${absolute(word)}/`.startsWith(`${dir}/`);
}

/** `word` from the root of the tree. */
export function rooted(word: string): string {
  return word.startsWith("/") ? word : `/${word}`;
}

/** What the configuration says, one line a setting. */
export function originLines(origins: readonly SettingOrigin[]): string[] {
  return origins.map(({ key, from }) => `${key} is from ${printable(from)}`);
}

/** What a person calls `daemon`. */
export function titleOf(daemon: FoundDaemon): string {
  return daemon.dir ?? daemon.name;
}

/** True where `daemon` is mounted on the absolute path `dir`, or (having no mount) is called `word`. */
export function serves(daemon: FoundDaemon, dir: string, word: string): boolean {
  return daemon.dirs.includes(dir) || (daemon.dir === null && daemon.name === word);
}

/**
 * The daemon that serves `which`, a mount point or a name; where it is undefined, the only one there is.
 *
 * @throws {NoDaemonError} where there is none
 * @throws {UsageError} where there is more than one to choose from
 */
export async function pickDaemon(context: Context, which: string | undefined): Promise<FoundDaemon> {
  const daemons = await findDaemons(context.environment);
  if (which !== undefined) {
    const dir = absolute(which);
    const found = daemons.find((daemon) => serves(daemon, dir, which));
    if (found === undefined) throw new NoDaemonError(which, alternatives(daemons));
    return found;
  }
  const [first, second] = daemons;
  if (first === undefined) throw new NoDaemonError(undefined);
  if (second !== undefined) {
    throw new UsageError(
      "more than one omnifs runs",
      `--mount ${daemons.map(titleOf).join(", or --mount ")}`,
    );
  }
  return first;
}

/** A client of {@linkcode pickDaemon}. */
export async function connect(context: Context, which: string | undefined): Promise<ControlClient> {
  return new ControlClient((await pickDaemon(context, which)).socketPath);
}

function alternatives(daemons: readonly FoundDaemon[]): string {
  if (daemons.length === 0) return "omnifs mount DIR, or omnifs demo";
  return `omnifs status (running: ${daemons.map(titleOf).join(", ")})`;
}
