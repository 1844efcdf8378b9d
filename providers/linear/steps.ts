/**
 * The steps of an apply: each with how it is performed, taken back, and found out about.
 *
 * @module
 */
import { type Fields, holdsFields, notesOf, orAbsent, type Outcome, type Receipt } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import {
  CREATE_COMMENT,
  CREATE_ISSUE,
  DELETE_COMMENT,
  DELETE_ISSUE,
  GET_TOLD_COMMENT,
  UPDATE_COMMENT,
  UPDATE_ISSUE,
} from "./changes.ts";
import { COMMENT_FIELDS, fieldsNow, ISSUE_FIELDS } from "./fields.ts";
import { type Json, object } from "./json.ts";
import { GET_LABELLED_ISSUE } from "./queries.ts";
import { commentGone, commentNow, issueNow } from "./receipts.ts";
import { uuidOf } from "./token.ts";

/** What can be changed and made. */
type What = "issue" | "comment";

/** What is to be done; kept in the host's journal as it is. Values are those of the API's inputs. */
export type Work =
  /** Fields of an issue or a comment change. */
  | {
    readonly kind: "edit";
    readonly what: What;
    readonly id: string;
    readonly before: Fields;
    readonly after: Fields;
  }
  /** An issue or a comment is made, under an id that the step's own name comes to. */
  | { readonly kind: "add"; readonly what: What; readonly input: Fields }
  /** A comment goes. */
  | { readonly kind: "delete"; readonly issue: string; readonly comment: string };

/** What the steps are done with. */
export interface Tools {
  /** Reads. */
  readonly api: Api;
  /** Writes; outside an apply the host denies it. */
  readonly writer: Api;
}

/** How each of both is written and read. */
const TALK = {
  issue: {
    update: ["issueUpdate", UPDATE_ISSUE],
    create: ["issueCreate", CREATE_ISSUE],
    delete: ["issueDelete", DELETE_ISSUE],
    get: GET_LABELLED_ISSUE,
    fields: ISSUE_FIELDS,
    now: issueNow,
  },
  comment: {
    update: ["commentUpdate", UPDATE_COMMENT],
    create: ["commentCreate", CREATE_COMMENT],
    delete: ["commentDelete", DELETE_COMMENT],
    get: GET_TOLD_COMMENT,
    fields: COMMENT_FIELDS,
    now: commentNow,
  },
} as const;

/** Does the work of the step that is called `token`. */
export function perform({ writer }: Tools, token: string, work: Work): Receipt {
  if (work.kind === "delete") {
    sent(writer, TALK.comment.delete, { id: work.comment });
    return { changed: commentGone(work.issue, work.comment) };
  }
  const { update, create } = TALK[work.what];
  const answer = work.kind === "edit"
    ? sent(writer, update, { id: work.id, input: work.after })
    : sent(writer, create, { input: { ...work.input, id: uuidOf(token) } });
  return receiptOf(work, token, object(answer[work.what]));
}

/** Takes it back. What is gone already needs no taking back. */
export function undo({ writer }: Tools, token: string, work: Work): void {
  if (work.kind === "edit") sent(writer, TALK[work.what].update, { id: work.id, input: work.before });
  if (work.kind !== "add") return;
  orAbsent(() => sent(writer, TALK[work.what].delete, { id: uuidOf(token) }));
}

/** Whether it was done. */
export function probe({ api }: Tools, token: string, work: Work): Outcome {
  if (work.kind === "delete") {
    return found(api, "comment", work.comment) === undefined
      ? { tag: "performed", val: { changed: commentGone(work.issue, work.comment) } }
      : { tag: "not-performed" };
  }
  const item = found(api, work.what, work.kind === "edit" ? work.id : uuidOf(token));
  if (work.kind === "add") {
    return item === undefined
      ? { tag: "not-performed" }
      : { tag: "performed", val: receiptOf(work, token, item) };
  }
  // What is gone tells nothing of what was done to it before.
  if (item === undefined) return { tag: "unknown" };
  const now = trimmed(fieldsNow(TALK[work.what].fields, work.after, item));
  if (holdsFields(now, trimmed(work.after))) return { tag: "performed", val: receiptOf(work, token, item) };
  return holdsFields(now, trimmed(work.before)) ? { tag: "not-performed" } : { tag: "unknown" };
}

function receiptOf(work: Exclude<Work, { readonly kind: "delete" }>, token: string, item: Json): Receipt {
  return { undo: notesOf(token), changed: TALK[work.what].now(item) };
}

function found(api: Api, what: What, id: string): Json | undefined {
  const item = api.find(what, TALK[what].get, { id });
  return item?.["trashed"] === true ? undefined : item;
}

function sent(writer: Api, [field, mutation]: readonly [string, string], variables: Json): Json {
  return writer.change(field, mutation, variables);
}

/** Linear keeps texts as documents, and may write the blanks around them otherwise. */
function trimmed(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]),
  );
}
