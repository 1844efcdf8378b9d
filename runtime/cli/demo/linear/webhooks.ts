/**
 * The webhooks that Linear would deliver, in the shapes of its official client.
 *
 * @module
 */
import type { Comment, Cycle, Issue, Label, Project, Team, User } from "./records.ts";

/** One delivery's body. */
export interface Delivery {
  /** Such as `Issue`. */
  readonly type: string;
  /** What happened to it. */
  readonly action: "create" | "update" | "remove";
  /** It, as it is then. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What the changed fields were; absent where nothing was there before. */
  readonly updatedFrom?: Readonly<Record<string, unknown>>;
}

/** What happens to an object. */
export type Action = Delivery["action"];

/** Collects deliveries. */
export class Webhooks {
  #waiting: Delivery[] = [];

  /** All since the last time; the oldest first. */
  take(): Delivery[] {
    return this.#waiting.splice(0);
  }

  /** An issue, and what it was before (`IssueWebhookPayload`). */
  issue(action: Action, issue: Issue, before: Partial<Issue>): void {
    const { moves: _, labelRecords, team, state, assignee, creator, project, cycle, parent, ...fields } =
      issue;
    const data = {
      ...fields,
      teamId: team.id,
      team: teamOf(team),
      stateId: state.id,
      state: { id: state.id, name: state.name, type: state.type, color: state.color },
      assigneeId: assignee?.id ?? null,
      ...(assignee === null ? {} : { assignee: personOf(assignee) }),
      ...(creator === null ? {} : { creator: personOf(creator) }),
      projectId: project?.id ?? null,
      cycleId: cycle?.id ?? null,
      parentId: parent?.id ?? null,
      labelIds: labelRecords.map(({ id }) => id),
      labels: labelRecords.map(({ id, name, color }) => ({ id, name, color, parentId: null })),
    };
    const was = {
      updatedAt: before.updatedAt,
      ...(before.team === team ? {} : { teamId: before.team?.id }),
      ...(before.project === project ? {} : { projectId: before.project?.id ?? null }),
      ...(before.cycle === cycle ? {} : { cycleId: before.cycle?.id ?? null }),
    };
    this.#push("Issue", action, data, was);
  }

  /** A comment (`CommentWebhookPayload`). */
  comment(action: Action, { issue, user, botActor, ...fields }: Comment): void {
    const { id, identifier, title, url, team } = issue;
    this.#push("Comment", action, {
      ...fields,
      issueId: id,
      issue: { id, identifier, title, url, teamId: team.id, team: teamOf(team) },
      userId: user?.id ?? null,
      ...(user === null ? {} : { user: personOf(user) }),
      botActor: botActor === null ? null : JSON.stringify(botActor),
      reactionData: [],
    });
  }

  /** A project, and what it was before (`ProjectWebhookPayload`). */
  project(action: Action, project: Project, before: Project): void {
    const { teamRecords, lead, ...fields } = project;
    const teamIds = teamRecords.map(({ id }) => id);
    const was = { teamIds: before.teamRecords.map(({ id }) => id), name: before.name };
    const data = { ...fields, teamIds, leadId: lead?.id ?? null, labelIds: [] };
    this.#push("Project", action, data, was);
  }

  /** A cycle (`CycleWebhookPayload`). */
  cycle(action: Action, { team, ...fields }: Cycle): void {
    this.#push("Cycle", action, { ...fields, teamId: team.id });
  }

  /** A label (`IssueLabelWebhookPayload`). */
  label(action: Action, label: Label): void {
    this.#push("IssueLabel", action, { ...label, teamId: null, isGroup: false });
  }

  #push(
    type: string,
    action: Action,
    data: Readonly<Record<string, unknown>>,
    updatedFrom?: Readonly<Record<string, unknown>>,
  ): void {
    const common = { type, action, data };
    this.#waiting.push(
      action === "update" && updatedFrom !== undefined ? { ...common, updatedFrom } : common,
    );
  }
}

function teamOf({ id, key, name }: Team) {
  return { id, key, name };
}

/** A person as a payload has one: without the display name. */
function personOf({ id, name, email }: User) {
  return { id, name, email, url: `https://linear.app/acme/profiles/${name}` };
}
