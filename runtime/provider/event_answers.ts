/**
 * What a provider answers about events, checked on the way in, as `answers.ts` does for nodes.
 *
 * @module
 */
import { dirEntry, identity, watchKey } from "./answers.ts";
import { checked, Fault, integer, list, optional, record, text, variant } from "./checking.ts";
import type { Invalidation, Polled, Source } from "./events.ts";

/** Most sources of one watch. */
const SOURCES = 8;

/** Most invalidations of one answer: as many as a page may have entries. */
const INVALIDATIONS = 10_000;

/** Longest cursor of a poll, in bytes of UTF-8; the host holds one for each watch. */
const CURSOR_LIMIT = 65_536;

/** Longest URL of a stream, in bytes of UTF-8. */
const URL_LIMIT = 8_192;

/** The answer of `sources`. */
export function checkedSources(mount: string, answer: unknown): readonly Source[] {
  return checked(mount, "sources", () => list(answer, "the sources", SOURCES).map(source));
}

/** The answer of `poll`. */
export function checkedPolled(mount: string, answer: unknown): Polled {
  return checked(mount, "poll", () => {
    const fields = record(answer, "what was polled");
    return {
      invalidations: invalidations(fields.invalidations),
      cursor: optional(fields.cursor, (cursor) => text(cursor, "the cursor", CURSOR_LIMIT)),
      wait: optional(fields.wait, (wait) => integer(wait, "the wait")),
    };
  });
}

/** The answer of `on-event`. */
export function checkedInvalidations(mount: string, answer: unknown): readonly Invalidation[] {
  return checked(mount, "on-event", () => invalidations(answer));
}

/** A list of `invalidation`. */
export function invalidations(answer: unknown): Invalidation[] {
  return list(answer, "the invalidations", INVALIDATIONS).map(invalidation);
}

function source(answer: unknown): Source {
  const { tag, val } = variant(answer, "a source");
  if (tag === "poll") return { tag, milliseconds: integer(val, "a pace") };
  if (tag === "subscribe") return { tag, url: text(val, "the URL of a stream", URL_LIMIT) };
  if (tag !== "webhook") throw new Fault(`a source is ${JSON.stringify(tag)}`);
  if (val !== "hub-signature256" && val !== "linear-signature") {
    throw new Fault(`a webhook is verified by ${JSON.stringify(val)}`);
  }
  return { tag, verification: val };
}

function invalidation(answer: unknown): Invalidation {
  const { tag, val } = variant(answer, "an invalidation");
  switch (tag) {
    case "node":
    case "children":
      return { tag, id: identity(val) };
    case "watch":
    case "heard":
      return { tag, watch: watchKey(val) };
    case "placed": {
      const [parent, entry] = pair(val, "what is placed");
      return { tag, parent: identity(parent), entry: dirEntry(entry) };
    }
    case "removed": {
      const [parent, child] = pair(val, "what is removed");
      return { tag, parent: identity(parent), id: identity(child) };
    }
    default:
      throw new Fault(`an invalidation is ${JSON.stringify(tag)}`);
  }
}

function pair(answer: unknown, what: string): readonly unknown[] {
  const both = list(answer, what, 2);
  if (both.length !== 2) throw new Fault(`${what} is no pair`);
  return both;
}
