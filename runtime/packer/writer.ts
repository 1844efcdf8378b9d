/**
 * Carries drafts out: one commit, then the generation that it makes.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { type Committer, TornCommit } from "./commit.ts";
import type { SeenDeclaration } from "./divergence.ts";
import type { Disk } from "./disk.ts";
import { type Draft, EMPTY_DRAFT, stepsOfDraft } from "./draft.ts";
import type { Facts } from "./facts.ts";
import type { Entry } from "./folder.ts";
import { type Place, sha256 } from "./look.ts";
import { type History, withCommit } from "./history.ts";
import { DECLARATION } from "./paths.ts";
import type { GenerationCause, Project } from "./project.ts";
import type { Readers } from "./readers.ts";
import type { CommitRecord } from "./record.ts";
import type { Registry } from "./registry.ts";
import type { Scout } from "./scout.ts";
import { assetFrom, assetWith, seenDeclaration, withEntries } from "./seeing.ts";
import { type Asset, markOfSnapshot, rootsOf, type Snapshot } from "./snapshot.ts";

/** What a writer needs. */
export interface WriterParts {
  /** What is changed. */
  readonly project: Project;
  /** Makes it durable. */
  readonly committer: Committer;
  /** Keeps what others still read. */
  readonly readers: Readers;
  /** Looks at what was written. */
  readonly disk: Disk;
  /** Walks what was not known before. */
  readonly scout: Scout;
  /** The absolute path of `assets/`. */
  readonly assets: string;
  /** The least `asset_id` that was never given out. */
  readonly nextId: () => number;
  /** The commits so far; the next one is put here. */
  readonly latest: { history: History };
  /** Called after each new generation. */
  readonly published: (next: Snapshot) => Promise<void>;
}

/** What to carry out. */
export interface Writing extends Omit<GenerationCause, "paths"> {
  /** What changes on disk. */
  readonly draft: Draft;
  /** The text that `index.json` has now. */
  readonly registryText: string;
  /** Roots (after it) whose files nobody has looked at yet. */
  readonly unknown: readonly string[];
}

/** A generation with what was seen while it was made. */
interface Made {
  readonly snapshot: Snapshot;
  readonly places: ReadonlyMap<string, SeenDeclaration | undefined>;
}

/** See the module. */
export class Writer {
  readonly #parts: WriterParts;

  /** Writes nothing yet. */
  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /**
   * Carries `writing` out; the generation that stands afterwards.
   *
   * @throws {OmnifsError} nothing was changed, and why
   */
  async write({ draft, registryText, unknown, ...cause }: Writing): Promise<number> {
    const { project, committer, readers, published } = this.#parts;
    const from = project.snapshot;
    if (stepsOfDraft(draft).length === 0) return from.generation;
    let made: Made | undefined;
    const { latest } = this.#parts;
    const commit = { correlation: cause.correlation, generation: from.generation + 1 };
    const history = withCommit(latest.history, commit);
    const request = {
      draft,
      correlation: cause.correlation,
      from: from.generation,
      registryText,
      history,
    };
    try {
      const nextId = Math.max(this.#parts.nextId(), draft.registry?.next_asset_id ?? 1);
      const record = await committer.run({ ...request, nextId }, {
        begins: (record) => readers.changing(record),
        completes: async (record) => {
          made = await this.#made(from, draft, record, unknown);
          return markOfSnapshot(made.snapshot);
        },
      });
      if (made === undefined) throw new OmnifsError("internal", "a commit has made no generation");
      latest.history = history;
      this.#publish(made, draft, cause);
      await readers.changed(record);
      await published(project.snapshot);
    } catch (error) {
      readers.restored();
      if (error instanceof TornCommit) {
        project.tore(error.torn);
        project.recheck(cause);
      }
      throw error;
    }
    return project.snapshot.generation;
  }

  /** Makes `registry`, which is on disk already, the one of the next generation. */
  async adopt(registry: Registry, cause: Omit<GenerationCause, "paths">): Promise<void> {
    const { project, published } = this.#parts;
    const { snapshot } = project;
    const draft: Draft = { ...EMPTY_DRAFT, registry };
    const known = new Set(rootsOf(snapshot.registry));
    const unknown = rootsOf(registry).filter((root) => !known.has(root));
    this.#publish(await this.#made(snapshot, draft, { to: snapshot.generation + 1 }, unknown), draft, cause);
    await published(project.snapshot);
  }

  #publish({ snapshot, places }: Made, draft: Draft, cause: Omit<GenerationCause, "paths">): void {
    const { project } = this.#parts;
    for (const { from } of draft.moves) project.places.delete(from);
    for (const [root, seen] of places) project.places.set(root, seen);
    // Whatever `index.json` held before, it holds the registry of this generation now.
    if (draft.registry !== undefined) project.sawRegistry(undefined);
    const paths = [
      ...draft.moves.flatMap(({ from, to }) => [from, to]),
      ...draft.removes.map(({ path }) => path),
      ...draft.writes.map(({ path }) => path),
    ];
    project.publish(snapshot, { ...cause, paths });
    project.recheck(cause);
  }

