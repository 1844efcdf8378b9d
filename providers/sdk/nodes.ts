/**
 * Builders for what a provider answers. They keep the rules of the tree: text ends in exactly one newline, JSON is
 * indented by two, every field that the contract needs is there.
 *
 * @module
 */
import type { Content, DirEntry, Freshness, Header, Listing, Node, NodeId, Payload } from "./contract.ts";
import { encodeName } from "./names.ts";
import { byteLength, encode } from "./utf8.ts";

/** Most bytes that travel with a node; longer text is asked for with `readFile`. */
export const INLINE_LIMIT = 65_536;

/** U+000A. */
const LINE_FEED = 10;

/** It never changes. */
export const immutable: Freshness = { tag: "immutable" };

/** Nobody will tell when it changes: it is asked for anew each time. */
export const volatile: Freshness = { tag: "volatile" };

/** It is true until the watch `key` says otherwise. */
export function watched(key: string): Freshness {
  return { tag: "watched", val: key };
}

/** What every builder takes. */
export interface NodeOptions {
  /** Last upstream change: milliseconds since the Unix epoch, or an ISO date as APIs give it. */
  readonly modified?: number | string | null | undefined;
  /** The upstream's own mark of this state, such as an ETag; at most 256 bytes. */
  readonly version?: string | null | undefined;
  /** How long the host may keep it; {@linkcode volatile} unless told. */
  readonly freshness?: Freshness | undefined;
  /** True where a draft may stage a write. */
  readonly writable?: boolean | undefined;
}

/** What a directory takes beside that. */
export interface DirectoryOptions extends NodeOptions {
  /** True where listing one page costs no more than looking one name up. */
  readonly listFirst?: boolean | undefined;
}

/** What a file with bytes elsewhere takes beside that. */
export interface FileOptions extends NodeOptions {
  /** Exact length in bytes, where the provider knows it. */
  readonly size?: number | undefined;
}

/** A directory. */
export function directory(id: NodeId, options: DirectoryOptions = {}): Node {
  return { ...common(id, "directory", { tag: "ask" }, options), listFirst: options.listFirst ?? false };
}

/**
 * A file of text. It ends in exactly one newline; a list is one item a line; what is absent, an empty text or an
 * empty list is an empty file. Text of more than {@linkcode INLINE_LIMIT} bytes is asked for: answer `readFile`
 * with {@linkcode textOf} of the same value.
 */
export function textFile(id: NodeId, value: TextValue, options: NodeOptions = {}): Node {
  return textNode(id, textOf(value), options);
}

/** A file of JSON, indented by two, that ends in one newline. As for {@linkcode textFile} where it is long. */
export function jsonFile(id: NodeId, value: unknown, options: NodeOptions = {}): Node {
  return textNode(id, jsonOf(value), options);
}

/** A file of bytes that are at hand, at most {@linkcode INLINE_LIMIT}. */
export function bytesFile(id: NodeId, bytes: Uint8Array, options: NodeOptions = {}): Node {
  return common(id, "file", { tag: "inline", val: { tag: "bytes", val: bytes } }, options);
}

/** A file whose bytes the host asks for with `readFile`. */
export function askFile(id: NodeId, options: FileOptions = {}): Node {
  return sized(common(id, "file", { tag: "ask" }, options), options.size);
}

/** A file whose bytes the host fetches from `url` by itself, through the gate, with the credential. */
export function upstreamFile(
  id: NodeId,
  url: string,
  options: FileOptions & { readonly headers?: Readonly<Record<string, string>> | undefined } = {},
): Node {
  const val = { url, headers: headerList(options.headers ?? {}) };
  return sized(common(id, "file", { tag: "upstream", val }, options), options.size);
}

/** A child under its upstream name, encoded where a path cannot hold it. */
export function entry(upstreamName: string, node: Node): DirEntry {
  return { name: encodeName(upstreamName), node };
}

/** A directory's children, told whole: a name that is not among them is absent. */
export function whole(entries: DirEntry[]): Listing {
  return { entries, exhaustive: true, also: [], complete: [] };
}

/** What {@linkcode textFile} takes. */
export type TextValue = string | number | boolean | readonly string[] | null | undefined;

/** The text of a file with `value`, by the rules of {@linkcode textFile}. */
export function textOf(value: TextValue): string {
  if (value === undefined || value === null) return "";
  const text = wellFormed(Array.isArray(value) ? value.join("\n") : String(value));
  // By hand: an expression tries each line of a long text in turn, and a guest's are slow.
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === LINE_FEED) end--;
  return end === 0 ? "" : `${text.slice(0, end)}\n`;
}

/** The text of a file with `value` as JSON. */
export function jsonOf(value: unknown): string {
  return wellFormed(`${JSON.stringify(value, null, 2) ?? "null"}\n`);
}

/** The part of `text` that `readFile` was asked for. */
export function slice(text: string, offset: number, length: number): Payload {
  // A text of n units has at most 3n bytes: the whole is told without a codec.
  if (offset === 0 && length >= text.length * 3) return { tag: "text", val: text };
  return { tag: "bytes", val: encode(text).slice(offset, offset + length) };
}

/** Headers as the contract has them. */
export function headerList(headers: Readonly<Record<string, string>>): Header[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

function textNode(id: NodeId, text: string, options: NodeOptions): Node {
  if (text.length * 3 > INLINE_LIMIT) {
    const size = byteLength(text);
    if (size > INLINE_LIMIT) return askFile(id, { ...options, size });
  }
  // The host counts the bytes of what is inline much faster than a guest could.
  return common(id, "file", { tag: "inline", val: { tag: "text", val: text } }, options);
}

function common(id: NodeId, kind: Node["kind"], content: Content, options: NodeOptions): Node {
  const node: Node = {
    id,
    kind,
    freshness: options.freshness ?? volatile,
    content,
    listFirst: false,
    writable: options.writable ?? false,
  };
  const modified = milliseconds(options.modified);
  if (modified !== undefined) node.modified = modified;
  if (typeof options.version === "string") node.version = options.version;
  return node;
}

function sized(node: Node, size: number | undefined): Node {
  return size === undefined ? node : { ...node, size };
}

/** A date as the contract has it; what is no date, or before 1970, is not told. */
function milliseconds(date: number | string | null | undefined): number | undefined {
  if (date === null || date === undefined) return undefined;
  const time = Math.trunc(typeof date === "number" ? date : Date.parse(date));
  return Number.isSafeInteger(time) && time >= 0 ? time : undefined;
}

/** Upstream JSON can hold half of a surrogate pair, which no UTF-8 can. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
