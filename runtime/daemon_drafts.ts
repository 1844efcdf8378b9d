/**
 * The drafts of a daemon: where they are kept, whom they change, and what its control socket tells of them.
 *
 * @module
 */
import type { Bus } from "./base/bus.ts";
import type { Cancel, Clock } from "./base/clock.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import { segments } from "./base/path.ts";
import type {
  ApplyAsked,
  ApplyDocument,
  AttemptDocument,
  DraftBackend,
  DraftDocument,
  DraftTarget,
  FileDiffDocument,
  LeftDocument,
  ProgressDocument,
  RebasedDocument,
} from "./control/drafts.ts";
import type { DaemonOptions } from "./control/options.ts";
import { nameOfDir } from "./control/places.ts";
import type { DraftsDocument } from "./control/protocol.ts";
import { Audit } from "./daemon_audit.ts";
import type { LoadedProviders } from "./daemon_providers.ts";
import {
  type Draft,
  Drafts,
  DraftStore,
  leftOut,
  type LiveTree,
  type RebaseResult,
  scratchOf,
} from "./drafts/mod.ts";
import type { Invalidation } from "./provider/mod.ts";

/** What drafts need of the daemon. */
export interface DraftParts {
  /** The time. */
  readonly clock: Clock;
  /** Where what went wrong is noted. */
  readonly log: Log;
  /** Where events go. */
  readonly bus: Bus;
  /** The providers. */
  readonly providers: LoadedProviders;
  /** The live tree. */
  readonly live: LiveTree;
  /** What tells the leader of a terminal session from every other process; undefined where it has ended. */
  readonly leaderOf: (session: number) => string | undefined;
  /** Takes what an apply changed. */
  readonly changed: (mount: string, invalidations: readonly Invalidation[], cause: string) => void;
}

/** Milliseconds between two looks at which terminal sessions have ended. */
export const SWEEP_EVERY = 60_000;

/** The drafts of a daemon, and what is done beside them. */
export interface OpenDrafts {
  /** The drafts. */
  readonly drafts: Drafts;
  /** Ends all of it. */
  close(): Promise<void>;
}

/**
 * The drafts of the mount point of `options`; undefined for a daemon that keeps none.
 *
 * @throws {OmnifsError} `unavailable` where their folder cannot be used
 */
export async function openDrafts(options: DaemonOptions, parts: DraftParts): Promise<OpenDrafts | undefined> {
  const { dir, draftDir, allowApply } = options;
  if (dir === null || draftDir === null) return undefined;
  const { clock, log, bus, providers } = parts;
  const folder = `${draftDir}/${await nameOfDir(dir)}`;
  const store = await DraftStore.open(folder, clock, log);
  const audit = new Audit({ path: `${folder}/audit.log`, clock, bus, log });
  const mutations = new Map(providers.ready.map(({ provider }) => [provider.mount, provider.mutations]));
  const drafts = new Drafts({
    ...parts,
    store,
    witness: (work) => audit.begin(work),
    unique: () => crypto.randomUUID(),
    mutations: (mount) => mutations.get(mount),
    granted: (mount) => allowApply.includes(mount),
  });
  await drafts.sessions.sweep(true);
  const end = sweepOften(drafts.sessions, clock, log);
  return {
    drafts,
    async close() {
      end();
      await drafts.close();
      await audit.close();
    },
  };
}

/** Looks every {@linkcode SWEEP_EVERY} which sessions have ended, until it is told to stop. */
export function sweepOften(sessions: { sweep(): Promise<void> }, clock: Clock, log: Log): Cancel {
  let ended = false;
  let cancel: Cancel = () => {};
  const look = async () => {
    await sessions.sweep().catch((error) =>
      log.error(`the drafts of sessions that have ended stay: ${messageOf(error)}`)
    );
    if (!ended) cancel = clock.after(SWEEP_EVERY, look);
  };
  cancel = clock.after(SWEEP_EVERY, look);
  return () => {
    ended = true;
    cancel();
  };
}

/** See {@linkcode DraftBackend}. */
export class DaemonDrafts implements DraftBackend {
  readonly #drafts: () => Drafts | undefined;

  /** What is told of `drafts`, which may not be there. */
  constructor(drafts: () => Drafts | undefined) {
    this.#drafts = drafts;
  }

  /** See {@linkcode DraftBackend}. */
  all(): readonly DraftDocument[] {
    return this.#drafts()?.all().map(documentOf) ?? [];
  }

