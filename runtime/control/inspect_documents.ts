/**
 * What `omnifs inspect` is told once a second: plain JSON documents. Every count is of the time since the document
 * before, unless it says otherwise.
 *
 * @module
 */
import type { BusEvent } from "../base/bus.ts";
import type { ErrorKind } from "../base/errors.ts";
import type { WatchesDocument } from "./change_documents.ts";
import type { CacheDocument, ProviderDocument } from "./protocol.ts";

/** Milliseconds from one document to the next. */
export const INSPECT_EVERY = 1_000;

/** Most operations, callouts and events that one document names; the others are counted alone. */
export const LATEST_TOLD = 50;

/** How durations were spread, in milliseconds; null where there was none. */
export interface SpreadDocument {
  /** Median. */
  readonly p50: number | null;
  /** Of a hundred, 99 took no longer. */
  readonly p99: number | null;
  /** The longest. */
  readonly max: number | null;
}

/** Something that a reader of the tree waited for. */
export interface OperationDocument {
  /** When it ended, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** `lookup`, `stat`, `list` or `read`. */
  readonly op: string;
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** How long the reader waited. */
  readonly milliseconds: number;
  /** Why it failed; null where it was answered. */
  readonly failure: ErrorKind | null;
}

/** A request to an upstream that has ended. */
export interface CalloutDocument {
  /** When it ended, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** Whose it was. */
  readonly mount: string;
  /** Such as `get`. */
  readonly method: string;
  /** Without secrets. */
  readonly url: string;
  /** The status, or the kind of failure. */
  readonly outcome: number | string;
  /** How long it took. */
  readonly milliseconds: number;
}

/** Requests to upstreams. */
export interface CalloutFigures {
  /** Those that have ended. */
  readonly count: number;
  /** Of those, how many came to no answer, or to a status of 400 and above. */
  readonly failures: number;
  /** By `2xx`, `3xx`, `4xx` and `5xx`, or by the kind of failure. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Bytes of bodies that were read. */
  readonly bytes: number;
  /** How long they took. */
  readonly latency: SpreadDocument;
  /** Those that are under way now. */
  readonly underway: number;
}

/** Operations that a reader waited for. */
export interface OperationFigures {
  /** Those that have ended. */
  readonly count: number;
  /** Of those, how many failed. */
  readonly failures: number;
  /** How long they took. */
  readonly latency: SpreadDocument;
}

/** One provider. */
export interface MountFigures {
  /** Its mount name. */
  readonly mount: string;
  /** As in the status. */
  readonly state: ProviderDocument["state"];
  /** What was waited for in it. */
  readonly operations: OperationFigures;
  /** What it asked of its upstream. */
  readonly callouts: CalloutFigures;
  /** Calls that wait for an instance of it now. */
  readonly waiting: number;
}

/** All that is shown, at one moment. */
export interface InspectDocument {
  /** The moment, in milliseconds since the Unix epoch. */
  readonly time: number;
  /** Length of the time that is counted; 0 in the first document, which counts nothing. */
  readonly seconds: number;
  /** Version of the daemon. */
  readonly version: string;
  /** Its process id. */
  readonly pid: number;
  /** The absolute mount point; null where the tree is served without the kernel. */
  readonly dir: string | null;
  /** How long the daemon runs. */
  readonly uptimeMilliseconds: number;
  /** Traffic with the kernel. */
  readonly kernel: { readonly messages: number; readonly notifications: number };
  /** What readers waited for; what the cache answered the kernel is none of it. */
  readonly operations: OperationFigures & { readonly latest: readonly OperationDocument[] };
  /** What was asked of upstreams. */
  readonly callouts: CalloutFigures & { readonly latest: readonly CalloutDocument[] };
  /** By mount name. */
  readonly mounts: readonly MountFigures[];
  /** The cache; its counts are since the start of the daemon. */
  readonly cache: CacheDocument;
  /** What the cache answered, and what it could not. */
  readonly answers: { readonly hits: number; readonly misses: number };
  /** What keeps the cache true. */
  readonly watches: WatchesDocument;
  /** What else happened, oldest first; in the first document, what happened before. */
  readonly events: readonly BusEvent[];
  /** Mounts whose drafts may be applied: those of `--allow-apply`. */
  readonly applies: readonly string[];
}

/** Somebody who looks: what happens is noted for them from now on. */
export interface Inspection {
  /** What happened since the last call. */
  take(): InspectDocument;
  /** They look no more; nothing is noted for them. */
  close(): void;
}
