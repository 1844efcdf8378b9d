/**
 * What one project's runtime knows at this moment, and the one place where that changes: the snapshot that is read,
 * what was seen on disk, what waits for a decision. Every change is told on the bus in the order in which it happened.
 *
 * @module
 */
import { type Bus, TOLD_PATHS } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import type { DivergenceDocument, PackerState, PackerStatus, RecoveryDocument } from "../base/packer.ts";
import {
  type Divergence,
  divergencesOf,
  type Seen,
  type SeenDeclaration,
  type SeenRegistry,
} from "./divergence.ts";
import type { Skipped } from "./look.ts";
import type { Torn } from "./recovery.ts";
import { Unread, unreadText } from "./unread.ts";
import { assetAt, differing, NO_SNAPSHOT, type Snapshot } from "./snapshot.ts";

/** A divergence under the id that it keeps for as long as it lasts. */
export interface NumberedDivergence extends Divergence {
  /** Counts up from 1. */
  readonly id: number;
}

/** Why something changes, and what all of its events share. */
export interface Cause {
  /** One sentence. */
  readonly cause: string;
  /** See `PackerEvent`. */
  readonly correlation: string;
}

/** What made a new generation. */
export interface GenerationCause extends Cause {
  /** What kind of change it was. */
  readonly by: "commit" | "intake" | "reconcile";
  /** The files that differ, relative to `assets/`. */
  readonly paths: readonly string[];
}

/** What a project is made with. */
export interface ProjectParts {
  /** Its name. */
  readonly name: string;
  /** The absolute path of the workspace. */
  readonly workspace: string;
  /** The bus of the application: handed in, never made here. */
  readonly bus: Bus;
  /** The time. */
  readonly clock: Clock;
}

/** See the module. */
export class Project {
  /** Its name. */
  readonly name: string;
  /** The absolute path of the workspace. */
  readonly workspace: string;
  /** Every directory with an `asset.json`, and every registered one that is there, by root. */
  readonly places = new Map<string, SeenDeclaration | undefined>();
  /** What of the registered assets cannot be read. */
  readonly unread = new Unread();
  /** What the start found. */
  recovery: RecoveryDocument = { outcome: "none", detail: "not opened yet" };
  /** How changes on disk are noticed. */
  noticing: PackerStatus["noticing"] = "nothing";

  readonly #bus: Bus;
  readonly #clock: Clock;
  #changed: number;
  #snapshot: Snapshot = NO_SNAPSHOT;
  #registry: SeenRegistry | undefined;
  #torn: Torn | undefined;
  #divergences: readonly NumberedDivergence[] = [];
  #latestId = 0;
  #state: PackerState = "clean";
  #flags = { stale: false, reconciling: false };
  #dead: string | undefined;

  /** A project of which nothing is known yet. */
  constructor({ name, workspace, bus, clock }: ProjectParts) {
    this.#clock = clock;
    this.#changed = clock.now();
    this.name = name;
    this.workspace = workspace;
    this.#bus = bus;
  }

  /** The generation that reads are answered from. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** How the snapshot stands to the disk. */
  get state(): PackerState {
    return this.#state;
  }

  /** When anything last changed, in milliseconds since the Unix epoch. */
  get changed(): number {
    return this.#changed;
  }

  /** What waits for a decision, in order of path. */
  get divergences(): readonly NumberedDivergence[] {
    return this.#divergences;
  }

  /** The commit that nobody can finish without a decision. */
  get torn(): Torn | undefined {
    return this.#torn;
  }

  /** `index.json` as it was seen last, where it is not that of the snapshot. */
  get seenRegistry(): SeenRegistry | undefined {
    return this.#registry;
  }

