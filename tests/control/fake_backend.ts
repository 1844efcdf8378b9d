/**
 * A backend with a small tree in memory, for tests of the control socket.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { DaemonDrafts } from "../../runtime/daemon_drafts.ts";
import { DaemonInspection } from "../../runtime/daemon_inspect.ts";
import { Operations } from "../../runtime/vfs/operations.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Backend, StatusDocument, TreeEntry } from "../../runtime/control/protocol.ts";

/** What the fake holds beside the tree, for assertions. */
export interface FakeBackend extends Backend {
  /** Publishes into {@linkcode Backend.events}. */
  readonly bus: Bus;
  /** Tells those who inspect what readers wait for. */
  readonly operations: Operations;
  /** Calls of `shutdown`. */
  readonly ended: { count: number };
  /** Resolves when the read of `/stalls` has begun. */
  readonly stalled: Promise<void>;
  /** Resolves when the listing of `/endless` or the stalled read was given up. */
  readonly givenUp: Promise<unknown>;
}

/** A status with every field filled. */
export function fakeStatus(changes: Partial<StatusDocument> = {}): StatusDocument {
  return {
    version: "0.1.0",
    pid: Deno.pid,
    dir: null,
    dirs: typeof changes.dir === "string" ? [{ dir: changes.dir, shows: null }] : [],
    startedAt: 1_700_000_000_000,
    uptimeMilliseconds: 5,
    providers: [],
    grants: { allow: [], deny: [], apply: [] },
    credentials: [],
    cache: {
      hits: 1,
      misses: 2,
      loads: 3,
      joined: 4,
      overtaken: 5,
      evictions: 6,
      invalidations: 13,
      bytes: 7,
      maxBytes: 8,
      nodes: 9,
      listings: 10,
    },
    fuse: { messages: { LOOKUP: 11 }, notifications: 12 },
    changes: {
      watches: { alive: 14, lost: 0, sources: [], troubles: [] },
      heard: [],
      latency: { count: 0, sum: 0, p50: null, p99: null, max: null, buckets: [] },
    },
    webhook: null,
    errors: [],
    ...changes,
  };
}

/** One entry of the tree. */
function fakeEntry(path: string, changes: Partial<TreeEntry> = {}): TreeEntry {
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    kind: "directory",
    ino: 42,
    size: null,
    modified: null,
    id: path,
    freshness: "immutable",
    watch: null,
    mount: "hello",
    writable: false,
    ...changes,
  };
}

/** Bytes that are easy to tell apart. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** A fake backend: `/small`, `/big` (3 MiB and a bit), `/breaks` and `/stalls` are files, `/`, `/endless` directories. */
export function fakeBackend(status: Partial<StatusDocument> = {}): FakeBackend {
  const bus = new Bus(systemClock);
  const operations = new Operations(systemClock);
  const ended = { count: 0 };
  const gone = Promise.withResolvers<unknown>();
  const stalled = Promise.withResolvers<void>();
  return {
    // A daemon that keeps none says so by itself.
    drafts: new DaemonDrafts(() => undefined),
    bus,
    operations,
    ended,
    givenUp: gone.promise,
    stalled: stalled.promise,
    status: () => fakeStatus(status),
    metrics: () => Promise.resolve("# HELP fake A fake\n# TYPE fake gauge\nfake 1\n"),
    inspect: () =>
      new DaemonInspection({
        bus,
        clock: systemClock,
        operations,
        status: () => fakeStatus(status),
        bytesOf: () => 0,
        countsOf: () => undefined,
      }),
    stat: (path) =>
      path === "/" ? Promise.resolve(fakeEntry("/", { name: "" })) : Promise.reject(missing(path)),
    async *list(path, signal) {
      if (path === "/missing") throw missing(path);
      yield fakeEntry("/small", { kind: "file", size: 3 });
      if (path === "/breaks") {
        throw new OmnifsError("rate-limited", "the upstream asks to wait", { op: "list", path });
      }
      yield fakeEntry("/big", { kind: "file" });
      if (path === "/endless") await untilAborted(signal, gone.resolve);
    },
    async *read(path, signal) {
      if (path === "/missing") throw missing(path);
      if (path === "/stalls") {
        stalled.resolve();
        await untilAborted(signal, gone.resolve);
      }
      for (let piece = 0; path === "/unread" && piece < 1_000; piece++) yield pattern(1024 * 1024);
      yield path === "/big" ? pattern(3 * 1024 * 1024 + 17) : pattern(3);
      if (path === "/breaks") throw new OmnifsError("unavailable", "the upstream went away", { path });
    },
    drop: (path) => ({ nodes: path === undefined ? 100 : path.length }),
    reloadCredentials: () => Promise.resolve({ mounts: ["hello"] }),
    deliveries: () => [],
    testWebhook: (mount) => Promise.reject(new OmnifsError("not-found", `${mount} takes no webhooks`)),
    packer: (workspace) => {
      throw new OmnifsError("not-found", `${workspace} is not served`);
    },
    events: (since) => bus.since(since),
    listen: (listener) => bus.subscribe(listener),
    mount: (dir) => Promise.reject(new OmnifsError("unavailable", `${dir} cannot be mounted on`)),
    unmount: (dir) => Promise.reject(new OmnifsError("not-found", `nothing is mounted on ${dir}`)),
    shutdown: (force) => {
      if (!force) return Promise.reject(new OmnifsError("unavailable", "it is in use"));
      ended.count++;
      return Promise.resolve();
    },
  };
}

function missing(path: string): OmnifsError {
  return new OmnifsError("not-found", "there is no such object", { op: "lookup", path, mend: "omnifs ls /" });
}

function untilAborted(signal: AbortSignal, tell: (reason: unknown) => void): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => {
      tell(signal.reason);
      reject(signal.reason);
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}
