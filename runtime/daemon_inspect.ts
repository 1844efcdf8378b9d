/**
 * What happens in a daemon, noted for somebody who looks: figures of the time between two looks, by mount, and the
 * latest of each kind. What is kept is bounded whatever happens, and nothing is kept once they look away.
 *
 * @module
 */
import type { Bus, BusEvent, OmnifsEvents } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { Durations } from "./base/durations.ts";
import type { ErrorKind } from "./base/errors.ts";
import {
  type CalloutDocument,
  type CalloutFigures,
  type InspectDocument,
  type Inspection,
  LATEST_TOLD,
  type MountFigures,
  type OperationDocument,
  type OperationFigures,
  type SpreadDocument,
} from "./control/inspect_documents.ts";
import type { StatusDocument } from "./control/protocol.ts";
import type { Operations } from "./vfs/operations.ts";

/** What there is to look at. */
export interface InspectParts {
  /** What happens. */
  readonly bus: Bus;
  /** The time. */
  readonly clock: Clock;
  /** What readers wait for. */
  readonly operations: Operations;
  /** The state of everything. */
  readonly status: () => StatusDocument;
  /** Bytes that a mount has read from its upstream since the start. */
  readonly bytesOf: (mount: string) => number;
  /** What a mount waits for now; undefined for one that is not ready. */
  readonly countsOf: (mount: string) => { readonly underway: number; readonly waiting: number } | undefined;
}

/** How often something happened, how long it took, and how it ended. */
class Tally {
  readonly #durations = new Durations();
  readonly #endings = new Map<string, number>();
  #failures = 0;

  add(milliseconds: number, ending: string, failed: boolean): void {
    this.#durations.add(milliseconds);
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
    if (failed) this.#failures++;
  }

  operations(): OperationFigures {
    return { count: this.#durations.count, failures: this.#failures, latency: this.#spread() };
  }

  callouts(bytes: number, underway: number): CalloutFigures {
    return { ...this.operations(), statuses: Object.fromEntries(this.#endings), bytes, underway };
  }

  #spread(): SpreadDocument {
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => this.#durations.quantile(share) ?? null);
    return { p50: p50 ?? null, p99: p99 ?? null, max: max ?? null };
  }
}

/** The latest {@linkcode LATEST_TOLD}, oldest first. */
class Latest<Item> {
  #items: Item[] = [];

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > LATEST_TOLD) this.#items.shift();
  }

  take(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}

/** What only grows, as it stood at the last look. */
interface Before {
  readonly monotonic: number;
  readonly status: StatusDocument;
  readonly bytes: ReadonlyMap<string, number>;
}

/** See {@linkcode Inspection}. */
export class DaemonInspection implements Inspection {
  readonly #parts: InspectParts;
  readonly #ends: readonly (() => void)[];
  readonly #latest = {
    operations: new Latest<OperationDocument>(),
    callouts: new Latest<CalloutDocument>(),
    events: new Latest<BusEvent>(),
  };
  #operations = new Map<string, Tally>();
  #callouts = new Map<string, Tally>();
  #before: Before | undefined;

