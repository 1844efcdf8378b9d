/**
 * Takes in what happened on disk: an edit of a registered asset becomes a new generation by itself, everything else
 * is remembered as seen and needs a decision. Work is in proportion to what happened.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { folderFrom } from "./columns.ts";
import type { Disk } from "./disk.ts";
import { sameBytes } from "./facts.ts";
import type { Entry } from "./folder.ts";
import { Gathering, type Onlooker } from "./gathering.ts";
import type { Lane } from "./lane.ts";
import type { Place } from "./look.ts";
import { below, CONTROL, DECLARATION, INDEX, within } from "./paths.ts";
import type { Cause, Project } from "./project.ts";
import type { Changes, Scout } from "./scout.ts";
import { changedPaths, readIndex, sameDeclaration, seenDeclaration } from "./seeing.ts";
import { assetAt, rootsOf, type Snapshot } from "./snapshot.ts";
import { sorted } from "./sorting.ts";

/** Milliseconds that a file has to be left alone before its bytes are taken: programs write in pieces. */
const QUIET = 40;

/** Paths that are looked at one by one; where there are more, walking over where they are is cheaper. */
const FEW = 2_000;

/** What an intake needs. */
export interface IntakeParts {
  /** What is changed. */
  readonly project: Project;
  /** Where its turn is waited for. */
  readonly lane: Lane;
  /** Looks at the disk. */
  readonly scout: Scout;
  /** Reads the registry. */
  readonly disk: Disk;
  /** The absolute path of `assets/`. */
  readonly assets: string;
  /** The time. */
  readonly clock: Clock;
  /** Called after each new generation, which is the snapshot by then. */
  readonly published: () => Promise<void>;
}

