/**
 * A provider as the vfs sees it, over a tree in memory. It notes every call, and a test can hold calls back.
 *
 * An answer is what the tree held when the call came in: a call that is held back brings old news.
 *
 * @module
 */
import { type ErrorKind, OmnifsError } from "../../runtime/base/errors.ts";
import type {
  Content,
  DirEntry,
  Freshness,
  Listing,
  Measure,
  Node,
  Projection,
} from "../../runtime/provider/node.ts";

/** What a call of {@linkcode Projection} is noted as, as in `lookup . repo`: `lookup`, `list`, `read`, `measure`, `download`. */
export type Op = "lookup" | "list" | "read" | "measure" | "download";

/** Where the bytes of a file are, and what is told of them beforehand. */
export interface FakeFile {
  /** The bytes as they are upstream. */
  bytes: Uint8Array;
  /** What the provider tells as the size; `told` is the truth. */
  size?: "told" | "unknown" | number;
  /** `ask` by default. */
  via?: Content["tag"];
  /** Whether a HEAD tells the length; true by default. */
  head?: boolean;
  /** How the node may be kept; `watched` by default. */
  freshness?: Freshness;
  /** The upstream's mark. */
  version?: string;
  /** When the upstream changed it last, in milliseconds since the Unix epoch. */
  modified?: number;
}

/** A directory of the fake. */
export interface FakeDirectory {
  /** Lines in one page; all by default. */
  pageSize?: number;
  /** Whether a listing tells every name; true by default. */
  exhaustive?: boolean;
  /** See {@linkcode Node.listFirst}. */
  listFirst?: boolean;
  /** How the node may be kept; `watched` by default. */
  freshness?: Freshness;
  /** When the upstream changed it last, in milliseconds since the Unix epoch. */
  modified?: number;
  /** What else a page tells: identities of directories of which all children come along. */
  tells?: readonly string[];
  /** False: what comes along is not said to be complete. */
  complete?: boolean;
}

/** The root of the fake's tree. */
export const ROOT = "";

/** Freshness of what is never kept. */
export const VOLATILE: Freshness = { tag: "volatile" };

/** Freshness of what never changes. */
export const IMMUTABLE: Freshness = { tag: "immutable" };

/** Freshness of what changes only when `watch` says so; of what a test does not care about. */
export const watched = (watch = "w"): Freshness => ({ tag: "watched", watch });

const WATCHED = watched();

interface Held {
  readonly op: Op;
  readonly release: PromiseWithResolvers<void>;
  readonly arrived: PromiseWithResolvers<void>;
}

/** A provider over a tree in memory. */
export class FakeProjection implements Projection {
  readonly mount: string;
  /** Every call so far, such as `lookup repo title` or `read file 0+10`. */
  readonly calls: string[] = [];
  /** Calls whose signal was aborted before they were answered. */
  readonly aborted: string[] = [];
  readonly #files = new Map<string, FakeFile>();
  readonly #directories = new Map<string, FakeDirectory>([[ROOT, {}]]);
  readonly #children = new Map<string, Map<string, string>>([[ROOT, new Map()]]);
  readonly #failures = new Map<Op, OmnifsError>();
  #held: Held[] = [];
  /** What every answer waits for, once the upstream has read what it tells. */
  slow: (() => Promise<void>) | undefined;

  /** An empty tree. */
  constructor(mount = "m") {
    this.mount = mount;
  }

  /** The calls since the last time this was asked. */
  taken(): string[] {
    return this.calls.splice(0);
  }