  /** See {@linkcode DraftBackend}. */
  async create(name: string): Promise<DraftDocument> {
    return documentOf(await this.#there().create(name));
  }

  /** See {@linkcode DraftBackend}. */
  show(target: DraftTarget): DraftDocument {
    return documentOf(this.#get(target));
  }

  /** See {@linkcode DraftBackend}. */
  async stage(
    target: DraftTarget,
    path: string,
    content: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<DraftDocument> {
    const drafts = this.#there();
    const { mount, below } = placeOf(path);
    // Before a session's draft is made for nothing.
    drafts.authorize(mount);
    const draft = "session" in target ? await drafts.sessions.of(target.session) : drafts.get(target.name);
    if (content === undefined) await drafts.paths.remove(draft, mount, below, signal);
    else await drafts.paths.write(draft, mount, below, content, signal);
    return documentOf(draft);
  }

  /** See {@linkcode DraftBackend}. */
  async unstage(target: DraftTarget, path: string): Promise<DraftDocument> {
    const draft = this.#get(target);
    const { mount, below } = placeOf(path);
    if (draft.mount !== mount) {
      throw new OmnifsError("not-found", `the draft ${draft.name} holds nothing of ${mount}`, { path });
    }
    await this.#there().paths.unstage(draft, below);
    return documentOf(draft);
  }

  /** See {@linkcode DraftBackend}. */
  diff(target: DraftTarget): readonly FileDiffDocument[] {
    return this.#there().diff(this.#get(target));
  }

  /** See {@linkcode DraftBackend}. */
  async apply(
    { target, mode, ...asker }: ApplyAsked,
    told: (step: ProgressDocument) => void,
  ): Promise<ApplyDocument> {
    const draft = this.#get(target);
    const left = leftOut(draft).map((below) => `/${draft.mount}${below}`);
    const outcome = await this.#there().apply(draft, mode, { ...asker, told });
    if (outcome.outcome === "planned" || outcome.outcome === "applied") return { ...outcome, leftOut: left };
    if (!("refusals" in outcome)) return outcome;
    const refusals = outcome.refusals.map((each) => ({ ...each, path: `/${draft.mount}${each.path}` }));
    return { ...outcome, refusals };
  }

  /** See {@linkcode DraftBackend}. */
  interrupt(target: DraftTarget, by: string): void {
    this.#there().interrupt(this.#get(target), by);
  }

  /** See {@linkcode DraftBackend}. */
  async rebase(target: DraftTarget, signal: AbortSignal): Promise<readonly RebasedDocument[]> {
    const draft = this.#get(target);
    const results = await this.#there().paths.rebase(draft, signal);
    return results.map(({ path: below, result }) => {
      const path = `/${draft.mount}${below}`;
      return { path, result, ...(LEFT.has(result) ? { mend: unstageLine(path, draft) } : {}) };
    });
  }

  /** See {@linkcode DraftBackend}. */
  async discard(target: DraftTarget, force: boolean): Promise<LeftDocument> {
    return await this.#there().discard(this.#get(target), force);
  }

  #there(): Drafts {
    const drafts = this.#drafts();
    if (drafts !== undefined) return drafts;
    throw new OmnifsError("unsupported", "this omnifs keeps no drafts", { mend: "omnifs mount DIR" });
  }

  #get(target: DraftTarget): Draft {
    const drafts = this.#there();
    if ("name" in target) return drafts.get(target.name);
    const draft = drafts.sessions.peek(target.session);
    if (draft !== undefined) return draft;
    throw new OmnifsError("not-found", "this terminal session has no draft", {
      mend: "omnifs draft write PATH < FILE, or name one: omnifs draft ls",
    });
  }
}

/** Results of a rebase that leave a change as it was. */
const LEFT: ReadonlySet<RebaseResult> = new Set<RebaseResult>(["gone", "taken"]);

function unstageLine(path: string, { name }: Draft): string {
  return `omnifs draft unstage ${path} ${name}`;
}

/** `path` from the root of the tree as a mount, and what lies below it with a leading slash. */
function placeOf(path: string): { mount: string; below: string } {
  const [mount, ...rest] = segments(path);
  if (mount === undefined) throw new OmnifsError("invalid", "the whole tree is no file", { path });
  return { mount, below: rest.map((name) => `/${name}`).join("") };
}

function documentOf(draft: Draft): DraftDocument {
  const { name, mount, state, session, created, touched, revision, changes } = draft;
  const shown = (below: string) => `/${mount ?? ""}${below}`;
  return {
    name,
    mount: mount ?? null,
    state,
    session: session?.id ?? null,
    created,
    touched,
    revision,
    changes: changes.map(({ staged }) => ({
      path: shown(staged.kind === "create" ? staged.path : staged.live.path),
      change: staged.kind,
      bytes: staged.kind === "remove" ? 0 : staged.content.length,
    })),
    scratch: scratchOf(draft).map(({ path }) => shown(path)),
    leftOut: leftOut(draft).map(shown),
    attempt: attemptOf(draft),
  };
}

/** `drafts` as the status tells them. */
export function countedDrafts(drafts: readonly DraftDocument[]): DraftsDocument {
  return {
    drafts: drafts.length,
    changes: drafts.reduce((sum, { changes }) => sum + changes.length, 0),
    partial: drafts.flatMap(({ name, state }) => state === "partial" ? [name] : []),
  };
}

function attemptOf({ attempt }: Draft): AttemptDocument | null {
  if (attempt === undefined) return null;
  return {
    by: attempt.by,
    reason: attempt.reason ?? null,
    steps: attempt.steps.map(({ summary }, index) => ({
      summary,
      standing: attempt.standing[index]?.tag ?? "waiting",
    })),
  };
}
