/**
 * What a provider answers, checked on the way in: every field has the type of the contract, every limit holds, every
 * name is legal. A provider that breaks a rule gets none of its answer in, and the error says which rule.
 *
 * @module
 */
import { nameFault } from "../base/path.ts";
import type { Header, Need } from "../egress/callout.ts";
import { checked, Fault, flag, integer, list, optional, record, text, variant } from "./checking.ts";
import { type Content, type DirEntry, type Freshness, HOST_PREFIX, type Listing, type Node } from "./node.ts";

/** Most bytes that travel with a node. */
const INLINE_LIMIT = 65_536;

/** Longest node id, in bytes of UTF-8. */
const ID_LIMIT = 1_024;

/** Longest version and longest watch key, in bytes of UTF-8. */
const MARK_LIMIT = 256;

/** Longest URL of an `upstream` body, in UTF-16 units. */
const URL_LIMIT = 8_192;

/** Most entries of one page, and most that a page tells of other directories. */
const PAGE_ENTRIES = 10_000;

/** Longest header of an `upstream` body, in bytes of UTF-8, and most of them. */
const HEADER_LIMIT = 8_192;
const HEADERS = 64;

/** Longest schema of settings, in bytes of UTF-8, and most needs. */
const SCHEMA_LIMIT = 65_536;
const NEEDS = 64;
/** Longest pace of a need, in milliseconds: a call waits for the calls before it, and must not wait for hours. */
const LONGEST_PACE = 60_000;

/** What `describe` answers. */
export interface Manifest {
  /** The default first path segment. */
  readonly name: string;
  /** The provider's version. */
  readonly version: string;
  /** One line for people. */
  readonly summary: string;
  /** Everything that it asks for. */
  readonly needs: readonly Need[];
  /** JSON Schema of its settings, as text. */
  readonly settingsSchema: string;
}

const encoder = new TextEncoder();

/** The answer of `lookup-child`. */
export function checkedLookup(mount: string, answer: unknown): Node | undefined {
  return answer === undefined ? undefined : checked(mount, "lookup-child", () => node(answer));
}

/** The answer of `list-children`. */
export function checkedListing(mount: string, answer: unknown): Listing {
  return checked(mount, "list-children", () => listing(answer));
}

/** The answer of `read-file`: at most `length` bytes. */
export function checkedBytes(mount: string, answer: unknown, length: number): Uint8Array {
  return checked(mount, "read-file", () => {
    const bytes = payload(answer);
    if (bytes.length > length) {
      throw new Fault(`${bytes.length} bytes were told where ${length} were asked for`, "limits");
    }
    return bytes;
  });
}

/** The answer of `describe`. */
export function checkedManifest(mount: string, answer: unknown): Manifest {
  return checked(mount, "describe", () => {
    const fields = record(answer, "the manifest");
    const name = text(fields.name, "its name", MARK_LIMIT);
    const fault = nameFault(name);
    if (fault !== undefined) throw new Fault(`it calls itself ${JSON.stringify(name)}: ${fault}`, "names");
    return {
      name,
      version: text(fields.version, "its version", MARK_LIMIT),
      summary: text(fields.summary, "its summary", ID_LIMIT),
      needs: list(fields.needs, "its needs", NEEDS).map(need),
      settingsSchema: text(fields.settingsSchema, "the schema of its settings", SCHEMA_LIMIT),
    };
  });
}

function listing(answer: unknown): Listing {
  const fields = record(answer, "the listing");
  const entries = list(fields.entries, "its entries", PAGE_ENTRIES).map(dirEntry);
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new Fault(`two entries are called ${JSON.stringify(name)}`, "names");
    seen.add(name);
  }
  return {
    entries,
    exhaustive: flag(fields.exhaustive, "exhaustive"),
    next: optional(fields.next, (next) => text(next, "its cursor", URL_LIMIT)),
    also: list(fields.also, "also", PAGE_ENTRIES).map((item) => {
      const projected = record(item, "a projected entry");
      return { parent: identity(projected.parent), entry: dirEntry(projected.entry) };
    }),
    complete: list(fields.complete, "complete", PAGE_ENTRIES).map(identity),
  };
}

/** A node under its name, as `dir-entry` of the contract holds it. */
export function dirEntry(answer: unknown): DirEntry {
  const fields = record(answer, "an entry");
  const name = text(fields.name, "an entry's name");
  const fault = nameFault(name);
  if (fault !== undefined) {
    throw new Fault(`an entry is called ${JSON.stringify(name.slice(0, 80))}: ${fault}`, "names");
  }
  return { name, node: node(fields.node) };
}

