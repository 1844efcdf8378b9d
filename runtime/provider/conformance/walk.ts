/**
 * The walk through a provider's tree: from the root and from the paths that were named, level by level, each object
 * once.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { segments } from "../../base/path.ts";
import type { Node } from "../node.ts";
import { checkTime } from "./basics.ts";
import { Claims } from "./claims.ts";
import { checkAbsent, checkNamed, checkNoBytes, checkPrice, presentDifference, sample } from "./directory.ts";
import { checkFile } from "./file.ts";
import { list, type Listed } from "./listing.ts";
import { quoted } from "./nodes.ts";
import { below, compare, first, type Run, type Visit } from "./run.ts";

/** Directories that were told of and lie outside of the walk, and that are held against that nevertheless. */
const MOST_CLAIMS = 64;

/** Where a node was seen first: its path, and how to look it up again. */
interface Place {
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly node: Node;
}

/** Walks the tree, and holds everything on the way to the rules. */
export class Walk {
  readonly #run: Run;
  readonly #claims = new Claims();
  readonly #places = new Map<string, Place>();
  readonly #listed = new Set<string>();
  #queue: Visit[] = [];
  #left: number;
  /** Directories that were listed. */
  directories = 0;
  /** Files that were looked at. */
  files = 0;
  /** False where the budget ended the walk before the tree did. */
  whole = true;

  /** A walk that has not begun. */
  constructor(run: Run) {
    this.#run = run;
    this.#left = run.budget.entries;
  }

  /** Walks from `root` and from each of `paths`. */
  async run(root: Visit, paths: readonly string[]): Promise<void> {
    this.#queue = [root];
    for (const path of paths) await this.#lead(root, path);
    for (
      let visit = this.#queue.shift();
      visit !== undefined && this.#left > 0;
      visit = this.#queue.shift()
    ) {
      if (!this.#listed.has(visit.node.id)) await this.#directory(visit);
    }
    if (this.#queue.length > 0) this.whole = false;
    for (const id of this.#claims.open.slice(0, MOST_CLAIMS)) await this.#settleOutside(id, root);
  }

  /** Looks the names of `path` up, one after the other; what lies on the way is walked too. */
  async #lead(root: Visit, path: string): Promise<void> {
    let at = root;
    for (const name of segments(path)) {
      const next = await this.#step(at, name);
      if (next === undefined) return;
      if (await this.#meet(at, name, next)) await this.#look(next, true);
      at = next;
    }
  }

  /** The child that a named path goes on to. Where there is none, the name is at fault and not the provider. */
  async #step(at: Visit, name: string): Promise<Visit | undefined> {
    const { report, signal } = this.#run;
    const { node: { id, directory }, path } = at;
    const astray = (why: string) => {
      report.unreached(below(path, name), new OmnifsError("not-found", why));
      return undefined;
    };
    if (!directory) return astray("it lies below a file");
    const found = await first(this.#run, (each) => each.lookupChild(id, name, signal))();
    if (!found.ok) return void report.failed(below(path, name), "lookup-child", found.error);
    return found.value === undefined ? astray("nothing has that name") : this.#below(at, name, found.value);
  }

  /** Looks at something new: a directory is put in the queue, a file is read. */
  async #look(visit: Visit, thorough: boolean): Promise<void> {
    checkTime(this.#run, visit.path, visit.node);
    if (visit.node.directory) {
      if (visit.depth <= this.#run.budget.depth) this.#queue.push(visit);
      else this.whole = false;
      return;
    }
    this.files++;
    await checkFile(this.#run, visit, thorough);
  }

  async #directory(visit: Visit): Promise<void> {
    const { budget } = this.#run;
    this.#listed.add(visit.node.id);
    this.#run.progress(visit.path);
    const listed = await list(this.#run, visit);
    await checkNoBytes(this.#run, visit);
    if (listed === undefined) return;
    this.directories++;
    this.#claims.note(visit, listed);
    await this.#claims.settle(this.#run, visit.node.id, listed);
    const width = Math.min(budget.width, this.#left);
    const chosen = sample(listed, width);
    if (chosen.length < listed.entries.length || !listed.whole) this.whole = false;
    this.#left -= chosen.length;
    const lookup = await checkNamed(this.#run, visit, chosen);
    checkPrice(this.#run, visit, listed.pages[0], lookup);
    await checkAbsent(this.#run, visit, listed);
    await this.#children(visit, chosen);
  }

  async #children(visit: Visit, chosen: Listed["entries"]): Promise<void> {
    const tried = new Set<string>();
    for (const { name, node } of chosen) {
      const child = this.#below(visit, name, node);
      if (!await this.#meet(visit, name, child)) continue;
      // Each sort of file has its errors looked at once in a directory.
      await this.#look(child, !node.directory && !tried.has(node.content.tag));
      if (!node.directory) tried.add(node.content.tag);
    }
  }

  #below({ path, node: parent, depth, above }: Visit, name: string, node: Node): Visit {
    return { path: below(path, name), node, depth: depth + 1, above: [...above, parent.id] };
  }

  /** Takes down where a node was found; true where it is to be looked at. */
  async #meet(parent: Visit, name: string, { path, node, above }: Visit): Promise<boolean> {
    const { report, seen } = this.#run;
    seen.set(path, node);
    const inside = above.indexOf(node.id);
    const got = () => inside === 0 ? "the root" : `a directory that it lies in (${quoted(node.id)})`;
    if (!report.check("loops", path, inside === -1, "a child that is not above it", got)) return false;
    const before = this.#places.get(node.id);
    if (before === undefined) {
      this.#places.set(node.id, { path, parent: parent.node.id, name, node });
      return true;
    }
    await this.#checkSame(before, { path, parent: parent.node.id, name, node });
    return false;
  }

  async #checkSame(before: Place, now: Place): Promise<void> {
    if (before.path === now.path) return;
    const { signal } = this.#run;
    const same = { ok: true, value: now.node, cost: 0 } as const;
    const agree = presentDifference(before.node, now.node) === undefined;
    const expected = `the object that ${quoted(now.node.id)} is at ${before.path}`;
    await compare<Node | undefined>(this.#run, "ids", now.path, expected, {
      told: before.node,
      one: first(this.#run, (each) => each.lookupChild(before.parent, before.name, signal)),
      two: agree
        ? () => Promise.resolve(same)
        : first(this.#run, (each) => each.lookupChild(now.parent, now.name, signal)),
      differ: presentDifference,
    });
  }

  /** A directory that was told of and not walked to. */
  async #settleOutside(id: string, root: Visit): Promise<void> {
    const node: Node = { ...root.node, id, freshness: { tag: "volatile" } };
    const listed = await list(this.#run, { ...root, path: `(${quoted(id)})`, node });
    if (listed !== undefined) await this.#claims.settle(this.#run, id, listed);
  }
}
