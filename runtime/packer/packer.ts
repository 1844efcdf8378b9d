/**
 * One project's operational runtime: reads from memory, one write lane, an eye on the disk.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import { asOmnifsError, OmnifsError } from "../base/errors.ts";
import type {
  BuildDocument,
  CommitDocument,
  Decision,
  DivergenceDocument,
  DoctorDocument,
  PackerAsk,
  PackerCalls,
  PackerCommand,
  PackerDesk,
  PackerStatus,
  PreviewDocument,
  ReconcileDocument,
} from "../base/packer.ts";
import { refuseAssets, refuseFolder } from "./build.ts";
import { ANSWERS } from "./answers.ts";
import { Builds } from "./builds.ts";
import { Committer } from "./commit.ts";
import { Digests } from "./digests.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { examine } from "./doctor.ts";
import { commandText, type Draft, stepsOfDraft } from "./draft.ts";
import { keepGeneration, type KeptGeneration } from "./generation.ts";
import { committedSince, type History, momentOf, newHistory } from "./history.ts";
import { causeOf, Intake } from "./intake.ts";
import { Lane } from "./lane.ts";
import { type Held, hold } from "./lock.ts";
import { assetsOf, keepRegistry, numberOf, readRegistryInto, survey } from "./opening.ts";
import { Planner } from "./planner.ts";
import { type Cause, divergenceDocument, Project } from "./project.ts";
import { type Reader, Readers } from "./readers.ts";
import { ensureControl, recover } from "./recovery.ts";
import { Reconciler } from "./reconcile.ts";
import type { Scout } from "./scout.ts";
import { ScoutThread } from "./scout_thread.ts";
import { markOfSnapshot } from "./snapshot.ts";
import { statusOf } from "./status.ts";
import { InTheWay } from "./steps.ts";
import { Writer } from "./writer.ts";

/** How a workspace is opened. */
export interface PackerOptions {
  /** The absolute path of the workspace: the directory that holds `assets/`. */
  readonly workspace: string;
  /** The project's name; the last part of the path where it is missing. */
  readonly project?: string;
  /** The bus of the application; the packer makes none of its own. */
  readonly bus: Bus;
  /** The time. */
  readonly clock: Clock;
  /** What others read of whoever holds the workspace, such as `omnifs mount`. */
  readonly program: string;
  /** Whether to notice changes on disk; true unless told. A single command does not need it. */
  readonly watch?: boolean;
  /** Milliseconds between two walks that find what no watch has told; {@linkcode PATROL} unless told. */
  readonly patrol?: number;
  /** The file system; the system's own unless told. */
  readonly disk?: Disk;
  /** Makes the thread that looks at `assets/` (absolute); unless told, a {@linkcode ScoutThread}. */
  readonly scout?: (assets: string) => Scout;
}

/** Milliseconds between two walks: one takes 1 s of a thread of its own for 100,000 files. */
const PATROL = 60_000;

/** The same where the system gives us no watch, so that walks are all there is. */
const PATROL_ALONE = 5_000;