  /** Puts a directory under `name`; answers its identity. */
  directory(parent: string, name: string, options: FakeDirectory = {}, id = below(parent, name)): string {
    this.#directories.set(id, options);
    if (!this.#children.has(id)) this.#children.set(id, new Map());
    this.#named(parent).set(name, id);
    return id;
  }

  /** Puts a file under `name`; answers its identity. */
  file(parent: string, name: string, file: FakeFile | string, id = below(parent, name)): string {
    this.#files.set(id, typeof file === "string" ? { bytes: new TextEncoder().encode(file) } : file);
    this.#named(parent).set(name, id);
    return id;
  }

  /** Gives a known identity one more name. */
  link(parent: string, name: string, id: string): void {
    this.#named(parent).set(name, id);
  }

  /** The child `id` as an event tells it, under `name`. */
  entry(name: string, id: string): DirEntry {
    return { name, node: this.#node(id) };
  }

  /** Takes a name away. */
  remove(parent: string, name: string): void {
    this.#named(parent).delete(name);
  }

  /** Makes every call of `op` fail until it is told otherwise. */
  fail(op: Op, kind: ErrorKind | undefined, mend?: string): void {
    if (kind === undefined) this.#failures.delete(op);
    else {this.#failures.set(
        op,
        new OmnifsError(kind, `${kind} upstream`, mend === undefined ? {} : { mend }),
      );}
  }

  /** Holds the next call of `op` back. `arrived` is resolved once it is there, `release` lets it answer. */
  hold(op: Op): { readonly arrived: Promise<void>; readonly release: () => void } {
    const held = { op, release: Promise.withResolvers<void>(), arrived: Promise.withResolvers<void>() };
    this.#held.push(held);
    return { arrived: held.arrived.promise, release: () => held.release.resolve() };
  }

  /** See {@linkcode Projection}. */
  lookupChild(parent: string, name: string, signal?: AbortSignal): Promise<Node | undefined> {
    return this.#answer("lookup", `${parent || "."} ${name}`, signal, () => {
      const id = this.#named(parent).get(name);
      return id === undefined ? undefined : this.#node(id);
    });
  }

  /** See {@linkcode Projection}. */
  listChildren(parent: string, cursor: string | undefined, signal?: AbortSignal): Promise<Listing> {
    return this.#answer(
      "list",
      `${parent || "."} ${cursor ?? "start"}`,
      signal,
      () => this.#page(parent, cursor),
    );
  }

  /** See {@linkcode Projection}. */
  readFile(file: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#answer(
      "read",
      `${file} ${offset}+${length}`,
      signal,
      () => this.#file(file).bytes.slice(offset, offset + length),
    );
  }

  /** See {@linkcode Projection}. */
  measure(content: Content & { tag: "upstream" }, signal?: AbortSignal): Promise<Measure> {
    return this.#answer("measure", content.url, signal, () => {
      const { head, bytes } = this.#file(content.url);
      return { size: head === false ? undefined : bytes.length, ranges: true };
    });
  }

  /** See {@linkcode Projection}. */
  download(
    content: Content & { tag: "upstream" },
    range: { readonly offset: number; readonly length: number } | undefined,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const part = range === undefined ? "whole" : `${range.offset}+${range.length}`;
    return this.#answer("download", `${content.url} ${part}`, signal, () => {
      const { bytes } = this.#file(content.url);
      return range === undefined ? bytes.slice() : bytes.slice(range.offset, range.offset + range.length);
    });
  }

  async #answer<Value>(
    op: Op,
    what: string,
    signal: AbortSignal | undefined,
    now: () => Value,
  ): Promise<Value> {
    const call = `${op} ${what}`.trim();
    this.calls.push(call);
    const failure = this.#failures.get(op);
    const answer = failure === undefined ? attempt(now) : () => raise(failure);
    const index = this.#held.findIndex((each) => each.op === op);
    const [held] = index < 0 ? [] : this.#held.splice(index, 1);
    held?.arrived.resolve();
    await (held === undefined ? this.slow?.() : this.#released(held, call, signal));
    return answer();
  }

  #released(held: Held, call: string, signal: AbortSignal | undefined): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    const stop = () => {
      this.aborted.push(call);
      stopped.reject(new OmnifsError("interrupted", "the caller gave up"));
    };
    signal?.addEventListener("abort", stop, { once: true });
    const over = () => signal?.removeEventListener("abort", stop);
    return Promise.race([held.release.promise, stopped.promise]).finally(over);
  }

  #page(parent: string, cursor: string | undefined): Listing {
    const { pageSize = Infinity, exhaustive = true, tells = [], complete = true } =
      this.#directories.get(parent) ?? {};
    const all = [...this.#named(parent)].map(([name, id]) => ({ name, node: this.#node(id) }));
    const start = Number(cursor ?? 0);
    const end = start + Math.min(pageSize, all.length);
    const along = tells.filter((id) => id !== parent);
    return {
      entries: all.slice(start, end),
      exhaustive,
      next: end < all.length ? `${end}` : undefined,
      also: along.flatMap((id) => this.#childrenOf(id).map((entry) => ({ parent: id, entry }))),
      complete: complete ? along : [],
    };
  }

  #childrenOf(parent: string): DirEntry[] {
    return [...this.#named(parent)].map(([name, id]) => ({ name, node: this.#node(id) }));
  }

  #named(parent: string): Map<string, string> {
    const children = this.#children.get(parent);
    if (children === undefined) throw new OmnifsError("not-found", `no directory ${parent}`);
    return children;
  }

  #file(id: string): FakeFile {
    const file = this.#files.get(id);
    if (file === undefined) throw new OmnifsError("not-found", `no file ${id}`);
    return file;
  }

  #node(id: string): Node {
    const directory = this.#directories.get(id);
    if (directory !== undefined) return directoryNode(id, directory);
    return fileNode(id, this.#file(id));
  }
}

function directoryNode(
  id: string,
  { freshness = WATCHED, listFirst = false, modified }: FakeDirectory,
): Node {
  return {
    id,
    directory: true,
    size: undefined,
    modified,
    version: undefined,
    freshness,
    content: { tag: "ask" },
    listFirst,
    writable: false,
  };
}

function fileNode(id: string, file: FakeFile): Node {
  const { bytes, size = "told", via = "ask", freshness = WATCHED, version, modified } = file;
  return {
    id,
    directory: false,
    size: size === "told" ? bytes.length : size === "unknown" ? undefined : size,
    modified,
    version,
    freshness,
    content: via === "inline"
      ? { tag: "inline", bytes }
      : via === "upstream"
      ? { tag: "upstream", url: id, headers: [] }
      : { tag: "ask" },
    listFirst: false,
    writable: false,
  };
}

/** What `now` comes to now, to be told later. */
function attempt<Value>(now: () => Value): () => Value {
  try {
    const value = now();
    return () => value;
  } catch (error) {
    return () => raise(error);
  }
}

/** The identity that a name gets where the test gives it none. */
function below(parent: string, name: string): string {
  return parent === ROOT ? name : `${parent}/${name}`;
}

function raise(error: unknown): never {
  throw error;
}
