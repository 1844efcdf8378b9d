/**
 * Comparing what two answers tell of one thing. What nobody promises to keep (`volatile`) may differ in its state.
 *
 * @module
 */
import type { Content, DirEntry, Listing, Node } from "../node.ts";

/** What differs between two tellings of one node, in words; undefined where nothing does that should not. */
export function nodeDifference(a: Node, b: Node): string | undefined {
  const same = fieldDifference(a, b, ["id", "directory", "listFirst", "writable"]) ??
    different("freshness", freshnessText(a), freshnessText(b));
  if (same !== undefined || a.freshness.tag === "volatile") return same;
  const size = a.size === undefined || b.size === undefined ? undefined : different("size", a.size, b.size);
  return size ?? fieldDifference(a, b, ["modified", "version"]) ?? contentDifference(a.content, b.content);
}

/** What differs between two tellings of one page, in words; the state of what is immutable is judged by itself. */
export function pageDifference(a: Listing, b: Listing): string | undefined {
  for (const [index, entry] of a.entries.entries()) {
    const difference = entryDifference(entry, b.entries[index]);
    if (difference !== undefined) return difference;
  }
  return different("number of entries", a.entries.length, b.entries.length) ??
    different("exhaustive", a.exhaustive, b.exhaustive) ??
    different("end", a.next === undefined, b.next === undefined);
}

/** What differs between two tellings of some bytes, in words. */
export function bytesDifference(a: Uint8Array, b: Uint8Array): string | undefined {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  if (at !== -1 && at < b.length) return `byte ${at} is ${b[at]}, not ${a[at]}`;
  return different("length", a.length, b.length);
}

/** True where nothing can change it. */
export function isImmutable({ freshness }: Node): boolean {
  return freshness.tag === "immutable";
}

/** `name` as it stands in a report. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function entryDifference(a: DirEntry, b: DirEntry | undefined): string | undefined {
  if (b === undefined) return `${quoted(a.name)} is missing`;
  if (a.name !== b.name) return `${quoted(b.name)} stands in the place of ${quoted(a.name)}`;
  if (isImmutable(a.node) && a.node.id === b.node.id) return undefined;
  const difference = nodeDifference(a.node, b.node);
  return difference === undefined ? undefined : `${quoted(a.name)}: ${difference}`;
}

function fieldDifference(a: Node, b: Node, fields: readonly (keyof Node)[]): string | undefined {
  for (const field of fields) {
    const difference = different(field, a[field], b[field]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function different(what: string, a: unknown, b: unknown): string | undefined {
  return a === b ? undefined : `its ${what} is ${shown(b)}, not ${shown(a)}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

function freshnessText({ freshness }: Node): string {
  return freshness.tag === "watched" ? `watched(${freshness.watch})` : freshness.tag;
}

function contentDifference(a: Content, b: Content): string | undefined {
  if (a.tag === "inline" && b.tag === "inline") return bytesDifference(a.bytes, b.bytes);
  if (a.tag === "upstream" && b.tag === "upstream") return different("URL", placeOf(a.url), placeOf(b.url));
  return different("content", a.tag, b.tag);
}

/** A URL without its query: a signature there may differ from call to call. */
function placeOf(url: string): string {
  return url.replace(/\?.*/s, "");
}
