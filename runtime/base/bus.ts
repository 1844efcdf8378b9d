/**
 * The typed event bus. The application makes one at bootstrap and hands it to whoever publishes or listens;
 * nobody below makes one of their own.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { DivergenceKind, PackerState, RecoveryDocument } from "./packer.ts";

/** Every event that omnifs publishes, by its type. */
export interface OmnifsEvents {
  /** The tree is mounted and answers. */
  "mount.ready": { readonly dir: string; readonly milliseconds: number };
  /** The mount is gone. */
  "mount.gone": { readonly dir: string; readonly cause: string };
  /** A provider answers under its mount name. */
  "provider.ready": { readonly mount: string; readonly version: string };
  /** A provider's instance was dropped, with the reason. */
  "provider.poisoned": { readonly mount: string; readonly reason: string };
  /** A request went upstream and came back. */
  "callout.done": {
    readonly mount: string;
    readonly method: string;
    readonly url: string;
    /** The status, or the kind of failure. */
    readonly outcome: number | string;
    readonly milliseconds: number;
  };
  /** The gate refused a request; `flag` would have allowed it. */
  "callout.denied": { readonly mount: string; readonly target: string; readonly flag: string };
  /** A request that was to change the upstream went out, or was refused by the gate. */
  "mutation.sent": {
    readonly mount: string;
    readonly method: string;
    readonly url: string;
    /** The status, or the kind of failure. */
    readonly outcome: number | string;
  };
  /** A draft was made. */
  "draft.created": { readonly draft: string };
  /** Something was staged in it. */
  "draft.staged": { readonly draft: string; readonly path: string };
  /** Somebody works on it: `apply`, `plan`, `resume`, `rollback` or `recover`. */
  "draft.applying": {
    readonly draft: string;
    readonly mount: string;
    readonly mode: string;
    readonly by: string;
  };
  /** One of its steps is performed (`perform`), or taken back (`undo`). */
  "draft.step": {
    readonly draft: string;
    readonly mount: string;
    readonly what: string;
    readonly step: string;
    /** Which step it is, counted from 1, and how many there are. */
    readonly number: number;
    readonly of: number;
  };
  /** An apply came to an end, or the draft was discarded. */
  "draft.ended": { readonly draft: string; readonly outcome: string };
  /** The cache keeps something under a watch, and its sources (`webhook`, `subscribe`, `poll`) run. */
  "watch.started": { readonly mount: string; readonly watch: string; readonly sources: readonly string[] };
  /** The cache keeps nothing under a watch any more, and its sources have ended. */
  "watch.stopped": { readonly mount: string; readonly watch: string };
  /** No source tells of a watch any more: what it guarded is dropped, and nothing under it is kept. */
  "watch.lost": { readonly mount: string; readonly watch: string; readonly cause: string };
  /** A source tells of a lost watch again. */
  "watch.regained": { readonly mount: string; readonly watch: string };
  /** An upstream said that something changed; `watch` is the one that was polled. */
  "event.received": {
    readonly mount: string;
    /** `webhook`, `stream` or `poll`. */
    readonly source: string;
    /** How many things are no longer true. */
    readonly invalidations: number;
    readonly watch?: string;
  };
  /** The kernel has taken in what an upstream said: `milliseconds` after the word of it was here. */
  "event.applied": {
    readonly mount: string;
    /** `webhook`, `stream`, `poll`, or `loss` where a watch was lost. */
    readonly source: string;
    /** How many notifications the kernel got. */
    readonly notifications: number;
    readonly milliseconds: number;
  };
  /** Something came to the webhook receiver, and was worked off, or not taken. */
  "webhook.delivery": {
    readonly mount: string;
    /** What happened, in the upstream's word. */
    readonly event: string;
    readonly id: string;
    /** `applied`, `failed`, or why it was not taken. */
    readonly verdict: string;
  };
  /** Part of the cache was dropped on somebody's word. */
  "cache.invalidated": { readonly mount: string; readonly what: string; readonly cause: string };
  /** A workspace is open and its reads are answered. */
  "packer.opened": PackerEvent & {
    readonly assets: number;
    readonly files: number;
    readonly recovery: RecoveryDocument["outcome"];
    readonly cause: string;
  };
  /** How the snapshot stands to the disk has changed. */
  "packer.state": PackerEvent & {
    readonly from: PackerState;
    readonly state: PackerState;
    readonly cause: string;
  };
  /** A new generation is what everybody reads from now on. */
  "packer.generation": PackerEvent & {
    /** What made it: a command, an edit on disk, a decision. */
    readonly by: "commit" | "intake" | "reconcile";
    readonly cause: string;
    /** The `asset_id`s that differ from the generation before. */
    readonly assets: readonly number[];
    /** The files that differ, relative to `assets/`; at most {@linkcode TOLD_PATHS}. */
    readonly paths: readonly string[];
  };
  /** Something on disk needs a decision. */
  "packer.diverged": PackerEvent & {
    readonly id: number;
    readonly kind: DivergenceKind;
    readonly path: string;
    readonly cause: string;
  };
  /** A divergence is no more: decided, or mended by hand. */
  "packer.settled": PackerEvent & {
    readonly id: number;
    readonly kind: DivergenceKind;
    readonly path: string;
    readonly cause: string;
  };
  /** A commit was not carried out; the generation is what it was. */
  "packer.refused": PackerEvent & { readonly kind: string; readonly cause: string };
  /** A build was written. */
  "packer.built": PackerEvent & { readonly folder: string; readonly sha256: string; readonly cause: string };
  /** The workspace is no longer held. */
  "packer.closed": PackerEvent & { readonly cause: string };
}

/** What every event of the packer carries beside its cause. */
export interface PackerEvent {
  /** The project's name. */
  readonly project: string;
  /** The generation that stands when the event is told. */
  readonly generation: number;
  /** The same for all that one command, one edit or one decision brought about. */
  readonly correlation: string;
}

/** How many paths a `packer.generation` names at most. */
export const TOLD_PATHS = 100;

/** One event as listeners get it. */
export interface BusEvent<Type extends keyof OmnifsEvents = keyof OmnifsEvents> {
  /** Counts up by one from 1, in causal order. */
  readonly sequence: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Its type. */
  readonly type: Type;
  /** What happened. */
  readonly data: OmnifsEvents[Type];
}

/** Gets every event after it subscribed, in order, synchronously. */
export type Listener = (event: BusEvent) => void;

/** How many of the latest events {@linkcode Bus.since} can tell. */
export const KEPT_EVENTS = 1_000;

/** Hands each published event to every listener, and keeps the latest {@linkcode KEPT_EVENTS}. */
export class Bus {
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  readonly #kept: BusEvent[] = [];
  #sequence = 0;

  /** An empty bus that stamps events by `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Publishes one event. A listener that throws does not keep it from the others. */
  publish<Type extends keyof OmnifsEvents>(type: Type, data: OmnifsEvents[Type]): void {
    const event: BusEvent<Type> = { sequence: ++this.#sequence, time: this.#clock.now(), type, data };
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => reportError(error));
      }
    }
  }

  /** Calls `listener` for every event from now on, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The kept events after `sequence`, oldest first. */
  since(sequence: number): BusEvent[] {
    return this.#kept.filter((event) => event.sequence > sequence);
  }
}
