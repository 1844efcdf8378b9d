/**
 * Conditional requests: answers that carried an ETag are kept, so that a host that has nothing new says so in a
 * few bytes (at GitHub, at no cost of rate limit).
 *
 * @module
 */
import { LRUCache } from "lru-cache";
import type { Callout, Header } from "./callout.ts";

/** One answer that may be asked for again. */
export interface KeptAnswer {
  /** Its ETag, as it came (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** Its status. */
  readonly status: number;
  /** Its headers as the guest saw them. */
  readonly headers: readonly Header[];
  /** Its body; never changed and never handed out but as a copy. */
  readonly body: Uint8Array;
}

/** Headers by which a guest asks conditionally by itself, or for a part. */
const GUESTS_OWN = [
  "if-none-match",
  "if-modified-since",
  "if-match",
  "if-unmodified-since",
  "if-range",
  "range",
];

/** What a 304 does not say anew (RFC 9111, 3.2). */
const BODY_HEADERS: ReadonlySet<string> = new Set(["content-encoding", "content-length", "content-type"]);

/** A byte-bounded LRU of answers. */
export class Validators {
  readonly #kept: LRUCache<string, KeptAnswer>;

  /** Keeps at most `bytes` bytes of answers; one alone may take a quarter of it. */
  constructor(bytes: number) {
    this.#kept = new LRUCache({
      maxSize: Math.max(bytes, 1),
      maxEntrySize: Math.max(Math.floor(bytes / 4), 1),
      sizeCalculation: (answer, key) => sizeOf(answer) + key.length,
    });
  }

  /** The key of a request, or undefined for one whose answer is not kept or that is conditional already. */
  keyOf(callout: Callout, url: string, headers: Headers): string | undefined {
    if (callout.method !== "get" || callout.expect === "none") return undefined;
    if (GUESTS_OWN.some((name) => headers.has(name))) return undefined;
    // Any header may select the answer, so all of the guest's belong to the key.
    return JSON.stringify([callout.mount, url, [...headers]]);
  }

  /** The answer kept under `key`. */
  get(key: string | undefined): KeptAnswer | undefined {
    return key === undefined ? undefined : this.#kept.get(key);
  }

  /** Keeps an answer of 200 that carried an ETag. */
  keep(key: string | undefined, answer: Omit<KeptAnswer, "etag">): void {
    const etag = answer.headers.find(({ name }) => name === "etag")?.value;
    if (key === undefined || etag === undefined || answer.status !== 200) return;
    this.#kept.set(key, { ...answer, body: answer.body.slice(), etag });
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  /** Forgets everything. */
  clear(): void {
    this.#kept.clear();
  }
}

/** The kept headers, with what the 304 said anew. */
export function refreshed(kept: readonly Header[], anew: readonly Header[]): Header[] {
  const fresh = anew.filter(({ name }) => !BODY_HEADERS.has(name));
  const names = new Set(fresh.map(({ name }) => name));
  return [...kept.filter(({ name }) => !names.has(name)), ...fresh];
}

function sizeOf(answer: KeptAnswer): number {
  return 1 + answer.body.byteLength +
    answer.headers.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
}
