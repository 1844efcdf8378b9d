/**
 * What events come to, as a provider builds it: invalidations, deliveries of webhooks, the cursors of polls.
 *
 * @module
 */
import type { DirEntry, Event, Invalidation, NodeId } from "./contract.ts";
import { decode } from "./utf8.ts";

/** The node's attributes and bytes are no longer true. */
export function stale(id: NodeId): Invalidation {
  return { tag: "node", val: id };
}

/** The directory's listing is no longer true. */
export function relisted(directory: NodeId): Invalidation {
  return { tag: "children", val: directory };
}

/** The directory now holds `entry`; a child of the same identity under another name has been renamed. */
export function placed(directory: NodeId, entry: DirEntry): Invalidation {
  return { tag: "placed", val: [directory, entry] };
}

/** The directory no longer holds the child `id`. */
export function removed(directory: NodeId, id: NodeId): Invalidation {
  return { tag: "removed", val: [directory, id] };
}

/** Nothing that the watch guards can be relied on. */
export function lost(watch: string): Invalidation {
  return { tag: "watch", val: watch };
}

/** A webhook of the watch was delivered. */
export function heard(watch: string): Invalidation {
  return { tag: "heard", val: watch };
}

/**
 * A child as it is now. A file whose bytes do not travel with it has them dropped first, because its new state may
 * read like the old one; one that nobody keeps is not told.
 */
export function placedWhole(directory: NodeId, entry: DirEntry): Invalidation[] {
  const { id, kind, content, freshness } = entry.node;
  if (freshness.tag === "volatile") return [stale(id)];
  const away = kind === "file" && content.tag !== "inline" && freshness.tag === "watched";
  return away ? [stale(id), placed(directory, entry)] : [placed(directory, entry)];
}

/**
 * `invalidations`, each said once. Where everything is dropped, only what other watches guard has to be said beside it:
 * `isElsewhere` tells that by an identity.
 */
export function condensed(
  invalidations: readonly Invalidation[],
  isElsewhere: (id: NodeId) => boolean,
): Invalidation[] {
  const once = [...new Map(invalidations.map((one) => [JSON.stringify(one), one])).values()];
  if (!once.some(({ tag }) => tag === "watch")) return once;
  return once.filter(({ tag, val }) =>
    tag === "watch" || isElsewhere(typeof val === "string" ? val : val[0])
  );
}

/** A delivery of a webhook, read. */
export interface Delivery {
  /** The value of a header; `name` in lower case. */
  header(name: string): string | undefined;
  /** The parsed body; undefined where it is not JSON. */
  readonly body: unknown;
}

/** The delivery of a webhook; undefined for any other event. */
export function deliveryOf(event: Event): Delivery | undefined {
  if (event.tag !== "webhook") return undefined;
  const { headers, body } = event.val;
  return {
    header: (name) => headers.find(([one]) => one.toLowerCase() === name)?.[1],
    body: parsed(decode(body)),
  };
}

/** One line of a stream as JSON; undefined for any other event, and for a line that is none. */
export function lineOf(event: Event): unknown {
  return event.tag === "line" ? parsed(decode(event.val)) : undefined;
}

/** The state that an earlier poll left in its cursor; undefined without one, or where it is not this provider's. */
export function stateIn(cursor: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const state = cursor === undefined ? undefined : parsed(cursor);
  return typeof state === "object" && state !== null && !Array.isArray(state) ? { ...state } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A short mark of `text` by which two states of one thing are told apart: its length and its FNV-1a hash, over UTF-16
 * units. No defence against anybody, only against one state being taken for another.
 */
export function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}
