/**
 * How questions to a scout are answered, whatever thread that happens in.
 *
 * @module
 */
import { ancestors } from "./paths.ts";
import {
  columnsOf,
  declarationAt,
  type Digested,
  digesting,
  kindAt,
  type LookDisk,
  type Place,
  places,
  troubleOf,
} from "./look.ts";
import type { Changes, Found, RootFound } from "./scout.ts";

/** Files that a batch of places holds before it is handed on. */
const BATCH = 2_000;

/** Everything at and below `from`, in batches. */
export function* surveyed(
  disk: LookDisk,
  assets: string,
  from: string,
  registered: readonly string[],
): Generator<readonly Place[]> {
  const roots = new Set(registered);
  const onTheWay = new Set(registered.flatMap(ancestors));
  const all = places(disk, assets, from, (path) => roots.has(path), (path) => onTheWay.has(path));
  let batch: Place[] = [];
  let files = 0;
  for (const place of all) {
    batch.push(place);
    files += 1 + (place.columns?.paths.length ?? 0);
    if (files < BATCH) continue;
    yield batch;
    [batch, files] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** What lies at `path`, which is relative to `assets`. A large file stops after each piece. */
export function* finding(disk: LookDisk, assets: string, path: string): Generator<void, Found> {
  const whole = `${assets}/${path}`;
  const kind = kindAt(disk, whole);
  if (kind === "folder") return { kind, columns: columnsOf(disk, whole) };
  return { kind: "file", file: yield* digesting(disk, whole) };
}

/** The directory `root`, which is relative to `assets`, and its declaration. */
export function rootFound(disk: LookDisk, assets: string, root: string): RootFound {
  const folder = `${assets}/${root}`;
  try {
    const isFolder = disk.look(folder)?.kind === "folder";
    return { isFolder, declaration: isFolder ? declarationAt(disk, folder) : undefined };
  } catch (error) {
    // What nobody lets us look at is not gone.
    return { isFolder: true, declaration: { trouble: troubleOf(error) } };
  }
}

/** Runs `steps` to the end; `pause` is called after each piece of a large file. */
export async function paced<Value>(
  steps: Generator<void, Value>,
  pause: () => Promise<void>,
): Promise<Value> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

/** The digests of `paths`, which are relative to `assets`. */
export async function digestsOf(
  disk: LookDisk,
  assets: string,
  paths: readonly string[],
  pause: () => Promise<void>,
): Promise<Digested[]> {
  const found: Digested[] = [];
  for (const path of paths) found.push(await paced(digesting(disk, `${assets}/${path}`), pause));
  return found;
}

/** The events of `watcher`; one whose path Deno cannot say, because it is not UTF-8, comes without paths. */
async function* eventsOf(watcher: AsyncIterable<Deno.FsEvent>): AsyncGenerator<Deno.FsEvent> {
  const events = watcher[Symbol.asyncIterator]();
  for (;;) {
    const next = await events.next().catch((error): IteratorYieldResult<Deno.FsEvent> => {
      if (!(error instanceof TypeError && error.message.includes("UTF-8"))) throw error;
      return { done: false, value: { kind: "any", paths: [] } };
    });
    if (next.done) return;
    yield next.value;
  }
}

/** Milliseconds for which the events of a watch are collected before they are told. */
const COLLECT = 20;

/**
 * Tells `listener` what `watcher` sees: in one go what comes within {@linkcode COLLECT} ms. Reading a file is no change.
 */
export async function follow(
  watcher: AsyncIterable<Deno.FsEvent>,
  wait: (milliseconds: number) => Promise<void>,
  listener: (changes: Changes) => void,
): Promise<void> {
  const paths = new Set<string>();
  let lost = false;
  let waiting = false;
  for await (const { kind, paths: touched, flag } of eventsOf(watcher)) {
    if (kind === "access") continue;
    for (const path of touched) paths.add(path);
    lost ||= flag === "rescan" || touched.length === 0;
    if (waiting) continue;
    waiting = true;
    wait(COLLECT).then(() => {
      waiting = false;
      const changes = { paths: [...paths], lost };
      paths.clear();
      lost = false;
      listener(changes);
    });
  }
}
