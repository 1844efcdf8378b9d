/**
 * What a workspace of the stand-in consists of. Each field that a client of ours asks for is in its record; for
 * the rest of Linear's fields the stand-in makes values up.
 *
 * @module
 */

/** What every record has. */
export interface Entity {
  /** Linear's UUID. */
  readonly id: string;
  /** ISO date. */
  readonly createdAt: string;
  /** ISO date; the version of the record. */
  updatedAt: string;
  /** ISO date; null where it is not archived. */
  archivedAt: string | null;
}

/** A person. */
export interface User extends Entity {
  /** Its name. */
  readonly name: string;
  /** The name that is unique in the workspace. */
  readonly displayName: string;
  /** Mail address. */
  readonly email: string;
  /** False once they left. */
  readonly active: boolean;
}

/** A team. */
export interface Team extends Entity {
  /** What identifiers of its issues begin with. */
  key: string;
  /** Its name. */
  name: string;
  /** Markdown. */
  readonly description: string | null;
  /** True where only members see it. */
  readonly private: boolean;
  /** As the tz database names it. */
  readonly timezone: string;
}

/** A state of a team's workflow; the type is one of `triage`, `backlog`, `unstarted`, `started`, `completed`, `canceled`. */
export interface State extends Entity {
  /** Its name. */
  name: string;
  /** What kind it is. */
  readonly type: string;
  /** Order among its siblings. */
  readonly position: number;
  /** As CSS has it. */
  readonly color: string;
  /** Whose it is. */
  readonly team: Team;
}

/** A label. */
export interface Label extends Entity {
  /** Its name. */
  name: string;
  /** As CSS has it. */
  readonly color: string;
  /** None: everybody's. */
  readonly team: Team | null;
  /** True for one that only holds others. */
  readonly isGroup: boolean;
}

/** A project. */
export interface Project extends Entity {
  /** Its name. */
  name: string;
  /** The end of its URL. */
  readonly slugId: string;
  /** Where people see it. */
  readonly url: string;
  /** Markdown. */
  description: string;
  /** Markdown. */
  content: string | null;
  /** Where it stands. */
  state: string;
  /** Where it stands. */
  readonly status: { readonly id: string; readonly name: string; readonly type: string };
  /** Who leads it. */
  lead: User | null;
  /** From 0 to 1. */
  progress: number;
  /** 0 (none), 1 (urgent) to 4 (low). */
  readonly priority: number;
  /** The same in words. */
  readonly priorityLabel: string;
  /** ISO date without a time. */
  startDate: string | null;
  /** ISO date without a time. */
  targetDate: string | null;
  /** True where it is deleted, and can be restored. */
  trashed: boolean | null;
  /** The teams that work on it. */
  teamRecords: readonly Team[];
}

/** A cycle of a team. */
export interface Cycle extends Entity {
  /** Counted up in its team. */
  readonly number: number;
  /** Its name. */
  name: string | null;
  /** Markdown. */
  readonly description: string | null;
  /** ISO date. */
  readonly startsAt: string;
  /** ISO date. */
  readonly endsAt: string;
  /** ISO date. */
  readonly completedAt: string | null;
  /** From 0 to 1. */
  readonly progress: number;
  /** Whose it is. */
  readonly team: Team;
}

/** An issue. */
export interface Issue extends Entity {
  /** `ENG-1`. */
  identifier: string;
  /** Counted up in its team. */
  number: number;
  /** One line. */
  title: string;
  /** Markdown. */
  description: string | null;
  /** 0 (none), 1 (urgent) to 4 (low). */
  priority: number;
  /** The same in words. */
  priorityLabel: string;
  /** Where it stands. */
  state: State;
  /** Whose it is. */
  team: Team;
  /** Who works on it. */
  assignee: User | null;
  /** Who made it. */
  readonly creator: User | null;
  /** The project that it is in. */
  project: Project | null;
  /** The cycle that it is in. */
  cycle: Cycle | null;
  /** The issue that it is a part of. */
  readonly parent: Issue | null;
  /** Where people see it. */
  readonly url: string;
  /** What a branch for it is called. */
  readonly branchName: string;
  /** Points. */
  readonly estimate: number | null;
  /** ISO date without a time. */
  readonly dueDate: string | null;
  /** ISO date. */
  readonly startedAt: string | null;
  /** ISO date. */
  readonly completedAt: string | null;
  /** ISO date. */
  readonly canceledAt: string | null;
  /** True where it is deleted, and can be restored. */
  trashed: boolean | null;
  /** Its labels. */
  labelRecords: readonly Label[];
  /** What led here before it was moved to another team. */
  previousIdentifiers: string[];
  /** Where it was before each change, newest last. */
  readonly moves: Move[];
}

/** What a change of an issue took it out of. */
export interface Move extends Entity {
  /** Its team before; null where that stayed. */
  readonly fromTeamId: string | null;
  /** Its project before. */
  readonly fromProjectId: string | null;
  /** Its cycle before. */
  readonly fromCycleId: string | null;
}

/** A comment on an issue. */
export interface Comment extends Entity {
  /** Markdown. */
  body: string;
  /** What it is on. */
  readonly issue: Issue;
  /** Who wrote it; null for an integration. */
  readonly user: User | null;
  /** The integration that wrote it. */
  readonly botActor: { readonly id: string; readonly name: string; readonly type: string } | null;
  /** Who wrote it elsewhere; nobody. */
  readonly externalUser: null;
  /** Where people see it. */
  readonly url: string;
  /** ISO date. */
  readonly editedAt: string | null;
}
