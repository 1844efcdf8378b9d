/**
 * What drafts do to Linear: fields of issues and comments, new comments and issues, comments of one's own that go.
 *
 * @module
 */
import {
  type Change,
  clashOf,
  conflict,
  gathered,
  invalid,
  type MutationsDefinition,
  newField,
  noted,
  notesOf,
  notFound,
  type Numbered,
  objectOf,
  type Payload,
  Planner,
  quoted,
  stagedText,
  type Step,
  unauthorized,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { GET_TOLD_COMMENT, VIEWER } from "./changes.ts";
import { COMMENT_FIELDS, type Field, ISSUE_FIELDS } from "./fields.ts";
import { type Id, parse } from "./ids.ts";
import { COMMENT, ISSUE, person } from "./issues.ts";
import { type Json, needed, object, text } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { LOOK_UPS, type Subject } from "./names.ts";
import { GET_LABELLED_ISSUE } from "./queries.ts";
import { perform, probe, type Tools, undo, type Work } from "./steps.ts";

/** A step without its id. */
type Planned = Omit<Step, "id">;

/** The provider's mutations, with the tools that `tools` makes. */
export function mutationsOf(tools: () => Tools): MutationsDefinition {
  return {
    check,
    plan: (changes) => plan(tools().api, changes),
    perform: (step) => perform(tools(), step.id, noted<Work>(step.payload)),
    undo: (step) => undo(tools(), step.id, noted<Work>(step.payload)),
    probe: (step) => probe(tools(), step.id, noted<Work>(step.payload)),
  };
}

/** @throws ProviderError `invalid` for what a draft may not hold */
function check(change: Change): void {
  if (change.tag === "write") {
    const { fields, part } = writtenIn(change.val.file);
    fieldOf(fields, part).read(stagedText(change.val.content));
  } else if (change.tag === "create") readNew(change.val);
  else if (!isComment(parse(change.val.node))) throw invalid("only comments can be removed");
}

/** Reads what is to be made: the name of its field, and what that comes to. */
function readNew({ parent, name, content }: { parent: string; name: string; content: Payload }) {
  const target = parse(parent);
  if (target?.kind === "issue" && target.part === "comments" && !name.includes("/")) {
    return { name: "body", read: fieldOf(COMMENT_FIELDS, "body").read(stagedText(content)) };
  }
  if (target?.kind !== "issues" || target.part !== "open") throw invalid("nothing new can be made there");
  const field = newField(name, "issue");
  return { name: field, read: fieldOf(ISSUE_FIELDS, field).read(stagedText(content)) };
}

function plan(api: Api, changes: Change[]): Step[] {
  const planner = new Planner();
  for (const { key, changes: group } of gathered(changes, objectOf)) {
    planner.add(group.map(([index]) => index), () => {
      const [, first] = group[0] ?? [];
      if (first?.tag === "remove") return planDelete(api, first);
      if (first?.tag !== "create") return planEdit(api, group, planner);
      return key === undefined ? planComment(api, first) : planIssue(api, first, group, planner);
    });
  }
  return planner.steps;
}

function planEdit(api: Api, group: Numbered, planner: Planner): Planned | undefined {
  const [, first] = group[0] ?? [];
  if (first?.tag !== "write") return undefined;
  const { kind, fields, uuid } = writtenIn(first.val.file);
  const item = kind === COMMENT ? commentNow(api, uuid) : issueNow(api, uuid);
  const issue = kind === COMMENT ? object(item["issue"]) : item;
  const subject = { team: needed(issue["team"], "id"), issue };
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  const good = planner.each(group, (change) => {
    if (change.tag !== "write") return;
    const { part } = writtenIn(change.val.file);
    const { input, now, read } = fieldOf(fields, part);
    const clash = clashOf(part, kind.leaves[part]?.read(item) ?? "", stagedText(change.val.base));
    if (clash !== undefined) throw conflict(clash);
    before[input] = now(item);
    after[input] = lookedUp(api, subject, part, read(stagedText(change.val.content)));
  });
  if (!good) return undefined;
  const what = kind === COMMENT ? "comment" : "issue";
  const work: Work = { kind: "edit", what, id: uuid, before, after };
  const parts = group.map(([, change]) => change.tag === "write" ? writtenIn(change.val.file).part : "");
  return stepOf(work, `set ${parts.join(", ")} of ${nameOf(issue, what)}`);
}

function planComment(api: Api, { val }: Change & { tag: "create" }): Planned {
  const uuid = parse(val.parent)?.uuid ?? "";
  const { read } = readNew(val);
  const issue = issueNow(api, uuid);
  const work: Work = { kind: "add", what: "comment", input: { issueId: uuid, body: read } };
  return stepOf(work, `comment on ${nameOf(issue, "issue")}`);
}

function planIssue(
  api: Api,
  first: Change & { tag: "create" },
  group: Numbered,
  planner: Planner,
): Planned | undefined {
  const team = parse(first.val.parent)?.uuid ?? "";
  const input: Record<string, unknown> = { teamId: team };
  const good = planner.each(group, (change) => {
    if (change.tag !== "create") return;
    const { name, read } = readNew(change.val);
    input[fieldOf(ISSUE_FIELDS, name).input] = lookedUp(api, { team, issue: undefined }, name, read);
  });
  if (!good) return undefined;
  if (input["title"] === undefined) throw invalid("a new issue needs a title");
  return stepOf({ kind: "add", what: "issue", input }, `make an issue: ${quoted(String(input["title"]))}`);
}

function planDelete(api: Api, { val }: Change & { tag: "remove" }): Planned {
  check({ tag: "remove", val });
  const uuid = parse(val.node)?.uuid ?? "";
  const comment = commentNow(api, uuid);
  const me = needed(api.object("viewer", VIEWER, {}), "id");
  if (text(comment["user"], "id") !== me) {
    const author = person(comment["user"]) ?? "somebody else";
    throw unauthorized(`the comment is of ${author}, and only one's own can be removed`);
  }
  const issue = object(comment["issue"]);
  const work: Work = { kind: "delete", issue: needed(issue, "id"), comment: uuid };
  return { ...stepOf(work, `delete a comment on ${nameOf(issue, "issue")}`), reversible: false };
}

function stepOf(work: Work, summary: string): Planned {
  return { summary, payload: notesOf(work), reversible: true };
}

/** The value that the API takes for what a file says. */
function lookedUp(api: Api, subject: Subject, part: string, read: unknown): unknown {
  const lookUp = Object.hasOwn(LOOK_UPS, part) ? LOOK_UPS[part] : undefined;
  return lookUp === undefined ? read : lookUp(api, subject, read);
}

/** An issue by its identity, wherever it has moved; one in the trash is not there. */
function issueNow(api: Api, uuid: string): Json {
  const issue = api.object("issue", GET_LABELLED_ISSUE, { id: uuid });
  if (issue["trashed"] === true) throw notFound();
  return issue;
}

function commentNow(api: Api, uuid: string): Json {
  return api.object("comment", GET_TOLD_COMMENT, { id: uuid });
}

/** What a file that is written belongs to. */
interface Written {
  readonly kind: Kind;
  readonly fields: Readonly<Record<string, Field>>;
  readonly uuid: string;
  readonly part: string;
}

function writtenIn(file: string): Written {
  const id = parse(file);
  if (id?.kind === "issue") return { ...id, kind: ISSUE, fields: ISSUE_FIELDS };
  if (id?.kind === "comment") return { ...id, kind: COMMENT, fields: COMMENT_FIELDS };
  throw invalid("it cannot be changed");
}

function fieldOf(fields: Readonly<Record<string, Field>>, name: string): Field {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return field;
  throw invalid(`${name} cannot be written: ${Object.keys(fields).join(", ")} can`);
}

function isComment(id: Id | undefined): boolean {
  return id?.kind === "comment" && id.part === "";
}

function nameOf(issue: Json, what: "issue" | "comment"): string {
  const name = text(issue, "identifier") ?? "an issue";
  return what === "issue" ? name : `a comment on ${name}`;
}
