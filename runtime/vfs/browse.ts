/**
 * The tree by path, without a kernel: what `omnifs ls`, `cat` and `find` read, from the same cache.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { join, segments } from "../base/path.ts";
import type { Node } from "../provider/node.ts";
import { ROOT_INO } from "../tree/inode_number.ts";
import type { InodeTable } from "../tree/inodes.ts";
import type { Place } from "../tree/place.ts";
import { BLOCK_BYTES, type Bodies } from "./bodies.ts";
import type { Directory } from "./directory.ts";
import type { Mounts } from "./mounts.ts";
import type { Found, Namespace } from "./namespace.ts";
import { ROOT_NODE } from "./node_rules.ts";
import type { Operations } from "./operations.ts";
import type { Troubles } from "./troubles.ts";
import { walk } from "./walk.ts";
import { asOmnifsError } from "../base/errors.ts";

/** One object of the tree, as it is found by path. */
export interface Sight {
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** The last segment; empty for the root. */
  readonly name: string;
  /** The mount name of its provider; empty for the root. */
  readonly mount: string;
  /** The inode number that users see. */
  readonly ino: number;
  /** What it is. */
  readonly node: Node;
}

/** What browsing needs of the tree. */
export interface BrowseParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
  /** The inode numbers. */
  readonly inodes: InodeTable;
  /** Where failures are noted. */
  readonly troubles: Troubles;
  /** Where it is told what readers wait for; nobody is told where it is missing. */
  readonly operations?: Operations;
}

/** Walks the tree by path. Every method fails with an `OmnifsError` that names the path. */
export class Browser {
  readonly #parts: BrowseParts;

  /** A walker over `parts`. */
  constructor(parts: BrowseParts) {
    this.#parts = parts;
  }

  /** The object at `path`, a file with its exact length. */
  stat(path: string, signal: AbortSignal): Promise<Sight> {
    return this.#noting("stat", path, async () => {
      const sight = await this.#settled(path, signal);
      return sight === undefined ? this.#root() : this.#sight(path, sight);
    });
  }

  /** The children of the directory at `path`, page by page as they are loaded. */
  async *list(path: string, signal: AbortSignal): AsyncGenerator<Sight> {
    const found = await this.#noting("list", path, () => walk(this.#parts, path, signal));
    if (found === undefined) {
      for (const { place } of this.#parts.mounts.all()) {
        yield this.#sight(join("/", place.name), { place, node: ROOT_NODE });
      }
      return;
    }
    if (!found.node.directory) throw new OmnifsError("not-a-directory", "it is a file", { path, op: "list" });
    yield* this.#lines(path, found.place, signal);
  }

  /** The bytes of the file at `path`, in pieces of at most 1 MiB. */
  async *read(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const found = await this.#noting("read", path, () => this.#settled(path, signal));
    if (found === undefined || found.node.directory) {
      throw new OmnifsError("is-a-directory", "it is a directory", {
        path,
        op: "read",
        mend: `omnifs ls ${path}`,
      });
    }
    const { place, node } = found;
    for (let offset = 0; offset < (node.size ?? 0); offset += BLOCK_BYTES) {
      yield await this.#noting(
        "read",
        path,
        () => this.#parts.bodies.read(place, node, offset, BLOCK_BYTES, signal),
      );
    }
  }

  async *#lines(path: string, place: Place, signal: AbortSignal): AsyncGenerator<Sight> {
    let directory: Directory | undefined = this.#parts.namespace.peekDirectory(place);
    for (let index = 0;; index++) {
      while (directory === undefined || (index >= directory.listing.length && !directory.listing.complete)) {
        directory = await this.#noting(
          "list",
          path,
          () => this.#parts.namespace.nextPage(place, directory, signal),
        );
      }
      const line = directory.listing.at(index);
      if (line === undefined && index >= directory.listing.length) return;
      // What was taken away leaves a gap.
      if (line === undefined) continue;
      const node = this.#parts.namespace.peek(line) ??
        await this.#noting("list", path, () => this.#parts.namespace.resolve(line, signal));
      yield this.#sight(join(path === "/" ? "/" : path.replace(/\/+$/, ""), line.name), {
        place: line,
        node,
      });
    }
  }

  /** What is at `path`, with its length, all of one moment; undefined for the root of the whole tree. */
  async #settled(path: string, signal: AbortSignal): Promise<Found | undefined> {
    const { namespace, bodies } = this.#parts;
    const [mount = ""] = segments(path);
    const { value } = await namespace.steady(mount, async (look) => {
      const found = await walk(this.#parts, path, signal);
      if (found === undefined) return undefined;
      look.state(found.place, found.node);
      const node = found.node.directory ? found.node : await bodies.settled(found.place, found.node, signal);
      return { ...found, node };
    }, signal);
    return value;
  }

  #root(): Sight {
    return { path: "/", name: "", mount: "", ino: ROOT_INO, node: ROOT_NODE };
  }

  #sight(path: string, { place, node }: Found): Sight {
    return { path, name: place.name, mount: place.mount, ino: this.#parts.inodes.numberOf(place.key), node };
  }

  async #noting<Value>(op: string, path: string, work: () => Promise<Value>): Promise<Value> {
    try {
      const running = work();
      return await (this.#parts.operations?.measure(op, () => path, running) ?? running);
    } catch (thrown) {
      const error = asOmnifsError(thrown, op);
      this.#parts.troubles.note(op, path, error);
      const { kind, message, mend, retryAfter } = error;
      throw new OmnifsError(kind, message, {
        op,
        path,
        ...(mend === undefined ? {} : { mend }),
        ...(retryAfter === undefined ? {} : { retryAfter }),
        cause: thrown,
      });
    }
  }
}
