/**
 * What a workspace of the stand-in consists of. Each field that a client of ours asks for is in its record; for
 * the rest of Linear's fields the stand-in makes values up.
 *
 * @module
 */

/** What every record has. */
export interface Entity {
  readonly id: string;
  readonly createdAt: string;
  updatedAt: string;
  archivedAt: string | null;
}

/** A person. */
export interface User extends Entity {
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly active: boolean;
}

/** A team. */
export interface Team extends Entity {
  key: string;
  name: string;
  readonly description: string | null;
  readonly private: boolean;
  readonly timezone: string;
}

/** A state of a team's workflow; the type is one of `triage`, `backlog`, `unstarted`, `started`, `completed`, `canceled`. */
export interface State extends Entity {
  name: string;
  readonly type: string;
  readonly position: number;
  readonly color: string;
  readonly team: Team;
}

/** A label. */
export interface Label extends Entity {
  name: string;
  readonly color: string;
}

/** A project. */
export interface Project extends Entity {
  name: string;
  readonly slugId: string;
  readonly url: string;
  description: string;
  content: string | null;
  state: string;
  readonly status: { readonly id: string; readonly name: string; readonly type: string };
  lead: User | null;
  progress: number;
  readonly priority: number;
  readonly priorityLabel: string;
  startDate: string | null;
  targetDate: string | null;
  trashed: boolean | null;
  teamRecords: readonly Team[];
}

/** A cycle of a team. */
export interface Cycle extends Entity {
  readonly number: number;
  name: string | null;
  readonly description: string | null;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly completedAt: string | null;
  readonly progress: number;
  readonly team: Team;
}

/** An issue. */
export interface Issue extends Entity {
  identifier: string;
  number: number;
  title: string;
  description: string | null;
  priority: number;
  priorityLabel: string;
  state: State;
  team: Team;
  assignee: User | null;
  readonly creator: User | null;
  project: Project | null;
  cycle: Cycle | null;
  readonly parent: Issue | null;
  readonly url: string;
  readonly branchName: string;
  readonly estimate: number | null;
  readonly dueDate: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly canceledAt: string | null;
  trashed: boolean | null;
  labelRecords: readonly Label[];
  /** What led here before it was moved to another team. */
  previousIdentifiers: string[];
  /** Where it was before each change, newest last. */
  readonly moves: Move[];
}

/** What a change of an issue took it out of. */
export interface Move extends Entity {
  readonly fromTeamId: string | null;
  readonly fromProjectId: string | null;
  readonly fromCycleId: string | null;
}

/** A comment on an issue. */
export interface Comment extends Entity {
  body: string;
  readonly issue: Issue;
  readonly user: User | null;
  readonly botActor: { readonly id: string; readonly name: string; readonly type: string } | null;
  readonly externalUser: null;
  readonly url: string;
  readonly editedAt: string | null;
}