  /** The generation after `from`, from what is on disk by now. */
  async #made(
    from: Snapshot,
    draft: Draft,
    { to }: Pick<CommitRecord, "to">,
    unknown: readonly string[],
  ): Promise<Made> {
    const registry = draft.registry ?? from.registry;
    const places = new Map<string, SeenDeclaration | undefined>();
    for (const move of draft.moves) places.set(move.to, this.#parts.project.places.get(move.from));
    const changes = await this.#changes(draft, places);
    const surveyed = await this.#survey(unknown, registry, places);
    const assets = new Map<number, Asset>();
    for (const entry of registry.assets) {
      const before = from.assets.get(entry.asset_id);
      const place = surveyed.get(entry.root);
      const seen = places.get(entry.root) ?? this.#parts.project.places.get(entry.root);
      const known = changes.get(entry.asset_id);
      const folder = known === undefined ? before?.folder : withEntries(before?.folder, known);
      const asset = place === undefined
        ? assetWith(entry, seen, folder, before)
        : assetFrom(entry, place, before);
      assets.set(entry.asset_id, asset);
    }
    return { snapshot: { generation: to, registry, assets }, places };
  }

  /** The files that `draft` changed, by asset; remembers the declarations among them in `places`. */
  async #changes(
    { writes, removes }: Draft,
    places: Map<string, SeenDeclaration | undefined>,
  ): Promise<Map<number, (readonly [string, Entry | undefined])[]>> {
    const changes = new Map<number, (readonly [string, Entry | undefined])[]>();
    const add = (asset: number, path: string, entry: Entry | undefined) => {
      changes.set(asset, [...changes.get(asset) ?? [], [path, entry]]);
    };
    for (const { asset, file } of removes) add(asset, file, undefined);
    for (const { asset, file, path, bytes } of writes) {
      const digest = sha256(bytes);
      const facts = await this.#facts(path);
      const { size, mtime, ctime, ino } = facts;
      add(asset, file, { kind: "file", size, mtime, ctime, ino, digest });
      if (file !== DECLARATION) continue;
      const root = path.slice(0, -DECLARATION.length - 1);
      places.set(root, seenDeclaration(root, { text: new TextDecoder().decode(bytes), facts, digest }));
    }
    return changes;
  }

  async #facts(path: string): Promise<Facts> {
    const facts = await this.#parts.disk.look(`${this.#parts.assets}/${path}`);
    if (facts !== undefined) return facts;
    throw new OmnifsError("conflict", `${path} is gone already`, { op: "commit", path });
  }

  async #survey(
    roots: readonly string[],
    registry: Registry,
    places: Map<string, SeenDeclaration | undefined>,
  ): Promise<Map<string, Place>> {
    const found = new Map<string, Place>();
    for (const root of roots) {
      await this.#parts.scout.survey(root, rootsOf(registry), (batch) => {
        for (const place of batch) {
          found.set(place.root, place);
          places.set(place.root, seenDeclaration(place.root, place.declaration));
        }
      });
    }
    return found;
  }
}
