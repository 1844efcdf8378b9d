/**
 * Whatever the order in which readers ask, the upstream changes, answers arrive and events are delivered, late, twice
 * and in another order: no reader goes back to an older state, and in the end everybody reads the newest one.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Invalidation } from "../../runtime/provider/mod.ts";
import { withDeadline } from "../support/deadline.ts";
import { checkProperty } from "../support/property.ts";
import { FakeProjection, ROOT, watched } from "./fake_projection.ts";
import { Kernel } from "./kernel.ts";
import { KeepingKernel } from "./keeping_kernel.ts";

/** How many schedules; each takes about 3 ms. */
const RUNS = Number(Deno.env.get("OMNIFS_TEST_RUNS") ?? 500);

const DIRECTORIES = ["open", "closed", "paged"];

/** One thing that happens; the numbers choose among what there is. */
const STEP = fc.record({
  do: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("cat", "ls") },
    { weight: 3, arbitrary: fc.constantFrom("edit", "move", "rename", "remove", "create") },
    { weight: 4, arbitrary: fc.constantFrom("answer", "deliver", "receive", "again") },
    { weight: 1, arbitrary: fc.constantFrom("lose", "wait") },
  ),
  which: fc.nat(1_000),
  how: fc.nat(3),
});

type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never;

/** One object upstream, with everything that it ever was. */
interface Thing {
  readonly id: string;
  directory: string;
  name: string;
  /** Counts its states; -1 once it is gone. */
  state: number;
}

/** The upstream, what it told, and what readers saw of it. */
class World {
  readonly fake = new FakeProjection();
  readonly keeping = new KeepingKernel();
  readonly kernel: Kernel;
  readonly things: Thing[] = [];
  /** Deliveries that are still to come, and those that came. */
  readonly coming: (readonly Invalidation[])[] = [];
  readonly came: (readonly Invalidation[])[] = [];
  readonly #answers: (() => void)[] = [];
  readonly #readers: Promise<void>[] = [];
  /** The latest state of each identity that somebody saw. */
  readonly #seen = new Map<string, number>();

