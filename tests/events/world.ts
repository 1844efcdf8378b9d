/**
 * A lossy upstream with everything of omnifs between it and a reader, but a kernel: the watch engine, the cache, the
 * tree.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { Store } from "../../runtime/cache/store.ts";
import { Watches } from "../../runtime/cache/watches.ts";
import { DaemonWatches } from "../../runtime/daemon_watches.ts";
import type { Node } from "../../runtime/provider/node.ts";
import { InodeTable } from "../../runtime/tree/inodes.ts";
import type { Place } from "../../runtime/tree/place.ts";
import { Bodies } from "../../runtime/vfs/bodies.ts";
import { Browser } from "../../runtime/vfs/browse.ts";
import type { Directory } from "../../runtime/vfs/directory.ts";
import { Invalidator } from "../../runtime/vfs/invalidator.ts";
import { Mounts } from "../../runtime/vfs/mounts.ts";
import { Namespace } from "../../runtime/vfs/namespace.ts";
import { Kernels } from "../../runtime/vfs/kernels.ts";
import { Notices } from "../../runtime/vfs/notices.ts";
import { Troubles } from "../../runtime/vfs/troubles.ts";
import { LossyUpstream, type Manner, readText, REPOS, textOf } from "./lossy_upstream.ts";
import { type Box, BOXES, type Change } from "./tracker.ts";
import { Chance, VirtualTime } from "./virtual_time.ts";
import { Witness } from "./witness.ts";

/** The time of the upstream and of the host: some day. */
const BEGIN = Date.UTC(2026, 0, 1);

const MINUTE = 60_000;

/** Names that items may have; few, so that a name leads to one item after the other. */
export const NAMES = ["ant", "bee", "cat", "dog", "elk"] as const;

/** See the module. */
export class World implements AsyncDisposable {
  readonly time = new VirtualTime(BEGIN);
  readonly chance: Chance;
  readonly upstream: LossyUpstream;
  readonly witness: Witness;
  readonly #watches: DaemonWatches;
  readonly #namespace: Namespace;
  readonly #browser: Browser;
  readonly #store: Store<Node, Directory>;
  readonly #mounts = new Mounts();
  readonly #reading = new Set<Promise<void>>();
  #deliveries = 0;

