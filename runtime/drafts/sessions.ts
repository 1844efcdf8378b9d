/**
 * The drafts of terminal sessions: one each, made by the first write, and gone with its session unless it holds
 * something.
 *
 * @module
 */
import type { Draft } from "./draft.ts";
import type { Session } from "./life.ts";
import type { DraftStore } from "./store.ts";

/** What the drafts of sessions stand on. */
export interface SessionParts {
  /** Where drafts are kept. */
  readonly store: DraftStore;
  /** What tells the leader of a session from every other process; undefined where it has ended. */
  readonly leaderOf: (session: number) => string | undefined;
  /** Makes a draft. */
  readonly create: (name: string, session: Session) => Promise<Draft>;
  /** Gives a draft up. */
  readonly discard: (draft: Draft) => Promise<unknown>;
}

/** Finds the draft of a session. A session lives as long as its leader does. */
export class SessionDrafts {
  readonly #parts: SessionParts;
  /** Drafts that are being made: the writes of one session come side by side. */
  readonly #making = new Map<number, Promise<Draft>>();

  /** Over the drafts of `parts`. */
  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** The draft of the session `id`, where it has one. */
  peek(id: number): Draft | undefined {
    return this.#parts.store.all().find(({ session }) => session?.id === id && this.#lives(session));
  }

  /** The draft of the session `id`, which is made where there is none. */
  async of(id: number): Promise<Draft> {
    const known = this.peek(id) ?? this.#making.get(id);
    if (known !== undefined) return await known;
    const making = this.#make(id);
    this.#making.set(id, making);
    try {
      return await making;
    } finally {
      this.#making.delete(id);
    }
  }

  /**
   * Looks which sessions have ended: an empty draft goes, and another one is kept as a draft like any other. At the start
   * of the process `first`, when nobody can tell any more who had no leader.
   */
  async sweep(first = false): Promise<void> {
    for (const draft of this.#parts.store.all()) {
      const { session, state, overlay } = draft;
      if (session === undefined) continue;
      if (this.#lives(session) && !(first && session.leader === undefined)) continue;
      if (overlay.size === 0 && state === "open") await this.#parts.discard(draft);
      else await draft.keep();
    }
  }

  #make(id: number): Promise<Draft> {
    const { store, create, leaderOf } = this.#parts;
    let name = `session-${id}`;
    // An earlier session of that id left something.
    for (let next = 2; store.peek(name) !== undefined; next++) name = `session-${id}-${next}`;
    return create(name, { id, leader: leaderOf(id) });
  }

  #lives({ id, leader }: Session): boolean {
    return leader === undefined || this.#parts.leaderOf(id) === leader;
  }
}