  /** The first generation. Told by {@linkcode opened}. */
  begin(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  /** Tells that the project is open, and what needs a decision from the start. */
  opened(cause: Cause): void {
    const { assets } = this.#snapshot;
    let files = 0;
    for (const { folder } of assets.values()) files += folder?.files ?? 0;
    this.#bus.publish("packer.opened", {
      ...this.#about(cause),
      assets: assets.size,
      files,
      recovery: this.recovery.outcome,
    });
    this.recheck(cause);
  }

  /** Makes `next` what everybody reads from now on. */
  publish(next: Snapshot, { by, paths, ...cause }: GenerationCause): void {
    const before = this.#snapshot;
    this.#snapshot = next;
    this.#bus.publish("packer.generation", {
      ...this.#about(cause),
      by,
      assets: differing(before, next),
      paths: paths.slice(0, TOLD_PATHS),
    });
  }

  /** Takes facts of the same bytes in, or digests: nobody can tell the difference, so it is no new generation. */
  refresh(next: Omit<Snapshot, "generation">): void {
    this.#snapshot = { ...next, generation: this.#snapshot.generation };
  }

  /** Remembers how `index.json` was seen; undefined for that of the snapshot. */
  sawRegistry(registry: SeenRegistry | undefined): void {
    this.#registry = registry;
  }

  /** Remembers a commit that needs a decision; undefined once it had one. */
  tore(torn: Torn | undefined): void {
    this.#torn = torn;
  }

  /** Holds what was seen against the snapshot, and tells what is new and what is settled. */
  recheck(cause: Cause): void {
    const seen: Seen = { registry: this.#registry, places: this.places, torn: this.#torn };
    const before = new Map(this.#divergences.map((each) => [keyOf(each), each]));
    this.#divergences = divergencesOf(this.#snapshot, seen).map((each) => {
      const known = before.get(keyOf(each));
      return { ...each, id: known?.id ?? ++this.#latestId };
    });
    const now = new Set(this.#divergences.map(keyOf));
    for (const [key, gone] of before) if (!now.has(key)) this.#tell("packer.settled", gone, cause);
    for (const each of this.#divergences) {
      if (!before.has(keyOf(each))) this.#tell("packer.diverged", each, cause);
    }
    this.#settle(cause);
  }

  /** Says whether an edit was seen that is not taken in yet. */
  setStale(stale: boolean, cause: Cause): void {
    this.#flags.stale = stale;
    this.#settle(cause);
  }

  /** Says whether a decision is being carried out. */
  setReconciling(reconciling: boolean, cause: Cause): void {
    this.#flags.reconciling = reconciling;
    this.#settle(cause);
  }

  /** The disk can be looked at no more. */
  die(why: string, cause: Cause): void {
    this.#dead = why;
    this.#settle(cause);
  }

  /** Tells that a commit was not carried out. */
  refused(kind: string, cause: Cause): void {
    this.#bus.publish("packer.refused", { ...this.#about(cause), kind });
  }

  /** Tells of a build. */
  built(folder: string, sha256: string, cause: Cause): void {
    this.#bus.publish("packer.built", { ...this.#about(cause), folder, sha256 });
  }

  /** Tells that the workspace is no longer held. */
  closed(cause: Cause): void {
    this.#bus.publish("packer.closed", this.#about(cause));
  }

  /** Why the asset (undefined: the registry) may not be changed now; undefined where it may. */
  blocked(asset: number | undefined): string | undefined {
    if (this.#dead !== undefined) return this.#dead;
    const inTheWay = this.#divergences.find((each) =>
      each.kind === "commit-torn" ||
      (asset === undefined ? each.kind.startsWith("registry-") : each.asset === asset)
    );
    return inTheWay === undefined ? undefined : `${inTheWay.path}: ${inTheWay.detail}`;
  }

  /** One sentence on how it stands. */
  get detail(): string {
    if (this.#dead !== undefined) return this.#dead;
    const [first, ...others] = this.#divergences;
    if (first === undefined) return unreadText(this.#unread()) ?? this.#ordinary();
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    return `${first.path}: ${first.detail}${more}`;
  }

  #ordinary(): string {
    return this.#state === "clean" ? this.recovery.detail : DETAILS[this.#state];
  }

  /** What cannot be read of assets that are registered still. */
  #unread(): Skipped[] {
    return this.unread.below((root) => assetAt(this.#snapshot, root) !== undefined);
  }

  #settle(cause: Cause): void {
    const from = this.#state;
    this.#state = this.#derived();
    if (this.#state !== from) {
      this.#bus.publish("packer.state", { ...this.#about(cause), from, state: this.#state });
    }
  }

  #derived(): PackerState {
    if (this.#dead !== undefined) return "failed";
    if (this.#flags.reconciling) return "reconciling";
    if (this.#torn !== undefined) return "failed";
    if (this.#divergences.length > 0) return "diverged";
    return this.#flags.stale || this.#unread().length > 0 ? "stale" : "clean";
  }

  #tell(
    type: "packer.diverged" | "packer.settled",
    { id, kind, path, detail }: NumberedDivergence,
    cause: Cause,
  ): void {
    const told = type === "packer.diverged" ? { ...cause, cause: detail } : cause;
    this.#bus.publish(type, { ...this.#about(told), id, kind, path });
  }

  /** What every event carries; whatever is told has changed something. */
  #about({ cause, correlation }: Cause) {
    this.#changed = this.#clock.now();
    return { project: this.name, generation: this.#snapshot.generation, correlation, cause };
  }
}

const DETAILS: Readonly<Record<PackerState, string>> = {
  clean: "",
  stale: "an edit is being taken in",
  diverged: "",
  reconciling: "decisions are being carried out",
  failed: "",
};

function keyOf({ kind, path, other, uuid, detail }: Divergence): string {
  return JSON.stringify([kind, path, other, uuid, detail]);
}

/** A divergence as others see it. */
export function divergenceDocument(divergence: NumberedDivergence): DivergenceDocument {
  const { id, kind, path, line, asset, detail, choices, preferred } = divergence;
  return {
    id,
    kind,
    path,
    ...(line === undefined ? {} : { line }),
    ...(asset === undefined ? {} : { asset }),
    detail,
    choices,
    ...(preferred === undefined ? {} : { preferred }),
  };
}