  constructor(cacheBytes: number | undefined) {
    const { fake } = this;
    for (const name of DIRECTORIES) {
      fake.directory(
        ROOT,
        name,
        { ...name === "paged" ? { pageSize: 2 } : {}, freshness: watched(name) },
        name,
      );
    }
    this.kernel = new Kernel([fake], cacheBytes, undefined, this.keeping);
    this.keeping.mount(this.kernel.fs);
    for (let i = 0; i < 5; i++) this.#create(DIRECTORIES[i % 3] ?? "");
    fake.slow = () => new Promise((resolve) => this.#answers.push(resolve));
  }

  async step({ do: what, which, how }: Step): Promise<void> {
    const thing = this.things.filter(({ state }) => state >= 0)[which % Math.max(1, this.things.length)];
    const directory = DIRECTORIES[which % DIRECTORIES.length] ?? "";
    if (what === "cat" && thing !== undefined) this.#readers.push(this.#cat(thing));
    if (what === "ls") this.#readers.push(this.#ls(directory));
    if (what === "edit" && thing !== undefined) this.#edit(thing, how);
    if (what === "move" && thing !== undefined) this.#move(thing, directory, how);
    if (what === "rename" && thing !== undefined) this.#rename(thing, how);
    if (what === "remove" && thing !== undefined) this.#remove(thing);
    if (what === "create") this.coming.push([this.#placed(this.#create(directory))]);
    if (what === "answer") this.#answers.splice(which % Math.max(1, this.#answers.length), 1)[0]?.();
    if (what === "deliver") this.#deliver(this.coming.splice(which % Math.max(1, this.coming.length), 1)[0]);
    if (what === "receive") {
      this.#deliver(this.coming.splice(which % Math.max(1, this.coming.length), 1)[0], true);
    }
    if (what === "again") this.#deliver(this.came[which % Math.max(1, this.came.length)]);
    if (what === "lose") this.#lose(directory, how);
    if (how > 0 || what === "wait") await turns();
  }

  /** Nothing changes any more: what is to come comes, and everybody gets their answer. */
  async calm(): Promise<void> {
    this.fake.slow = undefined;
    for (const directory of DIRECTORIES) this.kernel.regain(directory);
    for (const delivery of this.coming.splice(0)) this.#deliver(delivery);
    for (const answer of this.#answers.splice(0)) answer();
    await Promise.all(this.#readers);
    await this.kernel.apply([]).told;
    await turns();
  }

  /** Every path shows what the upstream has. */
  async check(): Promise<void> {
    for (const directory of DIRECTORIES) {
      const here = this.things.filter((thing) => thing.directory === directory && thing.state >= 0);
      const names = await this.keeping.ls(`/m/${directory}`);
      assert(typeof names !== "string", `ls ${directory}: ${names}`);
      assert.deepEqual([...names].sort(), here.map(({ name }) => name).sort(), `ls ${directory}`);
      for (const thing of here) {
        assert.equal(
          await this.keeping.cat(`/m/${directory}/${thing.name}`),
          textOf(thing),
          `cat ${thing.name}`,
        );
      }
    }
    this.kernel.inodes.check();
  }

  /** A second look costs no call. */
  async warm(): Promise<void> {
    this.fake.taken();
    const before = this.keeping.requests;
    await this.check();
    assert.deepEqual([this.fake.taken(), this.keeping.requests - before], [[], 0]);
  }

  async #cat({ id, directory, name }: Thing): Promise<void> {
    const floor = this.#seen.get(id) ?? -1;
    const text = await this.keeping.cat(`/m/${directory}/${name}`);
    const [, read = "", state = ""] = /^(\S+) is (\d+)\n$/.exec(text) ?? [];
    if (read !== id) return;
    assert(Number(state) >= floor, `${id}: read ${state} after somebody had read ${floor}`);
    this.#seen.set(id, Math.max(Number(state), this.#seen.get(id) ?? -1));
  }

  async #ls(directory: string): Promise<void> {
    const names = await this.keeping.ls(`/m/${directory}`);
    assert(typeof names !== "string" || names === "ENOENT" || names === "EIO", `ls ${directory}: ${names}`);
    if (typeof names !== "string") assert.equal(new Set(names).size, names.length, `twice in ${names}`);
  }

  #create(directory: string): Thing {
    const id = `t${this.things.length}`;
    const thing = { id, directory, name: `${id}.0`, state: 0 };
    this.things.push(thing);
    this.#put(thing);
    return thing;
  }

  #edit(thing: Thing, how: number): void {
    this.#next(thing);
    this.coming.push(how === 0 ? [{ tag: "node", id: thing.id }] : [this.#placed(thing)]);
  }

  #move(thing: Thing, directory: string, how: number): void {
    const from = thing.directory;
    if (from === directory) return this.#edit(thing, how);
    this.fake.remove(from, thing.name);
    thing.directory = directory;
    this.#next(thing);
    const lists = [from, directory].map((id): Invalidation => ({ tag: "children", id }));
    this.coming.push(
      how === 0
        ? [{ tag: "node", id: thing.id }, ...lists]
        : [this.#placed(thing), { tag: "removed", parent: from, id: thing.id }],
    );
  }

  #rename(thing: Thing, how: number): void {
    this.fake.remove(thing.directory, thing.name);
    thing.name = `${thing.id}.${thing.state + 1}`;
    this.#next(thing);
    const lines: Invalidation[] = [{ tag: "node", id: thing.id }, { tag: "children", id: thing.directory }];
    this.coming.push(how === 0 ? lines : [this.#placed(thing)]);
  }

  #remove(thing: Thing): void {
    this.fake.remove(thing.directory, thing.name);
    thing.state = -1;
    this.coming.push([{ tag: "removed", parent: thing.directory, id: thing.id }, {
      tag: "node",
      id: thing.id,
    }]);
  }

  #next(thing: Thing): void {
    thing.state++;
    this.#put(thing);
  }

  #put(thing: Thing): void {
    this.kernel.clock.pass(1);
    const modified = this.kernel.clock.now();
    const bytes = new TextEncoder().encode(textOf(thing));
    const freshness = watched(thing.directory);
    this.fake.file(thing.directory, thing.name, { bytes, via: "inline", modified, freshness }, thing.id);
  }

  #placed({ id, directory, name }: Thing): Invalidation {
    return { tag: "placed", parent: directory, entry: this.fake.entry(name, id) };
  }

  /** As an event, or as the receipt of a change of ours, before its event. */
  #deliver(delivery: readonly Invalidation[] | undefined, isReceipt = false): void {
    if (delivery === undefined) return;
    if (isReceipt) this.kernel.receive(delivery);
    else this.kernel.apply(delivery);
    this.came.push(delivery);
  }

  #lose(directory: string, how: number): void {
    if (how === 0) this.kernel.lose(directory);
    else if (how === 1) this.kernel.regain(directory);
    else this.kernel.apply([{ tag: "watch", watch: directory }]);
  }
}

/** Lets whatever waits for nothing but its turn go on: no promise here needs as many. */
async function turns(): Promise<void> {
  for (let i = 0; i < 300; i++) await undefined;
}

function textOf({ id, state }: Thing): string {
  return `${id} is ${state}\n`;
}

async function through(steps: readonly Step[], bytes: number | undefined): Promise<void> {
  const world = new World(bytes);
  for (const step of steps) await world.step(step);
  await world.calm();
  await world.check();
  if (bytes === undefined) await world.warm();
}

for (const [what, bytes] of [["an ample", undefined], ["a tiny", 6 * 1024]] as const) {
  Deno.test(`no reader goes back, and in the end all is as the upstream has it, over ${what} cache`, async () => {
    await checkProperty(
      fc.asyncProperty(fc.array(STEP, { maxLength: 60, size: "max" }), async (steps) => {
        await withDeadline(through(steps, bytes), 10_000, "the end of a schedule");
      }),
      RUNS,
    );
  });
}
