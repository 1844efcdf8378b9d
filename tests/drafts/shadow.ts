/**
 * The live tree of a fake provider with the shadow trees of its drafts, and a kernel that walks both and counts its
 * lookups.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Changes,
  type DirectoryLine,
  type Entry,
  ERRNO,
  type Errno,
  errnoName,
  type Request,
  ROOT_ID,
} from "../../fuse/mod.ts";
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { type Draft, Drafts, DraftStore, type Mutation } from "../../runtime/drafts/mod.ts";
import { LiveTreeView } from "../../runtime/vfs/live_tree.ts";
import { FileSystemWithDrafts } from "../../runtime/vfs/with_drafts.ts";
import type { FakeProjection } from "../vfs/fake_projection.ts";
import { Kernel, NOW, request, Sink } from "../vfs/kernel.ts";
import { Upstream } from "./scene.ts";

const text = new TextDecoder();

/** A provider that rules one value out, and the removal of directories whose name begins with `kept`. */
class Choosy extends Upstream {
  override check(change?: Mutation): Promise<void> {
    return Promise.resolve().then(() => {
      if (change === undefined) return;
      const bogus = change.tag === "remove"
        ? change.name.startsWith("kept")
        : text.decode(change.content).includes("bogus");
      if (bogus) throw new OmnifsError("invalid", "that is no value");
    });
  }
}

/** How a shadow differs from the usual. */
export interface ShadowOptions {
  /** True unless told: `--allow-apply` for every mount. */
  readonly granted?: boolean;
  /** The terminal session of a thread. */
  readonly sessionOf?: (pid: number) => number | undefined;
}

/** A mount with drafts, as the kernel sees it. */
export class Shadow implements AsyncDisposable {
  /** The live tree. */
  readonly kernel: Kernel;
  /** The drafts. */
  readonly drafts: Drafts;
  /** What answers the kernel. */
  readonly fs: FileSystemWithDrafts;
  /** How often each node was given out. */
  readonly held = new Map<number, number>();

  private constructor(kernel: Kernel, drafts: Drafts, options: ShadowOptions) {
    const { mounts, namespace, bodies, troubles, clock, fs: live } = kernel;
    this.kernel = kernel;
    this.drafts = drafts;
    const ownership = { uid: 1000, gid: 100, since: NOW };
    const sessionOf = options.sessionOf ?? (() => undefined);
    const parts = { mounts, namespace, bodies, troubles, clock, live, drafts, ownership, sessionOf };
    this.fs = new FileSystemWithDrafts(parts);
  }

  /** A mount of `projections`, with the drafts in the folder `dir`. */
  static async open(
    dir: string,
    projections: readonly FakeProjection[],
    options: ShadowOptions = {},
  ): Promise<Shadow> {
    const kernel = new Kernel(projections);
    const log = new Log(systemClock, () => {});
    const bus = new Bus(systemClock);
    const choosy = new Choosy({});
    const drafts = new Drafts({
      store: await DraftStore.open(dir, systemClock, log),
      clock: systemClock,
      log,
      bus,
      unique: () => "attempt",
      live: new LiveTreeView(kernel),
      mutations: (mount) => projections.some((one) => one.mount === mount) ? choosy : undefined,
      granted: () => options.granted ?? true,
      leaderOf: () => undefined,
      witness: () => Promise.resolve(),
      changed: () => {},
    });
    return new Shadow(kernel, drafts, options);
  }

  /** The operations that change a tree. */
  get changes(): Changes {
    return this.fs.changes;
  }

  /** A draft, by name. */
  async draft(name = "d"): Promise<Draft> {
    return this.drafts.peek(name) ?? await this.drafts.create(name);
  }

  /** Takes `name` in `parent`; a word where it fails. */
  async lookup(parent: number, name: string, by: Request = request()): Promise<Entry | string> {
    return this.#taken(await this.fs.lookup(parent, name, by));
  }

  /** The node at `path`, from the root of the mount. */
  async walk(path: string): Promise<Entry> {
    let entry: Entry | undefined;
    for (const name of path.split("/").filter((each) => each !== "")) {
      const next = await this.lookup(entry?.nodeid ?? ROOT_ID, name);
      assert(typeof next !== "string", `${name} of ${path}: ${next}`);
      entry = next;
    }
    assert(entry !== undefined);
    return entry;
  }

  /** The node of the directory at `path`. */
  async directory(path: string): Promise<number> {
    return (await this.walk(path)).nodeid;
  }

  /** What a change came to, as the name of its errno; "OK" where it went well. */
  async outcome(change: (changes: Changes, by: Request) => unknown): Promise<string> {
    const answer = await change(this.changes, request());
    if (typeof answer === "number") return answer === 0 ? "OK" : errnoName(answer);
    if (isEntry(answer)) this.#taken(answer);
    return "OK";
  }

  /** Writes a whole file, as a redirect of a shell does; the errno of what failed first. */
  async put(nodeid: number, content: string): Promise<string> {
    const cut = await this.outcome((changes, by) => changes.setattr(nodeid, { size: 0 }, by));
    if (cut !== "OK" || content === "") return cut;
    return await this.outcome((changes, by) =>
      changes.write(nodeid, 0, new TextEncoder().encode(content), by)
    );
  }

  /** What `cat` prints. */
  async cat(nodeid: number): Promise<string> {
    const bytes = await this.fs.read(nodeid, 0, 1 << 20, request());
    return typeof bytes === "number" ? errnoName(bytes) : text.decode(bytes);
  }

  /** At most `room` lines of a directory after `cookie`. */
  async lines(nodeid: number, cookie: number, room: number): Promise<DirectoryLine[]> {
    const sink = new Sink(false, room);
    const answer = await this.fs.readdir(nodeid, cookie, sink, request());
    assert.equal(answer, 0, errnoName(answer));
    return sink.added.map(({ line }) => line);
  }

  /** The names in a directory, read `room` lines at a time. */
  async ls(nodeid: number, room = 100): Promise<string[]> {
    const names: string[] = [];
    for (let cookie = 0;;) {
      const lines = await this.lines(nodeid, cookie, room);
      if (lines.length === 0) return names.filter((name) => name !== "." && name !== "..");
      names.push(...lines.map(({ name }) => name));
      cookie = lines.at(-1)?.cookie ?? 0;
      assert(names.length < 10_000, "the directory does not end");
    }
  }

  /** Gives everything back: each node answers until its last lookup is taken back, and no longer. */
  async forgetAll(): Promise<void> {
    for (const [nodeid, count] of this.held) {
      if (count > 1) this.fs.forget(nodeid, count - 1);
      assert.notEqual(await this.fs.getattr(nodeid, request()), ERRNO.ESTALE, `${nodeid} went too early`);
      this.fs.forget(nodeid, 1);
      assert.equal(await this.fs.getattr(nodeid, request()), ERRNO.ESTALE, `${nodeid} stays`);
    }
    this.held.clear();
  }

  /** See {@linkcode Drafts.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.drafts.close();
  }

  #taken(answer: Entry | Errno): Entry | string {
    if (typeof answer === "number") return errnoName(answer);
    this.held.set(answer.nodeid, (this.held.get(answer.nodeid) ?? 0) + 1);
    return answer;
  }
}

function isEntry(answer: unknown): answer is Entry {
  return typeof answer === "object" && answer !== null && "nodeid" in answer;
}