/** See the module. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #pending = new Set<string>();
  readonly #timers = new AbortController();
  #queued = false;
  #walking: Promise<void> | undefined;
  /** Files that differ and are being written, with the cause under which that was told. */
  readonly #young = new Map<string, Cause>();

  /** Takes nothing in yet. */
  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Something happened: absolute paths, as the watch tells them. */
  changed({ paths, lost }: Changes): void {
    const { assets } = this.#parts;
    const inside = paths.filter((path) => within(assets, path)).map((path) => below(assets, path));
    this.note(inside.filter((path) => path === INDEX || !path.startsWith(`${CONTROL}/`)));
    if (lost) this.#walk();
  }

  /** Something happened at these paths, which are relative to `assets/`. */
  note(paths: Iterable<string>): void {
    for (const path of paths) this.#pending.add(path);
    if (this.#queued || this.#pending.size === 0 || this.#timers.signal.aborted) return;
    this.#queued = true;
    this.#parts.lane.run(() => this.#takeIn()).catch((error) => {
      const why = `what happened on disk could not be taken in: ${messageOf(error)}`;
      this.#parts.project.die(why, causeOf(why));
    });
  }

  /** Walks the workspace and takes in whatever differs; resolves once that is done. */
  async walk(): Promise<void> {
    await this.#walk();
    await this.#parts.lane.idle();
  }

  /** Walks now and then, until it is closed. */
  async patrol(milliseconds: number): Promise<void> {
    while (!this.#timers.signal.aborted) {
      await sleep(this.#parts.clock, milliseconds, this.#timers.signal).then(() => this.#walk(), () => {});
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#timers.abort();
    await this.#walking;
    await this.#parts.lane.idle();
  }

  #walk(): Promise<void> {
    // Where the thread has ended, whoever holds it says so.
    this.#walking ??= this.#suspects().then((paths) => this.note(paths), () => {})
      .finally(() => this.#walking = undefined);
    return this.#walking;
  }

  /** Where the disk differs from the snapshot. Nothing is taken in by this: in the lane it is looked at again. */
  async #suspects(): Promise<string[]> {
    const { project, scout } = this.#parts;
    const { snapshot } = project;
    const suspects = [INDEX];
    const found = new Set<string>();
    await scout.survey("", rootsOf(snapshot.registry), (places) => {
      for (const place of places) {
        found.add(place.root);
        suspects.push(...this.#differences(snapshot, place));
      }
    });
    for (const root of project.places.keys()) if (!found.has(root)) suspects.push(root);
    return suspects;
  }

  #differences(snapshot: Snapshot, { root, declaration, columns }: Place): string[] {
    const { places, unread } = this.#parts.project;
    if (!places.has(root)) return [root];
    const isSame = sameDeclaration(places.get(root), seenDeclaration(root, declaration));
    const suspects = isSame ? [] : [`${root}/${DECLARATION}`];
    const folder = assetAt(snapshot, root)?.folder;
    if (columns === undefined) return suspects;
    suspects.push(...unread.differing(root, columns.unread));
    const changed = [...changedPaths(folder, folderFrom(columns, folder))];
    return [...suspects, ...changed.map((path) => path === "" ? root : `${root}/${path}`)];
  }

  async #takeIn(): Promise<void> {
    this.#queued = false;
    const { project } = this.#parts;
    const paths = this.#pending.size > FEW ? outermost(this.#pending) : [...this.#pending];
    this.#pending.clear();
    const young = paths.flatMap((path) => this.#young.get(path) ?? []);
    for (const path of paths) this.#young.delete(path);
    const isRegistered = (root: string) => assetAt(project.snapshot, root) !== undefined;
    const what = sorted(paths, isRegistered, (root) => project.places.has(root));
    if (what.all) this.#walk();
    const more = paths.length > 1 ? ` (and ${paths.length - 1} more)` : "";
    const cause = young[0] ?? causeOf(`${paths[0]} changed on disk${more}`);
    const gathering = new Gathering(project, this.#parts.scout, this.#onlooker(cause));
    await gathering.look(what);
    await this.#publish(gathering, cause);
    if (what.registry) project.sawRegistry(await seenRegistry(this.#parts.disk, this.#parts.assets, project));
    if (gathering.structure || what.registry) project.recheck(cause);
    project.setStale(this.#young.size > 0, cause);
  }

  #onlooker(cause: Cause): Onlooker {
    const { project, clock } = this.#parts;
    return {
      stale: () => project.setStale(true, cause),
      wait: (path, before) => this.#quietIn(path, before, cause),
      later: (path, milliseconds, isStale) => {
        if (isStale) this.#young.set(path, cause);
        sleep(clock, milliseconds, this.#timers.signal).then(() => this.note([path]), () => {});
      },
    };
  }

  /** Milliseconds until a file that differs and was written a moment ago may be taken as it is. */
  async #quietIn(path: string, before: Entry | undefined, cause: Cause): Promise<number> {
    const { disk, assets, clock, project } = this.#parts;
    const facts = await disk.look(`${assets}/${path}`).catch(() => undefined);
    // A rename or a link changes neither size nor time: nobody is writing.
    if (facts?.kind !== "file" || (before?.kind === "file" && sameBytes(facts, before))) return 0;
    project.setStale(true, cause);
    const age = clock.now() - facts.mtime;
    if (age < 0 || age >= QUIET) return 0;
    return Math.ceil(QUIET - age);
  }

  async #publish({ edited, refreshed, paths }: Gathering, cause: Cause): Promise<void> {
    const { project, published } = this.#parts;
    if (edited.size + refreshed.size === 0) return;
    const { snapshot } = project;
    const next = { ...snapshot, assets: new Map([...snapshot.assets, ...refreshed, ...edited]) };
    if (edited.size === 0) return project.refresh(next);
    project.publish({ ...next, generation: snapshot.generation + 1 }, { ...cause, by: "intake", paths });
    await published();
  }
}

/** The first parts of `paths`: what happened to thousands of files is found by walking where they are. */
function outermost(paths: Iterable<string>): string[] {
  const tops = new Set<string>();
  for (const path of paths) tops.add(within(CONTROL, path) ? path : path.split("/", 1)[0] ?? path);
  return [...tops];
}

/** How `index.json` stands to the registry of the snapshot; undefined where it is the same. */
async function seenRegistry(
  disk: Disk,
  assets: string,
  project: Project,
): Promise<Project["seenRegistry"]> {
  const { registry } = project.snapshot;
  const index = await readIndex(disk, assets);
  if (index.is === "missing") return registry.text === "" ? undefined : index;
  if (index.is === "invalid") return index;
  return index.registry.text === registry.text ? undefined : { is: "edited", registry: index.registry };
}

/** A cause with a correlation of its own. */
export function causeOf(cause: string): Cause {
  return { cause, correlation: crypto.randomUUID() };
}
