/**
 * The steps of an apply: each is one request to the Engine, with how it is taken back and found out about.
 *
 * @module
 */
import {
  type Invalidation,
  notesOf,
  orAbsent,
  type Outcome,
  type Receipt,
  relisted,
  removed,
  stale,
} from "../sdk/mod.ts";
import { pathOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { wasSignalled } from "./events.ts";
import { detailOf, isUp } from "./facts.ts";
import { mint } from "./ids.ts";
import { type Json, text, within } from "./json.ts";
import { viewIds } from "./views.ts";
import type { Verb, Writer } from "./writer.ts";

/** What is to be done; kept in the host's journal as it is. */
export type Work =
  /** The container starts, stops, pauses or goes on. `started` is when it was last started before that. */
  | { readonly kind: "do"; readonly verb: Verb; readonly id: string; readonly started: string }
  /** The container goes. `shown` are the directories beside the views that show it. */
  | { readonly kind: "remove"; readonly id: string; readonly shown: readonly string[] };

/** What the steps are done with. */
export interface Tools {
  /** Reads. */
  readonly engine: Engine;
  /** Writes. */
  readonly writer: Writer;
  /** The time, in milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Seconds that a container has to end after it was asked to, where it says nothing else (moby's `container`). */
const STOP_TIMEOUT = 10;

/** Seconds beyond that in which the Engine has killed it. */
const KILLED_WITHIN = 10;

/** What takes each back. */
const BACK: Readonly<Record<Verb, Verb>> = {
  start: "stop",
  stop: "start",
  pause: "unpause",
  unpause: "pause",
};

/** Does it. */
export function perform({ writer }: Tools, work: Work): Receipt {
  if (work.kind === "remove") {
    writer.remove(work.id);
    return { changed: gone(work) };
  }
  writer.do(work.verb, work.id);
  return { undo: notesOf(work.verb), changed: moved(work.id) };
}

/** Takes it back, where it stands. */
export function undo({ engine, writer }: Tools, work: Work): void {
  if (work.kind !== "do") return;
  const now = containerNow(engine, work.id);
  if (now !== undefined && stands(work.verb, stateOf(now))) writer.do(BACK[work.verb], work.id);
}

/** Whether it was done: the container itself tells. */
export function probe({ engine, now: time }: Tools, work: Work): Outcome {
  const now = containerNow(engine, work.id);
  if (work.kind === "remove") {
    return now === undefined ? { tag: "performed", val: { changed: gone(work) } } : { tag: "not-performed" };
  }
  // A container that removes itself when it ends has ended.
  const done = now === undefined ? work.verb === "stop" : wasDone(work, now);
  if (done) return { tag: "performed", val: { undo: notesOf(work.verb), changed: moved(work.id) } };
  const stopping = work.verb === "stop" && now !== undefined && isStopping(engine, work.id, now, time());
  return { tag: stopping ? "unknown" : "not-performed" };
}

/** The Engine's words for the container; undefined where it is gone. */
export function containerNow(engine: Engine, id: string): Json | undefined {
  return orAbsent(() => engine.document(pathOf(id)))?.value;
}

/** Its state, in the words of the tree. */
export function stateOf(container: Json): string {
  return detailOf({ value: container, json: "{}" }).state;
}

/** When it was last started, as the Engine writes it. */
export function startedAt(container: Json): string {
  return text(container, "State", "StartedAt") ?? "";
}

/** What was started may have ended by itself, so when it started tells. */
function wasDone({ verb, started }: Work & { readonly kind: "do" }, container: Json): boolean {
  return verb === "start" ? startedAt(container) !== started : stands(verb, stateOf(container));
}

/** True for a container that may have been asked to stop, and has time to do so: it is up, and may not be soon. */
function isStopping(engine: Engine, id: string, container: Json, time: number): boolean {
  if (stateOf(container) === "stopping") return true;
  const own = within(container, "Config", "StopTimeout");
  const seconds = typeof own === "number" ? own : STOP_TIMEOUT;
  // A negative one is for ever.
  return wasSignalled(engine, id, seconds < 0 ? time : (seconds + KILLED_WITHIN) * 1_000, time);
}

/** True for a state in which `verb` leaves a container. */
function stands(verb: Verb, state: string): boolean {
  if (verb === "stop") return !isUp({ state });
  return verb === "pause" ? state === "paused" : isUp({ state }) && state !== "paused";
}

/** The Engine answers nothing, so what a container's state shows in has to be asked for. */
function moved(id: string): Invalidation[] {
  const files = ["state", "inspect.json", "log", "terminal-log", "ports"];
  return [
    ...["_running", "_stopped"].map((view) => relisted(mint("containers", view))),
    stale(mint("container", id)),
    ...files.map((name) => stale(mint("container", id, name))),
    relisted(mint("container", id)),
  ];
}

function gone({ id, shown }: Work & { readonly kind: "remove" }): Invalidation[] {
  const node = mint("container", id);
  return [...viewIds().map((view) => removed(view, node)), ...shown.map(relisted), stale(node)];
}