  /** Begins to look. */
  constructor(parts: InspectParts) {
    this.#parts = parts;
    for (const event of parts.bus.since(0)) this.#latestOf(event);
    this.#ends = [
      parts.bus.subscribe((event) => this.#hear(event)),
      parts.operations.watch((operation) => this.#waited(operation)),
    ];
  }

  /** See {@linkcode Inspection.take}. */
  take(): InspectDocument {
    const now = this.#look();
    const before = this.#before ?? now;
    const operations = this.#operations.get(TOTAL) ?? new Tally();
    const callouts = this.#callouts.get(TOTAL) ?? new Tally();
    const mounts = now.status.providers.map(({ mount, state }) => this.#mount(mount, state, before, now));
    const sum = (read: (of: CalloutFigures) => number) =>
      mounts.reduce((total, mount) => total + read(mount.callouts), 0);
    const document = {
      ...whole(before, now),
      time: this.#parts.clock.now(),
      operations: { ...operations.operations(), latest: this.#latest.operations.take() },
      callouts: {
        ...callouts.callouts(sum(({ bytes }) => bytes), sum(({ underway }) => underway)),
        latest: this.#latest.callouts.take(),
      },
      mounts,
      events: this.#latest.events.take(),
    };
    this.#operations = new Map();
    this.#callouts = new Map();
    this.#before = now;
    return document;
  }

  /** See {@linkcode Inspection.close}. */
  close(): void {
    this.#ends.forEach((end) => end());
  }

  #look(): Before {
    const status = this.#parts.status();
    const bytes = new Map(status.providers.map(({ mount }) => [mount, this.#parts.bytesOf(mount)]));
    return { monotonic: this.#parts.clock.monotonic(), status, bytes };
  }

  #mount(mount: string, state: MountFigures["state"], before: Before, now: Before): MountFigures {
    const { underway, waiting } = this.#parts.countsOf(mount) ?? { underway: 0, waiting: 0 };
    const bytes = (now.bytes.get(mount) ?? 0) - (before.bytes.get(mount) ?? 0);
    return {
      mount,
      state,
      operations: (this.#operations.get(mount) ?? new Tally()).operations(),
      callouts: (this.#callouts.get(mount) ?? new Tally()).callouts(bytes, underway),
      waiting,
    };
  }

  #waited(operation: OperationDocument): void {
    const { op, path, milliseconds, failure } = operation;
    this.#latest.operations.add(operation);
    const failed = failure !== null && !ANSWERS.has(failure);
    tally(this.#operations, path.split("/")[1] ?? "", (of) => of.add(milliseconds, op, failed));
  }

  #hear(event: BusEvent): void {
    this.#latestOf(event);
    if (!isCallout(event)) return;
    const { mount, outcome, milliseconds } = event.data;
    const failed = typeof outcome !== "number" || outcome >= 400;
    tally(this.#callouts, mount, (of) => of.add(milliseconds, endingOf(outcome), failed));
  }

  #latestOf(event: BusEvent): void {
    if (isCallout(event)) this.#latest.callouts.add({ time: event.time, ...event.data });
    else this.#latest.events.add(event);
  }
}

/** Under this name all mounts are counted together: no mount name has a slash. */
const TOTAL = "/";

/** Failures that are an answer: what was asked for is not there, or the reader gave up. */
const ANSWERS: ReadonlySet<ErrorKind> = new Set([
  "not-found",
  "not-a-directory",
  "is-a-directory",
  "interrupted",
]);

/** Most names in one table: paths are of the reader's making, and a tree has no more mounts than this. */
const NAMES = 1_000;

function tally(tallies: Map<string, Tally>, mount: string, add: (tally: Tally) => void): void {
  for (const name of [TOTAL, mount]) {
    const known = tallies.get(name);
    if (known === undefined && tallies.size >= NAMES) continue;
    const of = known ?? new Tally();
    tallies.set(name, of);
    add(of);
  }
}

function isCallout(event: BusEvent): event is BusEvent<"callout.done"> {
  return event.type === "callout.done";
}

function endingOf(outcome: OmnifsEvents["callout.done"]["outcome"]): string {
  return typeof outcome === "number" ? `${Math.floor(outcome / 100)}xx` : outcome;
}

/** What is told of the daemon as a whole. */
function whole(before: Before, now: Before) {
  const { version, pid, dir, uptimeMilliseconds, cache, fuse, changes, grants } = now.status;
  const was = before.status;
  return {
    seconds: (now.monotonic - before.monotonic) / 1_000,
    version,
    pid,
    dir,
    uptimeMilliseconds,
    kernel: {
      messages: messages(now.status) - messages(was),
      notifications: fuse.notifications - was.fuse.notifications,
    },
    cache,
    answers: { hits: cache.hits - was.cache.hits, misses: cache.misses - was.cache.misses },
    watches: changes.watches,
    applies: grants.apply,
  };
}

function messages({ fuse }: StatusDocument): number {
  return Object.values(fuse.messages).reduce((sum, count) => sum + count, 0);
}
