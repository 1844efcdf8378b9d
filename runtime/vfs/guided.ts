/**
 * A provider's tree with `README.md` at its root, which omnifs writes and the provider never hears of.
 *
 * @module
 */
import {
  type Content,
  type DirEntry,
  HOST_PREFIX,
  type Listing,
  type Measure,
  type Node,
  type Projection,
} from "../provider/mod.ts";

/** The name of the page. A child of that name that the provider has is not shown. */
const GUIDE_NAME = "README.md";

/** The identity of the page and the watch that it is kept under: no provider can tell either. */
export const GUIDE_ID = `${HOST_PREFIX}${GUIDE_NAME}`;

/** The identity of the root of every provider's tree. */
const ROOT = "";

/** The page as it is now. */
export interface GuidePage {
  /** Its text, in UTF-8. */
  readonly bytes: Uint8Array;
  /** When it last changed, in milliseconds since the Unix epoch. */
  readonly modified: number;
}

/** True where a provider speaks of the name that is the page's. */
export function isGuide(parent: string, name: string): boolean {
  return parent === ROOT && name === GUIDE_NAME;
}

/** The tree of a provider with its page. */
export class GuidedProjection implements Projection {
  readonly #provider: Projection;
  readonly #page: () => GuidePage;

  /** The tree of `provider`; `page` is asked each time the page is looked up or listed. */
  constructor(provider: Projection, page: () => GuidePage) {
    this.#provider = provider;
    this.#page = page;
  }

  /** See {@linkcode Projection}. */
  get mount(): string {
    return this.#provider.mount;
  }

  /** See {@linkcode Projection}. */
  async lookupChild(parent: string, name: string, signal?: AbortSignal): Promise<Node | undefined> {
    if (isGuide(parent, name)) return this.#node();
    return await this.#provider.lookupChild(parent, name, signal);
  }

  /** See {@linkcode Projection}: the page is the first line of the root. */
  async listChildren(parent: string, cursor: string | undefined, signal?: AbortSignal): Promise<Listing> {
    const told = await this.#provider.listChildren(parent, cursor, signal);
    const also = told.also.filter(({ parent, entry }) => !isGuide(parent, entry.name));
    // Whoever tells every child of the root does not know of this one.
    if (told.complete.includes(ROOT)) also.unshift({ parent: ROOT, entry: this.#entry() });
    if (parent !== ROOT) return { ...told, also };
    const others = told.entries.filter(({ name }) => name !== GUIDE_NAME);
    return { ...told, also, entries: cursor === undefined ? [this.#entry(), ...others] : others };
  }

  /** See {@linkcode Projection}. */
  async readFile(file: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (file === GUIDE_ID) return this.#page().bytes.subarray(offset, offset + length);
    return await this.#provider.readFile(file, offset, length, signal);
  }

  /** See {@linkcode Projection}. */
  measure(content: Content & { tag: "upstream" }, signal?: AbortSignal): Promise<Measure> {
    return this.#provider.measure(content, signal);
  }

  /** See {@linkcode Projection}. */
  download(
    content: Content & { tag: "upstream" },
    range: Parameters<Projection["download"]>[1],
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#provider.download(content, range, signal);
  }

  #entry(): DirEntry {
    return { name: GUIDE_NAME, node: this.#node() };
  }

  #node(): Node {
    const { bytes, modified } = this.#page();
    return {
      id: GUIDE_ID,
      directory: false,
      size: bytes.length,
      modified,
      version: String(modified),
      freshness: { tag: "watched", watch: GUIDE_ID },
      content: { tag: "inline", bytes },
      listFirst: false,
      writable: false,
    };
  }
}
