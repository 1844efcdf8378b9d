/**
 * The watch `docker` over all that the Engine has: its stream of events, and the last of them again after a break.
 *
 * @module
 */
import {
  type EventsDefinition,
  type Invalidation,
  lineOf,
  lost,
  type Polled,
  type Source,
  stateIn,
  withQuery,
} from "../sdk/mod.ts";
import { consequencesOf } from "./consequences.ts";
import type { Engine } from "./engine.ts";
import { note, nothing } from "./happened.ts";
import { WATCH } from "./ids.ts";
import { text } from "./json.ts";

/**
 * Milliseconds between two looks at the last events. The Engine keeps 256 of them (`eventsLimit` of moby's
 * `daemon/events`), and each health check of a container makes three.
 */
const PACE = 20_000;

/** What happened to anything else is not shown. */
const FILTERS = JSON.stringify({ type: ["container", "image", "network", "volume"] });

/** The cursor of an Engine in which nothing happened yet. */
const NONE = "0";

/** The provider's events, from the Engine that `engine` makes; `now` tells milliseconds since the Unix epoch. */
export function eventsOf(engine: () => Engine, now: () => number): EventsDefinition {
  return {
    sources: () => sourcesOf(engine()),
    poll: (_watch, cursor, since) => pollEngine(engine(), cursor, since, now()),
    onEvent: (event) => meaningOf(engine(), lineOf(event)),
  };
}

function sourcesOf(engine: Engine): Source[] {
  const stream = engine.address(withQuery("/events", { filters: FILTERS }));
  return [{ tag: "subscribe", val: stream }, { tag: "poll", val: PACE }];
}

/** What one event means. One that cannot be followed up is not lost: everything is dropped. */
function meaningOf(engine: Engine, event: unknown): Invalidation[] {
  const happened = nothing();
  note(happened, event);
  try {
    return consequencesOf(engine, happened);
  } catch (error) {
    console.warn("an event could not be followed up", error);
    return [lost(WATCH)];
  }
}

/**
 * What happened since the cursor, the time of the last event that was seen. The Engine forgets its events when it
 * ends, and the older ones when there are many: where it does not have that one any more, something may be missing.
 */
function pollEngine(engine: Engine, cursor: string | undefined, since: number, now: number): Polled {
  const last = text(stateIn(cursor), "last");
  const events = eventsSince(engine, FILTERS, seconds(last ?? NONE), now);
  const newest = events.reduce((latest, { time }) => later(time, latest) ? time : latest, last ?? NONE);
  const next = { cursor: JSON.stringify({ last: newest }) };
  const known = cursor === undefined || events.some(({ time }) => time === last);
  if (!known) return { ...next, invalidations: [lost(WATCH)] };
  const begin = last ?? nanoseconds(since);
  const happened = nothing();
  for (const { time, event } of events) if (later(time, begin)) note(happened, event);
  return { ...next, invalidations: consequencesOf(engine, happened) };
}

/** True where the Engine remembers that it sent a signal to the container `id` in the `span` milliseconds before `now`. */
export function wasSignalled(engine: Engine, id: string, span: number, now: number): boolean {
  const filters = JSON.stringify({ container: [id], event: ["kill"] });
  return eventsSince(engine, filters, seconds(nanoseconds(now - span)), now).length > 0;
}

/** Every event that fits `filters` and that the Engine remembers, from the second `since` on. */
function eventsSince(engine: Engine, filters: string, since: string, now: number): At[] {
  const path = withQuery("/events", { filters, since });
  // What happened in this very millisecond has happened already: the Engine waits for its end.
  const told = engine.answer(withQuery(path, { until: timeOf(now + 1) }));
  // Podman leaves out the second that has begun, and does not need to be told when to stop.
  const podman = told.header("libpod-api-version") !== undefined;
  const text = podman ? engine.text(withQuery(path, { stream: false })) : told.text;
  return text.split("\n").flatMap((line) => eventIn(line) ?? []);
}

interface At {
  readonly time: string;
  readonly event: unknown;
}

/** An event and its time in nanoseconds since the Unix epoch, which has more digits than a number holds. */
function eventIn(line: string): At | undefined {
  const time = /"timeNano":\s*(\d+)/.exec(line)?.[1];
  return time === undefined ? undefined : { time, event: JSON.parse(line) };
}

function later(time: string, other: string): boolean {
  return time.length > other.length || time.length === other.length && time > other;
}

/** The second before the one of a time in nanoseconds: Podman reads no fractions, and takes 0 for now. */
function seconds(time: string): string {
  return String(Math.max(1, Number(time.slice(0, -9)) - 1));
}

/** Milliseconds since the Unix epoch as the Engine takes a time: seconds, and nine decimals. */
function timeOf(milliseconds: number): string {
  return `${Math.floor(milliseconds / 1_000)}.${
    String(Math.floor(milliseconds) % 1_000).padStart(3, "0")
  }000000`;
}

function nanoseconds(milliseconds: number): string {
  return `${Math.floor(milliseconds)}000000`;
}
