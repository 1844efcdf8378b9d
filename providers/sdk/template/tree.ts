/**
 * The tree: from what the upstream says to directories and files.
 *
 *     notes/1/title  notes/1/body  notes/1/note.json
 *
 * Nothing in here knows the host, so `tree_test.ts` calls it with sample data.
 *
 * @module
 */
import {
  directory,
  type DirEntry,
  entry,
  isADirectory,
  jsonOf,
  type ListingDefinition,
  type Node,
  notADirectory,
  notFound,
  orAbsent,
  type Payload,
  type Polled,
  slice,
  textFile,
  textOf,
  watched,
  whole,
} from "../mod.ts";

/** What the tree needs of the upstream. */
export interface Api {
  /** The JSON at a path such as `/notes/1`. Throws `notFound()` where there is nothing. */
  get<Value>(path: string): Value;
}

/** A note, as the upstream tells it. */
export interface Note {
  /** Its number. */
  readonly id: number;
  /** Its first line. */
  readonly title: string;
  /** The rest. */
  readonly body: string;
  /** When it changed last (ISO 8601). */
  readonly updated_at: string;
}

/** The one source of change: as long as it says nothing new, all notes may be kept. */
export const WATCH = "notes";

/** The files of a note, and the text of each. */
const FILES: Readonly<Record<string, (note: Note) => string>> = {
  "title": (note) => textOf(note.title),
  "body": (note) => textOf(note.body),
  "note.json": (note) => jsonOf(note),
};

/** The child of `parent` that is called `name`, or undefined where there is none. */
export function lookup(api: Api, parent: string, name: string): Node | undefined {
  if (parent !== "notes") return list(api, parent).entries.find((child) => child.name === name)?.node;
  // A name that no note can have costs no request.
  if (!/^[1-9]\d*$/.test(name)) return undefined;
  return orAbsent(() => noteDirectory(api.get<Note>(`/notes/${name}`)));
}

/** The children of the directory with this id. */
export function list(api: Api, id: string): ListingDefinition {
  if (id === "") return whole([entry("notes", directory("notes", { freshness: watched(WATCH) }))]);
  if (id === "notes") return everyNote(api.get<Note[]>("/notes"));
  return whole(files(noteOf(api, id, notADirectory)));
}

/** A part of a file that is too long to travel with its node. */
export function read(api: Api, id: string, offset: number, length: number): Payload {
  if (id === "" || id === "notes") throw isADirectory();
  const [number, file] = partsOf(id);
  if (file === undefined) throw isADirectory();
  const text = FILES[file];
  if (text === undefined) throw notFound();
  return slice(text(api.get<Note>(`/notes/${number}`)), offset, length);
}

/** What changed since `cursor` was taken. */
export function changes(api: Api, cursor: string | undefined): Polled {
  const now = api.get<Note[]>("/notes").map(({ id, updated_at }) => `${id} ${updated_at}`).join("\n");
  return { invalidations: now === cursor ? [] : [{ tag: "watch", val: WATCH }], cursor: now };
}

/** One answer of the upstream tells every note whole, so nobody has to ask for them one by one. */
function everyNote(notes: readonly Note[]): ListingDefinition {
  return {
    ...whole(notes.map((note) => entry(String(note.id), noteDirectory(note)))),
    also: notes.flatMap((note) => files(note).map((child) => ({ parent: idOf(note), entry: child }))),
    complete: notes.map(idOf),
  };
}

function noteDirectory(note: Note): Node {
  // Listing it is one request, as looking a file of it up is.
  return directory(idOf(note), { ...stateOf(note), listFirst: true });
}

function files(note: Note): DirEntry[] {
  return Object.entries(FILES).map(([name, text]) =>
    entry(name, textFile(`${idOf(note)}/${name}`, text(note), stateOf(note)))
  );
}

/** An id never changes while the object lives: a number of the upstream, and not a title. */
function idOf({ id }: Note): string {
  return `note/${id}`;
}

function stateOf({ updated_at }: Note) {
  return { modified: updated_at, version: updated_at, freshness: watched(WATCH) };
}

/** The note with this id of ours; `fault` where it is that of a file. */
function noteOf(api: Api, id: string, fault: () => Error): Note {
  const [number, file] = partsOf(id);
  if (file !== undefined) throw fault();
  return api.get<Note>(`/notes/${number}`);
}

/** The number of a note and the name of a file in `note/1/title`. */
function partsOf(id: string): [string, string | undefined] {
  const [, number, file] = /^note\/(\d+)(?:\/([^/]+))?$/.exec(id) ?? [];
  if (number === undefined) throw notFound();
  return [number, file];
}