  /** A tree of which nothing is cached. */
  constructor(manner: Manner, seed: number, cacheBytes: number) {
    const clock = this.time;
    this.chance = new Chance(seed);
    this.upstream = new LossyUpstream(clock, this.chance, manner);
    this.upstream.deliver = (change) => this.#deliver(change);
    this.witness = new Witness(this.upstream.tracker);
    const [bus, log] = [new Bus(clock), new Log(clock, () => {}, "error")];
    this.#watches = new DaemonWatches({ clock, bus, log });
    this.#mounts.add(this.upstream);
    this.#store = new Store<Node, Directory>(cacheBytes, new Watches(this.#watches));
    const inodes = new InodeTable();
    this.#namespace = new Namespace(this.#mounts, this.#store, clock);
    const bodies = new Bodies(this.#namespace, this.#store);
    const notices = new Notices(inodes, clock, () => undefined);
    const kernels = new Kernels(this.#namespace.knowledge);
    kernels.add({ inodes, notices });
    const invalidator = new Invalidator({ namespace: this.#namespace, bodies, kernels, bus });
    this.#watches.watch({ mount: "m", events: this.upstream }, invalidator, () => true);
    const troubles = new Troubles(clock, log);
    this.#browser = new Browser({
      mounts: this.#mounts,
      namespace: this.#namespace,
      bodies,
      inodes,
      troubles,
    });
  }

  /** Begins to read a file, and goes on; what it shows is witnessed. */
  read(repo: string, box: Box, name: string): void {
    this.#begin(() => this.#readNow(repo, box, name));
  }

  /** Begins to list a box, and goes on; what it shows is witnessed. */
  list(repo: string, box: Box): void {
    this.#begin(() => this.#listNow(repo, box));
  }

  /** Drops everything that is cached of a repo, as a user may. */
  drop(repo: string): void {
    this.#namespace.knowledge.dropGuarded(`m/${repo}`);
  }

  /** Everything is quiet from now on, and time passes until everything that was under way has come to its end. */
  async calm(): Promise<void> {
    this.upstream.calm = true;
    this.upstream.downUntil = this.upstream.pollsFailUntil = this.upstream.streamsFailUntil = 0;
    // A poll that a webhook made rare comes within ten paces, one that failed within the longest retry.
    await this.time.run(30 * MINUTE);
    await Promise.all(this.#reading);
  }

  /** Where what a reader is shown differs from what is true. */
  async differences(): Promise<string[]> {
    const found: string[] = [];
    for (const repo of REPOS) {
      for (const box of BOXES) {
        const shown = await this.#shown(repo, box);
        const truth = this.upstream.tracker.box(repo, box).map((item) =>
          `${item.name}: ${decode(textOf(item))}`
        );
        if (shown.toSorted().join("\n") !== truth.toSorted().join("\n")) {
          found.push(`${repo}/${box} is shown as [${shown.toSorted()}], and is [${truth.toSorted()}]`);
        }
      }
    }
    return found;
  }

  /** Bytes that are cached. */
  get bytes(): number {
    return this.#store.bytes;
  }

  /** Lets everything come to rest, forgets what the world itself remembers of the past, and lets everything go on. */
  async forgetPast(): Promise<void> {
    await this.calm();
    this.upstream.tracker.forgetPast();
    this.witness.forgetPast();
    this.upstream.calm = false;
  }

  /** What is watched and in which state. */
  states(): string[] {
    return this.#watches.watches().map(({ watch, state }) => `${watch} ${state}`);
  }

  /** See {@linkcode AsyncDisposable}. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.#watches.close();
    await this.time.run(10 * MINUTE);
    await closing;
    await Promise.all(this.#reading);
  }

  #begin(work: () => Promise<void>): void {
    const reading = work().catch((error) => {
      // A read may fail; then it shows nothing.
      if (!(error instanceof OmnifsError)) this.witness.faults.push(`a read broke: ${error}`);
    }).finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
  }

  async #readNow(repo: string, box: Box, name: string): Promise<void> {
    const reading = this.witness.begin();
    try {
      const { id, version } = readText(await this.#text(`/m/${repo}/${box}/${name}`));
      this.witness.sawName(reading, repo, box, name, id);
      this.witness.sawVersion(reading, id, version);
    } catch (error) {
      if (!(error instanceof OmnifsError) || error.kind !== "not-found") throw error;
      if (error.message.includes("no such file")) this.witness.sawName(reading, repo, box, name, undefined);
    }
  }

  async #listNow(repo: string, box: Box): Promise<void> {
    const reading = this.witness.begin();
    const lines = await this.#lines(repo, box);
    for (const name of NAMES) {
      const place = lines.find((line) => line.name === name);
      this.witness.sawName(reading, repo, box, name, place?.id);
    }
  }

  /** The lines of a box, all of one moment. */
  async #lines(repo: string, box: Box): Promise<readonly Place[]> {
    const root = this.#mounts.get("m");
    if (root === undefined) throw new Error("nothing is mounted");
    const repoAt = await this.#namespace.find(root.place, repo);
    const boxAt = repoAt && await this.#namespace.find(repoAt.place, box);
    if (boxAt === undefined) throw new Error(`there is no ${repo}/${box}`);
    let directory = this.#namespace.peekDirectory(boxAt.place);
    while (directory === undefined || !directory.listing.complete) {
      directory = await this.#namespace.nextPage(boxAt.place, directory);
    }
    return [...directory.places()];
  }

  async #text(path: string): Promise<string> {
    let text = "";
    for await (const bytes of this.#browser.read(path, new AbortController().signal)) text += decode(bytes);
    return text;
  }

  /** The box as a reader sees it now: each name with its text. */
  async #shown(repo: string, box: Box): Promise<string[]> {
    const reading = (async () => {
      const shown: string[] = [];
      for await (const { name } of this.#browser.list(`/m/${repo}/${box}`, new AbortController().signal)) {
        shown.push(`${name}: ${await this.#text(`/m/${repo}/${box}/${name}`)}`);
      }
      return shown;
    })();
    await this.time.run(1_000);
    return await reading;
  }

  #deliver(change: Change): void {
    const delivery = {
      mount: "m",
      id: `${++this.#deliveries}`,
      event: "",
      headers: [],
      body: new TextEncoder().encode(JSON.stringify(change)),
      receivedAt: this.time.now(),
    };
    // One that the provider cannot read fails; the poll that follows tells what it said.
    this.#watches.deliver("m", delivery).catch(() => {});
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
