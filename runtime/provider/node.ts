/**
 * What providers answer, in the shape in which the rest of the runtime holds it: numbers for the contract's
 * `u64`, bytes for inline payloads, every limit already checked.
 *
 * @module
 */
import type { Header } from "../egress/callout.ts";

/** How identities and watches begin that the host itself gives out; an answer with one of those is the provider's fault. */
export const HOST_PREFIX = "omnifs:";

/** How the host learns that a node is no longer true; see `types.wit`. */
export type Freshness =
  | { readonly tag: "immutable" }
  | { readonly tag: "watched"; readonly watch: string }
  | { readonly tag: "volatile" };

/** Where a file's bytes are; see `types.wit`. */
export type Content =
  | { readonly tag: "inline"; readonly bytes: Uint8Array }
  | { readonly tag: "upstream"; readonly url: string; readonly headers: readonly Header[] }
  | { readonly tag: "ask" };

/** One object of the projected tree. */
export interface Node {
  /** Its identity: stable, opaque, unique in its provider. */
  readonly id: string;
  /** True for a directory. */
  readonly directory: boolean;
  /** Exact bytes of a file; undefined where it is not known yet. */
  readonly size: number | undefined;
  /** Last upstream change in milliseconds since the Unix epoch. */
  readonly modified: number | undefined;
  /** The upstream's own mark of this state. */
  readonly version: string | undefined;
  /** How long it may be kept. */
  readonly freshness: Freshness;
  /** Where its bytes are; `ask` for a directory. */
  readonly content: Content;
  /** True where listing costs no more than looking one name up. */
  readonly listFirst: boolean;
  /** True where a draft may stage a write. */
  readonly writable: boolean;
}

/** A node under the name that one directory gives it. */
export interface DirEntry {
  /** A legal name (`base/path.ts`). */
  readonly name: string;
  /** The node. */
  readonly node: Node;
}

/** One page of a directory, and what else the same answer told. */
export interface Listing {
  /** The directory's own children, in the upstream's order. */
  readonly entries: readonly DirEntry[];
  /** True where a name that is on no page is thereby known to be absent. */
  readonly exhaustive: boolean;
  /** Where to go on; undefined after the last page. */
  readonly next: string | undefined;
  /** Children of other directories. */
  readonly also: readonly { readonly parent: string; readonly entry: DirEntry }[];
  /** Other directories of which every child is told. */
  readonly complete: readonly string[];
}

/** The read surface of one mounted provider. Every method rejects with an `OmnifsError`. */
export interface Projection {
  /** The mount name, such as `github`. */
  readonly mount: string;
  /** The child `name` of the directory `parent`, or undefined where there is none. */
  lookupChild(parent: string, name: string, signal?: AbortSignal): Promise<Node | undefined>;
  /** One page of the children of `parent`; `cursor` is the `next` of the page before. */
  listChildren(parent: string, cursor: string | undefined, signal?: AbortSignal): Promise<Listing>;
  /** Bytes of a file whose content is `ask`. */
  readFile(file: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The length of an `upstream` body, and whether it can be had in ranges; through the gate. */
  measure(content: Content & { tag: "upstream" }, signal?: AbortSignal): Promise<Measure>;
  /**
   * The bytes of an `upstream` body: all of them, or `length` from `offset` by Range. Fails as `conflict` where it is
   * known to be no longer `whole` bytes long.
   */
  download(
    content: Content & { tag: "upstream" },
    range: { readonly offset: number; readonly length: number; readonly whole?: number } | undefined,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
}

/** What a HEAD told. */
export interface Measure {
  /** Bytes, or undefined where the upstream does not say. */
  readonly size: number | undefined;
  /** True where the upstream answers Range requests. */
  readonly ranges: boolean;
}
