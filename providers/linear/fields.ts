/**
 * What a draft may write: fields of issues and comments, as text and as the API takes them.
 *
 * @module
 */
import { type Fields, invalid, lines, oneLine, unended } from "../sdk/mod.ts";
import { connection, type Json, needed, number, text } from "./json.ts";

/** One field of an issue or a comment. */
export interface Field {
  /** What the API's inputs call it. */
  readonly input: string;
  /** Whatever can be said of the content without asking anybody. @throws ProviderError `invalid` */
  readonly read: (content: string) => unknown;
  /** The API's value in an object as it is now, to put it back and to know it again. */
  readonly now: (item: Json) => unknown;
}

/** The priorities by their numbers (https://linear.app/docs/priority). */
const PRIORITIES: readonly string[] = ["No priority", "Urgent", "High", "Medium", "Low"];

/** Fields of issues, by the names of their files. What `state`, `assignee` and `labels` name is looked up by a plan. */
export const ISSUE_FIELDS: Readonly<Record<string, Field>> = {
  "title": {
    input: "title",
    read: (content) => oneLine(content, "title"),
    now: (item) => text(item, "title"),
  },
  "description.md": {
    input: "description",
    read: unended,
    now: (item) => text(item, "description") ?? "",
  },
  "state": {
    input: "stateId",
    read: (content) => oneLine(content, "state").trim(),
    now: (item) => text(item["state"], "id"),
  },
  "priority": { input: "priority", read: priority, now: (item) => number(item, "priority") },
  "assignee": {
    input: "assigneeId",
    read: assignee,
    now: (item) => text(item["assignee"], "id") ?? null,
  },
  "labels": {
    input: "labelIds",
    read: lines,
    now: (item) => connection(item, "labels").nodes.map((label) => needed(label, "id")),
  },
};

/** Fields of comments. */
export const COMMENT_FIELDS: Readonly<Record<string, Field>> = {
  "body": { input: "body", read: said, now: (item) => text(item, "body") ?? "" },
};

/** The values of the fields that `wanted` names, in `item` as it is now. */
export function fieldsNow(fields: Readonly<Record<string, Field>>, wanted: Fields, item: Json): Fields {
  const known = Object.values(fields).filter(({ input }) => Object.hasOwn(wanted, input));
  return Object.fromEntries(known.map(({ input, now }) => [input, now(item)]));
}

function said(content: string): string {
  const value = unended(content);
  if (value.trim() === "") throw invalid("a comment cannot be empty");
  return value;
}

/** A priority by its name, however it is written, or by its number. */
function priority(content: string): number {
  const value = content.trim().toLowerCase();
  const found = PRIORITIES.findIndex((name, index) =>
    name.toLowerCase() === value || String(index) === value
  );
  if (found >= 0) return found;
  const known = PRIORITIES.map((name) => JSON.stringify(name)).join(", ");
  throw invalid(`a priority is one of ${known}, not ${JSON.stringify(content.trim().slice(0, 40))}`);
}

/** The name of one person, or nobody's. */
function assignee(content: string): string {
  return content.trim() === "" ? "" : oneLine(content, "name").trim();
}
