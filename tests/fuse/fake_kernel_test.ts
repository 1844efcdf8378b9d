import assert from "node:assert/strict";
import { type Answer, ERRNO, type Errno } from "../../fuse/mod.ts";
import { Session } from "../../fuse/session.ts";
import { answered, body, parseLines, random, readBody, request, seedOfRun } from "./frames.ts";
import { MemoryFileSystem, type Node } from "./memory_fs.ts";

type Random = (bound: number) => number;

/** A request that the fake kernel sent and that has no answer yet. */
interface Outstanding {
  readonly nodeid: number;
  readonly take: (reply: ReturnType<typeof answered>) => void;
}

/**
 * Speaks frames to a session as the kernel does and keeps its own lookup counts; it never asks about a
 * node that it forgot, and never forgets one that a request is about.
 */
class FakeKernel {
  /** Lookups that it got and did not forget. */
  readonly held = new Map<number, number>();
  readonly outstanding = new Map<bigint, Outstanding>();
  /** Lookups that it ever got. */
  got = 0;
  readonly #session: Session;
  readonly #names: readonly string[];
  readonly #next: Random;
  #unique = 2n;

  constructor(filesystem: MemoryFileSystem, names: readonly string[], next: Random) {
    this.#names = names;
    this.#next = next;
    this.#session = new Session(filesystem, {
      send: (reply) => this.#receive(reply),
      onError: (error) => {
        throw error;
      },
    });
  }

  /** One operation of chance. */
  step(): void {
    const steps = [
      this.#lookup,
      this.#lookup,
      this.#getattr,
      this.#read,
      this.#list,
      this.#forget,
      this.#interrupt,
    ];
    steps[this.#next(steps.length)]?.call(this);
  }

  /** Forgets everything, some one by one and the rest at once. */
  forgetAll(): void {
    const all = [...this.held];
    this.held.clear();
    const [first, ...rest] = all;
    if (first !== undefined) this.#tell(2, first[0], body([8, first[1]]));
    const fields = rest.flatMap(([nodeid, count]) => [[8, nodeid], [8, count]] as const);
    this.#tell(42, 0, body([4, rest.length], [4, 0], ...fields));
  }

  #lookup(): void {
    const name = this.#names[this.#next(this.#names.length)] ?? "";
    this.#ask(1, this.#someNode(), body(name), ({ errno, view }) => {
      assert.ok([0, ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.EINTR].includes(errno));
      if (errno === 0) this.#hold(Number(view.getBigUint64(0, true)));
    });
  }

  #getattr(): void {
    this.#ask(3, this.#someNode(), new Uint8Array(16), ({ errno, body }) => {
      assert.ok(errno === ERRNO.EINTR || body.length === 104);
    });
  }

  #read(): void {
    const size = this.#next(40);
    this.#ask(15, this.#someNode(), readBody(this.#next(40), size), ({ errno, body }) => {
      assert.ok([0, ERRNO.EISDIR, ERRNO.EINTR].includes(errno));
      assert.ok(body.length <= size);
    });
  }

  #list(): void {
    const plus = this.#next(3) > 0;
    const size = this.#next(2000);
    this.#ask(plus ? 44 : 28, this.#someNode(), readBody(this.#next(4), size), (reply) => {
      assert.ok([0, ERRNO.ENOTDIR, ERRNO.EINTR].includes(reply.errno));
      assert.ok(reply.body.length <= size);
      for (const line of parseLines(reply, plus)) if (line.nodeid !== 0) this.#hold(line.nodeid);
    });
  }

  #forget(): void {
    if (this.#next(4) > 0) return;
    const busy = new Set([...this.outstanding.values()].map((waiting) => waiting.nodeid));
    const free = [...this.held].filter(([nodeid]) => !busy.has(nodeid));
    const [nodeid, count] = free[this.#next(free.length)] ?? [0, 0];
    if (nodeid === 0) return;
    // As the kernel does: all of a node's lookups at once, when its inode is evicted.
    this.held.delete(nodeid);
    this.#tell(2, nodeid, body([8, count]));
  }

  #interrupt(): void {
    const uniques = [...this.outstanding.keys()];
    const unique = uniques[this.#next(uniques.length)] ?? 2n;
    this.#session.handle(request(36, { unique: unique | 1n }, body([8, unique])));
    assert.ok(!this.outstanding.has(unique), "an interrupted request was not answered at once");
  }

  #someNode(): number {
    const nodes = [1, ...this.held.keys()];
    return nodes[this.#next(nodes.length)] ?? 1;
  }

  #hold(nodeid: number): void {
    if (nodeid === 0) return;
    this.got++;
    this.held.set(nodeid, (this.held.get(nodeid) ?? 0) + 1);
  }

  #ask(code: number, nodeid: number, bytes: Uint8Array, take: Outstanding["take"]): void {
    const unique = this.#unique;
    this.#unique += 2n; // the kernel keeps the lowest bit for INTERRUPT
    this.outstanding.set(unique, { nodeid, take });
    const reply = this.#session.handle(request(code, { unique, nodeid }, bytes));
    if (reply !== undefined) this.#receive(reply);
  }

  #tell(code: number, nodeid: number, bytes: Uint8Array): void {
    assert.equal(this.#session.handle(request(code, { nodeid, unique: 0n }, bytes)), undefined);
  }

  #receive(frame: Uint8Array): boolean {
    const reply = answered(frame);
    const waiting = this.outstanding.get(reply.unique);
    assert.ok(waiting !== undefined, `nobody waits for ${reply.unique}`);
    this.outstanding.delete(reply.unique);
    waiting.take(reply);
    return true;
  }
}

