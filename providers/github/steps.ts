/**
 * The steps of an apply: each with how it is performed, taken back, and found out about.
 *
 * @module
 */
import {
  type Fields,
  holdsFields,
  type Invalidation,
  notesOf,
  orAbsent,
  type Outcome,
  type Receipt,
  removed,
  stale,
  unauthorized,
  unavailable,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { mint } from "./ids.ts";
import { id, type Json, objects, text } from "./json.ts";
import { commentNow, issueNow, talkGone } from "./placing.ts";
import type { Writer } from "./writer.ts";

/** What is to be done; kept in the host's journal as it is. */
export type Work =
  /** Fields of an issue, a pull request or a comment change. */
  | {
    readonly kind: "edit";
    readonly what: "issue" | "comment";
    readonly repo: number;
    readonly path: string;
    readonly before: Fields;
    readonly after: Fields;
    /** The repository and the number that an issue had when it was staged, where it has others now. */
    readonly left?: readonly number[] | undefined;
  }
  /** Something is added to a list: a comment, or an issue. `known` are those of the same text that were there. */
  | {
    readonly kind: "add";
    readonly what: "issue" | "comment";
    readonly repo: number;
    readonly path: string;
    readonly fields: Fields;
    readonly since: string;
    readonly known: readonly number[];
    /** What else shows that something was added. */
    readonly shows: readonly string[];
  }
  /** A comment goes. */
  | {
    readonly kind: "delete";
    readonly path: string;
    readonly folder: string;
    readonly node: string;
    readonly shows: readonly string[];
  };

/** Fields that take the right to push, or to triage. */
export const PUSHED = ["labels", "assignees"];

/** Why they may not be taken. */
export const PUSH_WANTED =
  "to set them takes the right to push or to triage, and to be assigned takes access to the repository";

/** What the steps are done with. */
export interface Tools {
  /** Reads. */
  readonly api: Api;
  /** Writes. */
  readonly writer: Writer;
}

/** Does it. */
export function perform({ api, writer }: Tools, work: Work): Receipt {
  switch (work.kind) {
    case "edit":
      return edited(api, work, edit(writer, work));
    case "add":
      return added(api, work, writer.add(work.path, work.fields));
    case "delete":
      writer.delete(work.path);
      return deleted(work);
  }
}

/**
 * Sends a change, whole or not at all: what takes the right to push is left out by GitHub without a word where that is
 * missing, and so are people who cannot be assigned.
 */
function edit(writer: Writer, { path, before, after }: Work & { kind: "edit" }): Json {
  const item = writer.edit(path, after);
  const names = leftOut(item, after);
  if (names.length === 0) return item;
  const why = `GitHub left out ${names.join(" and ")}: ${PUSH_WANTED}`;
  try {
    putBack(writer, path, before);
  } catch {
    // No refusal of the whole: some of it stands, and a probe has to tell.
    throw unavailable(`${why}; what it took could not be put back`);
  }
  throw unauthorized(why);
}

/** Gives fields the values that they had. @throws ProviderError `unavailable` where GitHub takes some of them no more */
function putBack(writer: Writer, path: string, before: Fields): void {
  const names = leftOut(writer.edit(path, before), before);
  if (names.length > 0) throw unavailable(`GitHub does not take ${names.join(" and ")} back as they were`);
}

/** Which of the fields that take the right to push `item` does not hold as they were `wanted`. */
function leftOut(item: Json, wanted: Fields): string[] {
  return PUSHED.filter((name) => name in wanted && !holds(item, { [name]: wanted[name] }));
}

/** True where `item` holds the `wanted` fields. Labels and logins are one however they are written, and however often. */
function holds(item: Json, wanted: Fields): boolean {
  const names = Object.keys(wanted);
  const now = Object.fromEntries(names.map((name) => [name, folded(nowOf(name, item))]));
  return holdsFields(now, Object.fromEntries(names.map((name) => [name, folded(wanted[name])])));
}

function folded(value: unknown): unknown {
  return Array.isArray(value) ? [...new Set(value.map((one) => String(one).toLowerCase()))] : value;
}

/** Takes it back. What is gone already needs no taking back. */
export function undo({ writer }: Tools, work: Work, path: string): void {
  if (work.kind === "edit") putBack(writer, work.path, work.before);
  else if (work.kind === "add") orAbsent(() => writer.delete(path));
}

/** Whether it was done. */
export function probe({ api }: Tools, work: Work): Outcome {
  switch (work.kind) {
    case "edit":
      return probeEdit(api, work);
    case "add":
      return probeAdd(api, work);
    case "delete":
      return orAbsent(() => api.object(work.path)) === undefined
        ? { tag: "performed", val: deleted(work) }
        : { tag: "not-performed" };
  }
}

function edited(api: Api, { what, repo, path, left }: Work & { kind: "edit" }, item: Json): Receipt {
  const changed = what === "issue" ? issueNow(api, repo, item) : commentNow(api, repo, item);
  const [of, number] = left ?? [];
  const gone = of === undefined || number === undefined ? [] : talkGone(of, number, "issues");
  return { undo: notesOf(path), changed: [...changed, ...gone] };
}

function added(api: Api, { what, repo, path, shows }: Work & { kind: "add" }, item: Json): Receipt {
  if (what === "issue") return { changed: issueNow(api, repo, item) };
  const comment = `${path.replace(/\/\d+\/comments$/, "")}/comments/${id(item, "id")}`;
  return { undo: notesOf(comment), changed: [...commentNow(api, repo, item), ...shows.map(stale)] };
}

function deleted({ folder, node, shows }: Work & { kind: "delete" }): Receipt {
  const changed: Invalidation[] = [removed(folder, node), stale(node), ...shows.map(stale)];
  return { changed };
}

function probeEdit(api: Api, work: Work & { kind: "edit" }): Outcome {
  const item = api.object(work.path);
  if (holds(item, work.after)) return { tag: "performed", val: edited(api, work, item) };
  return { tag: holds(item, work.before) ? "not-performed" : "unknown" };
}

/** The value of a field as a request would write it. */
function nowOf(name: string, item: Json): unknown {
  const value = item[name];
  if (!Array.isArray(value)) return value ?? "";
  return value.map((one) => text(one, name === "labels" ? "name" : "login") ?? "");
}

/** It is there if one more of the same text is. */
function probeAdd(api: Api, work: Work & { kind: "add" }): Outcome {
  const found = lookAlikes(api, work).find((item) => !work.known.includes(keyOf(work.what, item)));
  return found === undefined ? { tag: "not-performed" } : { tag: "performed", val: added(api, work, found) };
}

/** What the list at `path` has of the same text since then. */
export function lookAlikes(
  api: Api,
  { what, path, fields, since }: Pick<Work & { kind: "add" }, "what" | "path" | "fields" | "since">,
): Json[] {
  const field = what === "issue" ? "title" : "body";
  const query = what === "issue" ? `state=all&since=${since}` : `since=${since}`;
  return api.all(`${path}?${query}`, objects).filter((item) => text(item, field) === fields[field]);
}

/** What tells one object of a list from the others. */
export function keyOf(what: "issue" | "comment", item: Json): number {
  return id(item, what === "issue" ? "number" : "id");
}

/** The files of an issue that a comment more or less shows in. */
export function countedIn(kind: "issue" | "pull", repo: number, number: number): string[] {
  const parts = kind === "issue" ? ["issue.json", "updated_at"] : ["updated_at"];
  return parts.map((part) => mint(kind, [repo, number], part));
}
