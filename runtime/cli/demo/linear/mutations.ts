/**
 * What the stand-in does to its workspace on demand of a client. As in Linear, ids may be the client's own, are used
 * once, and nothing is made twice under one of them.
 *
 * @module
 */
import { entityNotFound, inputError } from "./errors.ts";
import type { Comment, Issue, Label, State, User } from "./records.ts";
import type { Resolver } from "./resolvers.ts";
import type { Workspace } from "./workspace.ts";

/** An `IssueUpdateInput` or `IssueCreateInput`, as far as clients of ours use them. */
interface IssueInput {
  readonly id?: string | null;
  readonly teamId?: string | null;
  readonly title?: string | null;
  readonly description?: string | null;
  readonly stateId?: string | null;
  readonly priority?: number | null;
  readonly assigneeId?: string | null;
  readonly labelIds?: readonly string[] | null;
}

/** A `CommentCreateInput` or `CommentUpdateInput`. */
interface CommentInput {
  readonly id?: string | null;
  readonly issueId?: string | null;
  readonly body?: string | null;
}

interface ById<Input> {
  readonly id: string;
  readonly input: Input;
}

/** The resolvers of `Mutation`. */
export function mutationsOf(workspace: Workspace): Readonly<Record<string, Resolver>> {
  return {
    issueCreate: (_: unknown, { input }: { readonly input: IssueInput }) =>
      told("issue", createIssue(workspace, input)),
    issueUpdate(_: unknown, { id, input }: ById<IssueInput>) {
      const issue = issueOf(workspace, id);
      edit(workspace, issue, input);
      return told("issue", issue);
    },
    issueDelete(_: unknown, { id }: { readonly id: string }) {
      const issue = issueOf(workspace, id);
      issue.trashed = true;
      issue.archivedAt = issue.updatedAt = workspace.now();
      return { success: true, lastSyncId: 1, entity: issue };
    },
    commentCreate: (_: unknown, { input }: { readonly input: CommentInput }) =>
      told("comment", createComment(workspace, input)),
    commentUpdate(_: unknown, { id, input }: ById<CommentInput>) {
      const comment = commentOf(workspace, id);
      if (typeof input.body === "string") comment.body = input.body;
      comment.updatedAt = workspace.now();
      return told("comment", comment);
    },
    commentDelete(_: unknown, { id }: { readonly id: string }) {
      const comment = commentOf(workspace, id);
      workspace.comments.splice(workspace.comments.indexOf(comment), 1);
      comment.issue.updatedAt = workspace.now();
      return { success: true, lastSyncId: 1, entityId: id };
    },
  };
}

function told(name: "issue" | "comment", record: Issue | Comment) {
  return { success: true, lastSyncId: 1, [name]: record };
}

function createIssue(workspace: Workspace, input: IssueInput): Issue {
  const team = known("Team", workspace.teams.find(({ id }) => id === input.teamId));
  if ((input.title ?? "") === "") throw inputError("title should not be empty");
  const { name } = workspace.createIssue(team.key, {
    description: null,
    ...chosen(workspace.issues, input.id),
  });
  const issue = workspace.issue(name);
  edit(workspace, issue, input);
  return issue;
}

function createComment(workspace: Workspace, { id, issueId, body }: CommentInput): Comment {
  const issue = issueOf(workspace, issueId ?? "");
  if ((body ?? "").trim() === "") throw inputError("body should not be empty");
  const options = chosen(workspace.comments, id);
  const [made = ""] = workspace.addComments(issue.identifier, [body ?? ""], false, options.id);
  issue.updatedAt = workspace.now();
  return commentOf(workspace, made);
}

/** The id that a client chose: a version 4 UUID that nothing has had before. */
function chosen(all: readonly { readonly id: string }[], id: string | null | undefined): { id?: string } {
  if (typeof id !== "string") return {};
  if (!/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)) {
    throw inputError("id must be a UUID");
  }
  if (all.some((one) => one.id === id)) throw inputError("an entity with this id exists already");
  return { id };
}

function edit(workspace: Workspace, issue: Issue, input: IssueInput): void {
  const change: Partial<Issue> = {};
  if (typeof input.title === "string") change.title = input.title;
  if (input.description !== undefined) {
    change.description = input.description === "" ? null : input.description;
  }
  if (typeof input.stateId === "string") change.state = stateOf(workspace, issue, input.stateId);
  if (typeof input.priority === "number") change.priority = input.priority;
  if (input.assigneeId !== undefined) change.assignee = personOf(workspace, input.assigneeId);
  if (Array.isArray(input.labelIds)) change.labelRecords = input.labelIds.map((id) => labelOf(workspace, id));
  Object.assign(issue, change, { updatedAt: workspace.now() });
  issue.priorityLabel = workspace.priorityLabel(issue.priority);
}

function stateOf(workspace: Workspace, issue: Issue, id: string): State {
  return known("WorkflowState", workspace.states.find((one) => one.id === id && one.team === issue.team));
}

function personOf(workspace: Workspace, id: string | null): User | null {
  return id === null ? null : known("User", workspace.users.find((one) => one.id === id));
}

function labelOf(workspace: Workspace, id: unknown): Label {
  const label = known("IssueLabel", workspace.labels.find((one) => one.id === id));
  if (label.isGroup) throw inputError("a group of labels cannot be on an issue");
  return label;
}

function issueOf(workspace: Workspace, id: string): Issue {
  return known("Issue", workspace.issues.find((one) => one.id === id || one.identifier === id));
}

function commentOf(workspace: Workspace, id: string): Comment {
  return known("Comment", workspace.comments.find((one) => one.id === id));
}

function known<Item>(kind: string, item: Item | undefined): Item {
  if (item === undefined) throw entityNotFound(kind);
  return item;
}