function node(answer: unknown): Node {
  const fields = record(answer, "a node");
  const id = identity(fields.id);
  if (fields.kind !== "directory" && fields.kind !== "file") {
    throw new Fault(`node ${id} is neither file nor directory`);
  }
  const directory = fields.kind === "directory";
  const body = content(fields.content);
  if (directory && body.tag !== "ask") throw new Fault(`the directory ${id} has content`);
  return {
    id,
    directory,
    size: directory ? undefined : sizeOf(id, optional(fields.size, (size) => integer(size, "a size")), body),
    modified: optional(fields.modified, (time) => integer(time, "a date")),
    version: optional(fields.version, (version) => text(version, "a version", MARK_LIMIT)),
    freshness: freshness(fields.freshness),
    content: body,
    listFirst: flag(fields.listFirst, "list-first"),
    writable: flag(fields.writable, "writable"),
  };
}

/** A file's size: that of what is inline, which the told one must equal. */
function sizeOf(id: string, told: number | undefined, body: Content): number | undefined {
  if (body.tag !== "inline") return told;
  if (told !== undefined && told !== body.bytes.length) {
    throw new Fault(`node ${id} says ${told} bytes and holds ${body.bytes.length}`, "sizes");
  }
  return body.bytes.length;
}

function content(answer: unknown): Content {
  const { tag, val } = variant(answer, "content");
  if (tag === "ask") return { tag };
  if (tag === "inline") {
    const bytes = payload(val);
    if (bytes.length > INLINE_LIMIT) {
      throw new Fault(`${bytes.length} bytes are inline, more than ${INLINE_LIMIT}`, "limits");
    }
    return { tag, bytes };
  }
  if (tag !== "upstream") throw new Fault(`content is ${JSON.stringify(tag)}`);
  const body = record(val, "an upstream body");
  return {
    tag,
    url: text(body.url, "its URL", URL_LIMIT),
    headers: list(body.headers, "its headers", HEADERS).map(header),
  };
}

function freshness(answer: unknown): Freshness {
  const { tag, val } = variant(answer, "freshness");
  if (tag === "immutable" || tag === "volatile") return { tag };
  if (tag !== "watched") throw new Fault(`freshness is ${JSON.stringify(tag)}`);
  return { tag, watch: watchKey(val) };
}

function payload(answer: unknown): Uint8Array {
  const { tag, val } = variant(answer, "a payload");
  if (tag === "text") return encoder.encode(text(val, "a text"));
  // What two threads share could change after it was checked.
  if (tag === "bytes" && val instanceof Uint8Array && val.buffer instanceof ArrayBuffer) return val;
  throw new Fault("a payload is neither text nor bytes");
}

/** A list of headers, as a request of the guest or an upstream body holds them. */
export function header(answer: unknown): Header {
  const fields = record(answer, "a header");
  return {
    name: text(fields.name, "a header's name", HEADER_LIMIT),
    value: text(fields.value, "a header's value", HEADER_LIMIT),
  };
}

function need(answer: unknown): Need {
  const fields = record(answer, "a need");
  const target = text(fields.target, "a need's target", URL_LIMIT);
  const write = flag(fields.write, "write");
  const why = text(fields.why, "a need's reason", URL_LIMIT);
  const credential = optional(fields.credential, (name) => text(name, "a credential's name", MARK_LIMIT));
  const pace = optional(fields.pace, paceOf);
  return {
    target,
    write,
    why,
    ...(credential === undefined ? {} : { credential }),
    ...(pace === undefined ? {} : { pace }),
  };
}

function paceOf(answer: unknown): number {
  const pace = integer(answer, "a pace");
  if (pace > LONGEST_PACE) throw new Fault(`a pace of ${pace} ms is longer than ${LONGEST_PACE}`, "limits");
  return pace;
}

/** A `watch-key`. */
export function watchKey(answer: unknown): string {
  return notTheHosts(text(answer, "a watch key", MARK_LIMIT));
}

function notTheHosts(told: string): string {
  if (!told.startsWith(HOST_PREFIX)) return told;
  throw new Fault(`${JSON.stringify(told.slice(0, 80))} begins as what the host itself gives out`);
}

/** A `node-id`. */
export function identity(answer: unknown): string {
  return notTheHosts(text(answer, "a node id", ID_LIMIT));
}
