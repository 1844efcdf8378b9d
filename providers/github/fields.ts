/**
 * What a draft may write: the fields of issues, pull requests and comments, between their files and the API's words.
 *
 * @module
 */
import { invalid, lines, oneLine, unended } from "../sdk/mod.ts";
import { type Json, text, texts } from "./json.ts";

/** One field that the API takes. */
export interface Field {
  /** The API's value for what the file holds. @throws ProviderError `invalid` */
  readonly value: (content: string) => unknown;
  /** The API's value in an object as it is now, to put it back. */
  readonly now: (item: Json) => unknown;
}

/** Longest title and longest body that GitHub takes, in characters. */
const TITLE_LENGTH = 256;
const BODY_LENGTH = 65_536;

/** Fields of issues and pull requests, by the names of their files, which are the API's too. */
export const TALK_FIELDS: Readonly<Record<string, Field>> = {
  title: { value: title, now: (item) => text(item, "title") ?? "" },
  body: { value: body, now: (item) => text(item, "body") ?? "" },
  state: { value: state, now: (item) => text(item, "state") ?? "open" },
  labels: { value: lines, now: (item) => texts(item, "labels", "name") },
  assignees: { value: lines, now: (item) => texts(item, "assignees", "login") },
};

/** Fields of comments. */
export const COMMENT_FIELDS: Readonly<Record<string, Field>> = { body: { ...field("body"), value: said } };

/** Fields that a new issue may have; it is open. */
export const NEW_FIELDS: Readonly<Record<string, Field>> = {
  title: field("title"),
  body: field("body"),
  labels: field("labels"),
  assignees: field("assignees"),
};

function field(name: string): Field {
  const known = TALK_FIELDS[name];
  if (known === undefined) throw new Error(`no field ${name}`);
  return known;
}

function title(content: string): string {
  const value = oneLine(content, "title");
  if (value.length > TITLE_LENGTH) throw invalid(`a title has at most ${TITLE_LENGTH} characters`);
  return value;
}

function body(content: string): string {
  const value = unended(content);
  if (value.length > BODY_LENGTH) throw invalid(`a body has at most ${BODY_LENGTH} characters`);
  return value;
}

function said(content: string): string {
  const value = body(content);
  if (value.trim() === "") throw invalid("a comment cannot be empty");
  return value;
}

function state(content: string): string {
  const value = content.trim();
  if (value === "open" || value === "closed") return value;
  throw invalid(`a state is open or closed, not ${JSON.stringify(value.slice(0, 40))}`);
}
