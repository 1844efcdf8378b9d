/**
 * What the workspace of a stand-in for Linear is filled with.
 *
 * @module
 */

/** What a new issue is made of. */
export interface IssueSeed {
  /** One line. */
  readonly title?: string;
  /** Markdown. */
  readonly description?: string | null;
  /** A type of states, such as `started`; `unstarted` unless told. */
  readonly type?: string;
  /** 0 (none) to 4 (low). */
  readonly priority?: number;
  /** True: the one person of the workspace. */
  readonly assigned?: boolean;
  /** Names of labels. */
  readonly labels?: readonly string[];
  /** Comments on it, oldest last. */
  readonly comments?: readonly string[];
  /** The `slugId` of its project. */
  readonly project?: string;
  /** The number of its cycle. */
  readonly cycle?: number;
  /** True: archived. */
  readonly archived?: boolean;
  /** True where it is deleted, and can be restored. */
  readonly trashed?: boolean;
  /** Its UUID, where a client chose it. */
  readonly id?: string;
}

/** What of an issue is changed. */
export interface IssueChange {
  /** Its title. */
  readonly title?: string;
  /** A type of states. */
  readonly type?: string;
  /** A team's key: it moves there, under a new number. */
  readonly team?: string;
  /** The `slugId` of a project, or null for none. */
  readonly project?: string | null;
  /** The number of a cycle, or null for none. */
  readonly cycle?: number | null;
  /** Archived, or no more. */
  readonly archived?: boolean;
  /** Deleted, or restored. */
  readonly trashed?: boolean;
}

/** What a new project is made of. */
export interface ProjectSeed {
  /** Its name. */
  readonly name?: string;
  /** Markdown. */
  readonly description?: string;
  /** Markdown. */
  readonly content?: string | null;
  /** Keys of teams; `ENG` unless told. */
  readonly teams?: readonly string[];
}
