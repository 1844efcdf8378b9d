/**
 * How each omnifs that runs was started, for `omnifs restart`: kept until it ends cleanly, so that one that was killed
 * can be started once more just as well.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { withFileLock } from "../base/file_lock.ts";
import { type Environment, type FoundDaemon, stateDir } from "../control/places.ts";
import type { MountDocument } from "../control/protocol.ts";

/** How an omnifs was started. */
export interface Launch {
  /** The absolute mount point. */
  readonly dir: string;
  /** The words after `omnifs mount`, with what was granted on the terminal as flags. No secret is among them. */
  readonly words: readonly string[];
  /** Where relative paths in them begin. */
  readonly cwd: string;
  /** The unit of systemd that started it, which alone can start it again; nobody's where it is missing. */
  readonly unit?: string;
  /** Further directories that it was mounted on since. */
  readonly joined: readonly MountDocument[];
}

/** Words that say how to start, and not what. */
const MANNER: ReadonlySet<string> = new Set(["-f", "--foreground", "--replace", "--no-prompt"]);

/** `words` without those that say how to start, and not what. */
export function lasting(words: readonly string[]): string[] {
  return words.filter((word) => !MANNER.has(word));
}

/** Keeps `launch` under the name of its daemon, whole or not at all, and for this user only. */
export async function writeLaunch(environment: Environment, name: string, launch: Launch): Promise<void> {
  const dir = launchDir(environment);
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const next = await Deno.makeTempFile({ dir: stateDir(environment), prefix: ".launch-" });
  await Deno.writeTextFile(next, JSON.stringify(launch) + "\n");
  await Deno.rename(next, pathOf(environment, name));
}

/**
 * How the daemon called `name` was started; undefined where that is not known.
 *
 * @throws {OmnifsError} `denied` where somebody else could have written it
 */
export async function readLaunch(environment: Environment, name: string): Promise<Launch | undefined> {
  const path = pathOf(environment, name);
  try {
    const { uid, mode } = await Deno.lstat(path);
    if (uid !== Deno.uid() || ((mode ?? 0) & 0o077) !== 0) {
      throw new OmnifsError("denied", "it is not this user's alone, so it does not count", {
        path,
        mend: `rm ${path}`,
      });
    }
    const launch: unknown = JSON.parse(await Deno.readTextFile(path));
    if (isLaunch(launch)) return launch;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new OmnifsError("invalid", "it does not say how omnifs was started", { path, mend: `rm ${path}` });
}

/** Notes that the daemon called `name` is mounted on `joined`, too, or on `left` no more; nothing where it is not known. */
export async function noteJoined(
  environment: Environment,
  name: string,
  change: { readonly joined: MountDocument } | { readonly left: string },
): Promise<void> {
  await Deno.mkdir(launchDir(environment), { recursive: true, mode: 0o700 });
  // Two commands may have mounted two directories at once.
  await withFileLock(`${stateDir(environment)}/launches.lock`, async () => {
    const launch = await readLaunch(environment, name);
    if (launch === undefined) return;
    const dir = "joined" in change ? change.joined.dir : change.left;
    const others = launch.joined.filter((each) => each.dir !== dir);
    const joined = "joined" in change && dir !== launch.dir ? [...others, change.joined] : others;
    await writeLaunch(environment, name, { ...launch, joined });
  });
}

/** The further directories of `launch` on which `daemon` is mounted still. */
export function stillJoined({ joined }: Launch, daemon: FoundDaemon): readonly MountDocument[] {
  return joined.filter(({ dir }) => daemon.dirs.includes(dir));
}

/** Forgets how the daemon called `name` was started. */
export async function forgetLaunch(environment: Environment, name: string): Promise<void> {
  await Deno.remove(pathOf(environment, name)).catch(() => {});
}

function launchDir(environment: Environment): string {
  return `${stateDir(environment)}/launches`;
}

function pathOf(environment: Environment, name: string): string {
  return `${launchDir(environment)}/${name}.json`;
}

function isLaunch(value: unknown): value is Launch {
  if (typeof value !== "object" || value === null) return false;
  const launch: { dir?: unknown; words?: unknown; cwd?: unknown; joined?: unknown; unit?: unknown } = value;
  const { unit } = launch;
  return (unit === undefined || typeof unit === "string") && typeof launch.dir === "string" &&
    typeof launch.cwd === "string" && areWords(launch.words) &&
    Array.isArray(launch.joined) && launch.joined.every(isMount);
}

function isMount(value: unknown): value is MountDocument {
  if (typeof value !== "object" || value === null) return false;
  const { dir, shows }: { dir?: unknown; shows?: unknown } = value;
  return typeof dir === "string" && (shows === null || areWords(shows));
}

function areWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}
