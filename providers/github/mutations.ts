/**
 * What drafts do to GitHub: fields of issues, pull requests and comments, new comments and issues, comments of one's own
 * that go.
 *
 * @module
 */
import {
  type Change,
  clashOf,
  conflict,
  type Fields,
  gathered,
  invalid,
  type MutationsDefinition,
  newField,
  noted,
  notesOf,
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
import { COMMENT_FIELDS, type Field, NEW_FIELDS, TALK_FIELDS } from "./fields.ts";
import { type Id, mint, parse } from "./ids.ts";
import { COMMENT, ISSUE } from "./issues.ts";
import { flag, type Json, text } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { within } from "./repositories.ts";
import {
  countedIn,
  keyOf,
  lookAlikes,
  perform,
  probe,
  PUSH_WANTED,
  PUSHED,
  type Tools,
  undo,
  type Work,
} from "./steps.ts";
import { Atlas } from "./whereabouts.ts";

/** What a change is about, and which fields may be written there. */
interface Subject {
  readonly id: Id;
  readonly fields: Readonly<Record<string, Field>>;
}

/** The provider's mutations, with the tools that `tools` makes; `now` tells milliseconds since the Unix epoch. */
export function mutationsOf(tools: () => Tools, now: () => number): MutationsDefinition {
  return {
    check,
    plan: (changes) => plan(tools().api, changes, now),
    perform: (step) => perform(tools(), noted<Work>(step.payload)),
    undo: (step, notes) => undo(tools(), noted<Work>(step.payload), noted<string>(notes)),
    probe: (step) => probe(tools(), noted<Work>(step.payload)),
  };
}

/** @throws ProviderError `invalid` for what a draft may not hold */
function check(change: Change): void {
  if (change.tag === "write") {
    const { id, fields } = subjectOf(change.val.file);
    valueOf(fields, id.part, change.val.content);
  } else if (change.tag === "create") {
    const { parent, name, content } = change.val;
    const target = parse(parent);
    if (target !== undefined && isCommentFolder(target) && !name.includes("/")) {
      valueOf(COMMENT_FIELDS, "body", content);
    } else if (target !== undefined && isOpenIssues(target)) {
      valueOf(NEW_FIELDS, newField(name, "issue"), content);
    } else throw invalid("nothing new can be made there");
  } else if (!isComment(change.val.node)) throw invalid("only comments can be removed");
}

function plan(api: Api, changes: Change[], now: () => number): Step[] {
  const planner = new Planner();
  const atlas = new Atlas(api);
  for (const { key, changes: group } of gathered(changes, objectOf)) {
    const numbers = group.map(([index]) => index);
    planner.add(numbers, () => {
      for (const [, change] of group) check(change);
      const [, first] = group[0] ?? [];
      if (first?.tag === "remove") return planDelete(api, first.val);
      if (first?.tag === "create") return planAdd(api, atlas, first, group, key, now);
      return planEdit(api, atlas, group, planner);
    });
  }
  return planner.steps;
}

function planEdit(api: Api, atlas: Atlas, group: Numbered, planner: Planner): Omit<Step, "id"> | undefined {
  const [, first] = group[0] ?? [];
  if (first?.tag !== "write") return undefined;
  const { id, fields } = subjectOf(first.val.file);
  const kind = id.kind === "comment" ? COMMENT : ISSUE;
  const item = api.object(kind.path(id.at));
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  const good = planner.each(group, (change) => {
    if (change.tag !== "write") return;
    const { part } = subjectOf(change.val.file).id;
    const base = stagedText(change.val.base);
    const clash = clashOf(part, textNow(api, kind, id, part, item), base);
    if (clash !== undefined) throw conflict(clash);
    before[part] = fields[part]?.now(item);
    after[part] = valueOf(fields, part, change.val.content);
  });
  if (!good) return undefined;
  const where = atlas.of(item, id.at[0] ?? 0, kind.path(id.at));
  const work: Work = {
    kind: "edit",
    what: kind === COMMENT ? "comment" : "issue",
    repo: where.repo,
    path: where.path,
    before,
    after,
    left: where.moved && kind === ISSUE ? id.at : undefined,
  };
  return { summary: `${describe(after)} ${nameOf(item)}`, payload: notesOf(work), reversible: true };
}

/** The text of a file as the upstream has it now: what is too long to travel with its object is asked for alone. */
function textNow(api: Api, kind: Kind, { at }: Id, part: string, item: Json): string {
  const leaf = kind.leaves[part];
  const node = leaf?.node(api, at, mint(kind.name, at, part), item, {});
  if (node?.content.tag === "inline") return stagedText(node.content.val);
  const bytes = leaf?.read({ api, at, path: kind.path(at), mark: "" });
  return typeof bytes === "string" ? bytes : "";
}

function planAdd(
  api: Api,
  atlas: Atlas,
  first: Change & { tag: "create" },
  group: Numbered,
  key: string | undefined,
  now: () => number,
): Omit<Step, "id"> {
  // A clock that is ahead of GitHub's must not hide what was just made.
  const since = new Date(now() - 600_000).toISOString().replace(/\.\d+Z$/, "Z");
  const target = parse(first.val.parent);
  const [repo = 0, number = 0] = target?.at ?? [];
  if (key === undefined) {
    const fields = { body: COMMENT_FIELDS["body"]?.value(stagedText(first.val.content)) };
    const talk = api.object(ISSUE.path([repo, number]));
    const where = atlas.of(talk, repo, ISSUE.path([repo, number]));
    const path = `${where.path}/comments`;
    const shows = countedIn(target?.kind === "pull" ? "pull" : "issue", repo, number);
    return addition(
      api,
      { what: "comment", repo: where.repo, path, fields, since, shows },
      `comment on ${nameOf(talk)}`,
      true,
    );
  }
  const fields: Record<string, unknown> = {};
  for (const [, change] of group) {
    if (change.tag !== "create") continue;
    const name = newField(change.val.name, "issue");
    fields[name] = valueOf(NEW_FIELDS, name, change.val.content);
  }
  if (fields["title"] === undefined) throw invalid("a new issue needs a title");
  mayPush(api, repo, fields);
  const path = within([repo], "/issues");
  const summary = `open an issue: ${quoted(String(fields["title"]))}`;
  return addition(api, { what: "issue", repo, path, fields, since, shows: [] }, summary, false);
}

/** Sees that GitHub will not leave anything out of a new issue, which nothing can take back. */
function mayPush(api: Api, repo: number, fields: Readonly<Record<string, unknown>>): void {
  const names = PUSHED.filter((name) => Array.isArray(fields[name]) && fields[name].length > 0);
  if (names.length === 0) return;
  const { permissions } = api.object(within([repo]));
  if (flag(permissions, "push") !== false || flag(permissions, "triage") === true) return;
  throw unauthorized(`a new issue would be without its ${names.join(" and ")}: ${PUSH_WANTED}`);
}

function addition(
  api: Api,
  add: Omit<Work & { kind: "add" }, "kind" | "known">,
  summary: string,
  reversible: boolean,
): Omit<Step, "id"> {
  const known = lookAlikes(api, add).map((item) => keyOf(add.what, item));
  const work: Work = { kind: "add", ...add, known };
  return { summary, payload: notesOf(work), reversible };
}

function planDelete(api: Api, { parent, node }: (Change & { tag: "remove" })["val"]): Omit<Step, "id"> {
  const target = parse(node);
  const talk = parse(parent);
  const [repo = 0, number = 0] = talk?.at ?? [];
  const path = COMMENT.path(target?.at ?? []);
  const comment = api.object(path);
  const me = text(api.object("/user"), "login");
  if (me !== text(comment["user"], "login")) {
    throw unauthorized(
      `the comment is of ${text(comment["user"], "login")}, and only one's own can be removed`,
    );
  }
  const shows = countedIn(talk?.kind === "pull" ? "pull" : "issue", repo, number);
  const work: Work = { kind: "delete", path, folder: parent, node, shows };
  return { summary: `delete comment ${target?.at[1]}`, payload: notesOf(work), reversible: false };
}

function subjectOf(file: string): Subject {
  const id = parse(file);
  if (id?.kind === "issue" || id?.kind === "pull") return { id, fields: TALK_FIELDS };
  if (id?.kind === "comment") return { id, fields: COMMENT_FIELDS };
  throw invalid("it cannot be changed");
}

function valueOf(fields: Readonly<Record<string, Field>>, name: string, content: Payload): unknown {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return field.value(stagedText(content));
  throw invalid(`${name} cannot be written: ${Object.keys(fields).join(", ")} can`);
}

function isCommentFolder({ kind, part }: Id): boolean {
  return (kind === "issue" || kind === "pull") && part === "comments";
}

function isOpenIssues({ kind, part }: Id): boolean {
  return kind === "issues" && part === "open";
}

function isComment(node: string): boolean {
  const id = parse(node);
  return id?.kind === "comment" && id.part === "";
}

/** How a person knows an object: `acme/api#42`, as its page's address has it. */
function nameOf(item: Json): string {
  const [, repository, number, comment] =
    /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/(?:issues|pull)\/(\d+)(?:#issuecomment-(\d+))?/.exec(
      text(item, "html_url") ?? "",
    ) ??
      [];
  if (number === undefined) return text(item, "html_url") ?? "it";
  return `${repository}#${number}${comment === undefined ? "" : `, comment ${comment}`}`;
}

function describe(after: Fields): string {
  const names = Object.keys(after);
  const { state } = after;
  if (names.length === 1 && state !== undefined) return state === "closed" ? "close" : "reopen";
  return `set ${names.join(", ")} of`;
}
