/**
 * What processes of omnifs left behind that were killed: sockets, records, and files that were being written.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { withFileLock } from "../base/file_lock.ts";
import {
  cacheDir,
  type Environment,
  isAlive,
  isListening,
  recordPathOf,
  runtimeDir,
  stateDir,
} from "../control/places.ts";

/** Milliseconds after which a file that is written in an instant, or a component that is transpiled, was given up. */
const GIVEN_UP = 10 * 60_000;

/** A name that holds the id of the process that it belongs to. */
type Owner = (name: string) => number | undefined;

/** One kind of leftover. */
interface Kind {
  /** The folder. */
  readonly dir: string;
  /** What they are called there. */
  readonly names: RegExp;
  /** True where nobody needs `path` any more. */
  readonly isOver: (path: string, name: string) => Promise<boolean>;
}

/**
 * Removes what nobody needs any more. What belongs to a process that runs, or may, stays; what cannot be removed stays
 * too, and is no reason to fail.
 *
 * @returns the paths that are gone
 */
export async function sweep(environment: Environment, clock: Clock): Promise<string[]> {
  const removed = await sweepSockets(await runtimeDir(environment));
  for (const kind of await kinds(environment, clock)) {
    for (const name of await namesIn(kind.dir)) {
      const path = `${kind.dir}/${name}`;
      if (!kind.names.test(name) || !await kind.isOver(path, name).catch(() => false)) continue;
      await Deno.remove(path, { recursive: true }).then(() => void removed.push(path), () => {});
    }
  }
  return removed;
}

async function kinds(environment: Environment, clock: Clock): Promise<readonly Kind[]> {
  const runtime = await runtimeDir(environment);
  const temporary = environment("TMPDIR") || "/tmp";
  const old = (path: string) => isOld(path, clock);
  return [
    // A command that waited for its daemon.
    { dir: runtime, names: /^start-\d+$/, isOver: (_, name) => isDead(name, last) },
    { dir: runtime, names: /\.json\.new$/, isOver: old },
    { dir: stateDir(environment), names: /^\.(grants|doctor|launch)-/, isOver: old },
    { dir: cacheDir(environment), names: /^\.doctor-/, isOver: old },
    { dir: `${cacheDir(environment)}/components`, names: /\.tmp$/, isOver: old },
    {
      dir: temporary,
      names: /^omnifs-(demo|provider)-\d+-/,
      isOver: async (path, name) => await isMine(path) && await old(path) && await isDead(name, middle),
    },
  ];
}

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) names.push(name);
  } catch {
    // Nothing was left where there is no folder.
  }
  return names;
}

async function isOld(path: string, clock: Clock): Promise<boolean> {
  const { mtime } = await Deno.lstat(path);
  return mtime !== null && clock.now() - mtime.getTime() > GIVEN_UP;
}

async function isMine(path: string): Promise<boolean> {
  return (await Deno.lstat(path)).uid === Deno.uid();
}

async function isDead(name: string, owner: Owner): Promise<boolean> {
  const pid = owner(name);
  return pid !== undefined && !await isAlive(pid);
}

/** `start-12` */
const last: Owner = (name) => numberIn(/-(\d+)$/.exec(name)?.[1]);

/** `omnifs-demo-12-x7f` */
const middle: Owner = (name) => numberIn(/-(\d+)-[^-]*$/.exec(name)?.[1]);

function numberIn(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** Removes control sockets without a record that nobody listens at; one with a record is `findDaemons`' to judge. */
async function sweepSockets(dir: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await namesIn(dir)) {
    const path = `${dir}/${name}`;
    if (!name.endsWith(".sock") || await isListening(path) || await exists(recordPathOf(path))) continue;
    // Whoever binds it holds this lock meanwhile.
    await withFileLock(`${path}.lock`, async () => {
      if (!await isListening(path)) await Deno.remove(path).then(() => void removed.push(path), () => {});
    });
  }
  return removed;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