/** Answers that wait until they are let go, in an order of chance. */
class Gate {
  readonly #waiting: (() => void)[] = [];
  readonly #next: Random;

  constructor(next: Random) {
    this.#next = next;
  }

  /** Now, or when {@linkcode release} chooses it. */
  later<Value>(answer: Value | Errno): Answer<Value> {
    if (this.#next(3) > 0) return answer;
    return new Promise((resolve) => this.#waiting.push(() => resolve(answer)));
  }

  /** Lets one go; false where none waits. */
  release(): boolean {
    const [go] = this.#waiting.splice(this.#next(this.#waiting.length), 1);
    go?.();
    return go !== undefined;
  }
}

const NAMES = ["a", "b", "dir", "deep", "é", "nowhere"];

function plant(filesystem: MemoryFileSystem, parent: Node, depth: number): void {
  filesystem.file(parent, "a", "first");
  filesystem.file(parent, "b", "second file with more in it");
  filesystem.file(parent, "é", "");
  if (depth > 0) {
    for (const name of ["dir", "deep"]) plant(filesystem, filesystem.directory(parent, name), depth - 1);
  }
}

/** No more is counted by the kernel than by the file system; as much where nothing is under way. */
function compare(kernel: FakeKernel, filesystem: MemoryFileSystem, quiet: boolean): void {
  filesystem.checkInvariants();
  for (const [nodeid, count] of kernel.held) {
    assert.ok(count <= (filesystem.lookups.get(nodeid) ?? 0), `the kernel holds more of node ${nodeid}`);
  }
  if (quiet) assert.deepEqual(sorted(kernel.held), sorted(filesystem.lookups));
}

function sorted(counts: Map<number, number>): [number, number][] {
  return [...counts].toSorted(([a], [b]) => a - b);
}

/** Lets every promise that is ready run. */
async function settle(): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0));
}

async function releaseAll(gate: Gate): Promise<void> {
  do await settle(); while (gate.release());
  await settle();
}

Deno.test("kernel and file system agree on every lookup count, with late and interrupted answers", async () => {
  const seed = seedOfRun("fake kernel");
  for (let game = 0; game < 12; game++) {
    const next = random(seed + game);
    const gate = new Gate(next);
    const filesystem = new MemoryFileSystem({
      negative: next(2) === 0,
      later: (answer) => gate.later(answer),
    });
    plant(filesystem, filesystem.root, 3);
    const kernel = new FakeKernel(filesystem, NAMES, next);
    for (let round = 0; round < 1200; round++) {
      kernel.step();
      if (next(3) === 0) gate.release();
      if (next(5) === 0) await settle();
      const rest = round % 300 === 299;
      if (rest) await releaseAll(gate);
      if (rest) assert.equal(kernel.outstanding.size, 0);
      compare(kernel, filesystem, rest);
    }
    assert.ok(kernel.got > 100, "the game hardly looked anything up");
    kernel.forgetAll();
    compare(kernel, filesystem, true);
    assert.deepEqual(sorted(filesystem.lookups), [], "something is left beside the root");
  }
});