/** A workspace that is held: the one door to it. */
export class Packer implements PackerDesk {
  /** What was built. */
  readonly builds: Builds;
  readonly #options: PackerOptions;
  readonly #assets: string;
  readonly #disk: Disk;
  readonly #held: Held;
  readonly #scout: Scout;
  readonly #project: Project;
  readonly #lane = new Lane();
  readonly #readers: Readers;
  readonly #writer: Writer;
  readonly #digests: Digests;
  readonly #intake: Intake;
  readonly #reconciler: Reconciler;
  readonly #latest: { history: History } = { history: newHistory() };
  #nextId = 1;
  #keptRegistry = "";
  #patrol: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(options: PackerOptions, assets: string, held: Held) {
    const { workspace, bus, clock } = options;
    const name = options.project ?? workspace.replace(/\/+$/, "").split("/").at(-1) ?? "project";
    this.#options = options;
    this.#assets = assets;
    this.#held = held;
    const disk = this.#disk = options.disk ?? systemDisk;
    const scout = this.#scout = options.scout?.(assets) ?? new ScoutThread(assets);
    const project = this.#project = new Project({ name, workspace, bus, clock });
    const shared = { project, disk, assets, scout, nextId: () => this.#nextId };
    const published = () => this.#published();
    const readers = this.#readers = new Readers(disk, assets, () => project.snapshot);
    const writer = this.#writer = new Writer({
      ...shared,
      committer: new Committer(disk, assets),
      readers,
      latest: this.#latest,
      published,
    });
    const intake = this.#intake = new Intake({ ...shared, lane: this.#lane, clock, published });
    this.#digests = new Digests(project, scout, (paths) => intake.note(paths));
    this.builds = new Builds(disk, assets);
    const reload = (kept: KeptGeneration, cause: Cause) => this.#reload(kept, cause);
    this.#reconciler = new Reconciler({ ...shared, writer, reload });
    scout.onDeath((why) =>
      project.die(`the thread that looks at the workspace has ended: ${why}`, causeOf(why))
    );
  }

  /**
   * Opens a workspace, ends what was under way in it, and answers from then on.
   *
   * @throws {OmnifsError} `invalid` where it is none, `busy` with the name of whoever holds it
   */
  static async open(options: PackerOptions): Promise<Packer> {
    const assets = await assetsOf(options.workspace);
    const disk = options.disk ?? systemDisk;
    await ensureControl(disk, assets);
    const held = await hold(assets, { pid: Deno.pid, program: options.program, since: options.clock.now() });
    const packer = new Packer(options, assets, held);
    try {
      await packer.#lane.run(() => packer.#begin());
    } catch (error) {
      await packer.close();
      throw asOmnifsError(error, "open");
    }
    return packer;
  }

  /** The project's name. */
  get name(): string {
    return this.#project.name;
  }

  /** The generation that reads are answered from. */
  get generation(): number {
    return this.#project.snapshot.generation;
  }

  /** A reader that stays in the generation in which it begins. Close it: it keeps replaced files alive. */
  reader(): Reader {
    return this.#readers.begin();
  }

  /** See {@linkcode PackerDesk.call}. */
  async call<Ask extends PackerAsk>(
    ask: Ask,
    request: PackerCalls[Ask]["request"],
  ): Promise<PackerCalls[Ask]["response"]> {
    return await ANSWERS[ask](this, request);
  }

  /** How it stands. */
  status(): PackerStatus {
    return statusOf(this.#project);
  }

  /** What waits for a decision. */
  divergences(): DivergenceDocument[] {
    return this.#project.divergences.map(divergenceDocument);
  }

  /** What a commit of `commands` would do. Runs beside commits, and changes nothing. */
  async preview(commands: readonly PackerCommand[]): Promise<PreviewDocument> {
    const { generation } = this.#project.snapshot;
    const draft = await this.#plan(commands);
    return { generation, steps: stepsOfDraft(draft), registered: draft.registered };
  }

  /**
   * Carries `commands` out as one commit, when its turn comes.
   *
   * @throws {OmnifsError} nothing was changed; `conflict` where the disk no longer holds what was expected
   */
  async commit(
    commands: readonly PackerCommand[],
    correlation: string = crypto.randomUUID(),
  ): Promise<CommitDocument> {
    const cause = { cause: commands.map(commandText).join(", ") || "no command", correlation };
    return await this.#lane.run(async () => {
      let draft: Draft | undefined;
      try {
        this.#refuseClosed();
        draft = await this.#plan(commands);
        const registryText = this.#project.snapshot.registry.text;
        const unknown = draft.registered.map(({ root }) => root);
        const generation = await this.#writer.write({ ...cause, by: "commit", draft, registryText, unknown });
        return { generation, steps: stepsOfDraft(draft), registered: draft.registered, correlation };
      } catch (error) {
        const reason = asOmnifsError(error, "commit");
        this.#project.refused(reason.kind, { cause: reason.message, correlation });
        // What stood in the way has not been seen yet; what was put back has other facts than before.
        const touched = [...draft?.writes ?? [], ...draft?.removes ?? []].map(({ origin }) => origin);
        this.#intake.note(reason instanceof InTheWay ? [...touched, reason.at] : touched);
        throw reason;
      }
    });
  }

  /** Now, as {@linkcode Packer.committed} takes it. */
  moment(): string {
    return momentOf(this.#latest.history, this.generation);
  }

  /**
   * Whether the commit `correlation` took place since `since`, once nothing is under way any more; null where nobody can
   * know.
   */
  async committed(correlation: string, since: string): Promise<boolean | null> {
    return await this.#lane.run(() => {
      this.#refuseClosed();
      const { torn } = this.#project;
      const isTorn = torn !== undefined && (torn.record?.correlation ?? correlation) === correlation;
      return Promise.resolve(isTorn ? null : committedSince(this.#latest.history, correlation, since));
    });
  }

  /** Carries decisions out, when their turn comes. @throws {OmnifsError} what could not be done */
  async reconcile(
    accept: readonly Decision[] | "all",
    correlation: string = crypto.randomUUID(),
  ): Promise<ReconcileDocument> {
    const cause = { cause: accept === "all" ? "everything was accepted" : "it was decided", correlation };
    const settled = await this.#lane.run(() => {
      this.#refuseClosed();
      return this.#reconciler.run(accept, cause);
    });
    return {
      generation: this.generation,
      correlation,
      settled: settled.map(({ divergence, choice }) => ({
        divergence: divergenceDocument(divergence),
        choice,
      })),
      left: this.divergences(),
    };
  }

  /** Looks for every inconsistency; with `deep` every file is read again. Changes nothing. */
  async doctor(deep = false): Promise<DoctorDocument> {
    const [project, scout, disk, assets] = [this.#project, this.#scout, this.#disk, this.#assets];
    return await examine({ project, scout, disk, assets }, deep);
  }

  /**
   * Packs what is included into the existing folder `to` (absolute). Runs beside commits, on the generation that it
   * begins with.
   *
   * @throws {OmnifsError} `conflict` where an included asset waits for a decision, or was changed while it was packed,
   * `unauthorized`, `invalid` or `unavailable` where something in one cannot be read
   */
  async build(to: string): Promise<BuildDocument> {
    await refuseFolder(this.#disk, this.#assets, to);
    using reader = this.reader();
    await refuseAssets(this.#project, this.#scout, reader.assets("included"));
    const built = await this.builds.make(reader, to);
    const { generation, archive } = built.manifest;
    this.#project.built(to, archive.sha256, causeOf(`generation ${generation} was built`));
    return built;
  }

  /** Walks the workspace, and takes in or tells of whatever differs; resolves once that is done. */
  async look(): Promise<void> {
    await this.#intake.walk();
  }

  /** Resolves once every file was read that could be, so that its digest is known. */
  async digested(): Promise<void> {
    this.#digests.kick();
    await this.#digests.settled();
  }

  /** Lets go of the workspace, after what is in line. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.builds.close();
    await this.#intake.close();
    await this.#digests.close();
    await this.#patrol;
    await this.#lane.idle();
    await this.#readers.settled();
    this.#scout.close();
    await this.#held.release();
    this.#project.closed(causeOf("it was asked to end"));
  }

  async #begin(): Promise<void> {
    const project = this.#project;
    const recovery = await recover(this.#disk, this.#assets);
    project.recovery = recovery;
    project.tore(recovery.torn);
    await this.builds.begin();
    if (this.#options.watch !== false) await this.#watch();
    const found = await survey(
      project,
      this.#scout,
      await readRegistryInto(project, this.#disk, this.#assets),
    );
    this.#nextId = recovery.kept.next ?? 1;
    this.#latest.history = recovery.kept.history;
    project.begin({ ...found, generation: numberOf(found, recovery.kept) });
    await this.#published();
    await this.#keep();
    project.opened(causeOf(recovery.detail));
  }

  /** Begins to notice changes. Where the system does not let us watch, walking has to do. */
  async #watch(): Promise<void> {
    const project = this.#project;
    let pause = this.#options.patrol ?? PATROL;
    try {
      await this.#scout.watch((changes) => this.#intake.changed(changes));
      project.noticing = "watch";
    } catch {
      project.noticing = "walk";
      pause = this.#options.patrol ?? PATROL_ALONE;
    }
    this.#patrol = this.#intake.patrol(pause);
  }

  /** Looks at everything anew, as a generation of its own. */
  async #reload({ generation, history }: KeptGeneration, cause: Cause): Promise<void> {
    this.#latest.history = history;
    const project = this.#project;
    const found = await survey(
      project,
      this.#scout,
      await readRegistryInto(project, this.#disk, this.#assets),
    );
    const number = Math.max(generation, this.generation + 1);
    project.publish({ ...found, generation: number }, { ...cause, by: "reconcile", paths: [] });
    await this.#published();
    project.recheck(cause);
  }

  /** What has to be done for each new generation, which is the snapshot by now. */
  async #published(): Promise<void> {
    const { snapshot } = this.#project;
    const { registry } = snapshot;
    this.#nextId = Math.max(this.#nextId, registry.next_asset_id);
    // A single command reads no bytes that it was not asked for.
    if (this.#options.watch !== false) this.#digests.kick();
    await this.#keep();
    if (registry.text === this.#keptRegistry || this.#project.seenRegistry !== undefined) return;
    await keepRegistry(this.#disk, this.#assets, registry).catch(() => {});
    this.#keptRegistry = registry.text;
  }

  /** Not synced but in a commit: after a power cut a number may be used again that was told to nobody since. */
  async #keep(): Promise<void> {
    const { snapshot } = this.#project;
    const kept = { generation: snapshot.generation, mark: markOfSnapshot(snapshot), next: this.#nextId };
    await keepGeneration(this.#disk, this.#assets, { ...kept, ...this.#latest }).catch(() => {});
  }

  async #plan(commands: readonly PackerCommand[]): Promise<Draft> {
    const { snapshot } = this.#project;
    const planner = new Planner({
      disk: this.#disk,
      assets: this.#assets,
      snapshot,
      blocked: (asset) => this.#project.blocked(asset),
      nextId: this.#nextId,
    });
    for (const command of commands) await planner.add(command);
    return await planner.draft();
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) {
      throw new OmnifsError("unavailable", "the workspace was let go of", { op: "commit" });
    }
  }
}
