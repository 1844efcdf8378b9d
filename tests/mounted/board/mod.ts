/**
 * Notes on a board upstream (`board_upstream.ts`): files that change, appear and go, told of by polls, by a stream, or
 * by both, as the setting says.
 *
 * @module
 */
import {
  defineProvider,
  directory,
  entry,
  type Invalidation,
  notADirectory,
  notFound,
  type Source,
  textFile,
  unavailable,
  watched,
  whole,
} from "../../../providers/sdk/mod.ts";
import { http, settings } from "../../../providers/sdk/http.ts";

/** Where nobody listens: what it is before the settings are there. */
const NOWHERE = "http://127.0.0.1:9";

/** The one watch. */
const WATCH = "board";

/** Milliseconds between two polls. */
const PACE = 1_000;

interface Note {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly version: number;
}

interface Change {
  readonly id: string;
  readonly member: boolean;
  /** The note as it is now, where the board tells it. */
  readonly note?: Note;
}

const configured = () => settings<{ readonly url?: string; readonly sources?: string }>();
const url = () => configured().url ?? NOWHERE;
const freshness = watched(WATCH);
const notes = () => directory("notes", { freshness });

function ask<Value>(path: string): Value | undefined {
  const { status, text } = http.get(`${url()}${path}`);
  if (status === 404) return undefined;
  if (status !== 200) throw unavailable(`the board answered ${status}`);
  return JSON.parse(text);
}

function noteFile({ id, name, text, version }: Note) {
  return entry(name, textFile(id, text, { freshness, version: String(version), modified: version }));
}

function invalidationsOf(changes: readonly Change[]): Invalidation[] {
  return changes.flatMap(({ id, member }): Invalidation[] => [
    { tag: "node", val: id },
    ...(member ? [{ tag: "children", val: "notes" } as const] : []),
  ]);
}

function sources(): Source[] {
  const wanted = configured().sources ?? "poll";
  const poll: Source = { tag: "poll", val: PACE };
  const stream: Source = { tag: "subscribe", val: `${url()}/events` };
  if (wanted === "none") return [];
  return wanted === "both" ? [stream, poll] : [wanted === "stream" ? stream : poll];
}

export const { manifest, provider, events } = defineProvider({
  manifest: () => ({
    name: "board",
    version: "1.0.0",
    summary: "Notes that change",
    needs: [{ target: url().split("/")[2] ?? "", write: false, why: "Read the notes" }],
    settings: {
      type: "object",
      properties: { url: { type: "string" }, sources: { enum: ["poll", "stream", "both", "none"] } },
    },
  }),

  lookupChild(parent, name) {
    if (parent === "") return name === "notes" ? notes() : undefined;
    if (parent !== "notes") throw notADirectory();
    const note = ask<Note>(`/notes/${encodeURIComponent(name)}`);
    return note && noteFile(note).node;
  },

  listChildren(parent) {
    if (parent === "") return whole([entry("notes", notes())]);
    if (parent !== "notes") throw notADirectory();
    return whole((ask<Note[]>("/notes") ?? []).map(noteFile));
  },

  readFile() {
    throw notFound();
  },

  events: {
    sources,
    poll(_watch, cursor, since) {
      const from = cursor === undefined ? `since=${since}` : `after=${cursor}`;
      const told = ask<{ cursor: string; changes: Change[] | null }>(`/changes?${from}`);
      if (told === undefined) throw notFound();
      const { cursor: next, changes } = told;
      const invalidations: Invalidation[] = changes === null
        ? [{ tag: "watch", val: WATCH }]
        : invalidationsOf(changes);
      return { invalidations, cursor: next };
    },
    onEvent(event) {
      if (event.tag !== "line") return [];
      const change: Change = JSON.parse(String.fromCharCode(...event.val));
      if (change.note !== undefined) return [{ tag: "placed", val: ["notes", noteFile(change.note)] }];
      return change.id === "" ? [] : invalidationsOf([change]);
    },
  },
});
