/**
 * The workspace of a stand-in for Linear, and how it is filled.
 *
 * @module
 */
import type { Comment, Cycle, Entity, Issue, Label, Project, State, Team, User } from "./records.ts";

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

/** What a seed came to. */
export interface Made {
  /** Linear's UUID. */
  readonly id: string;
  /** `ENG-1` of an issue, `slugId` of a project, number of a cycle. */
  readonly name: string;
}

const STATES: readonly (readonly [string, string])[] = [
  ["Triage", "triage"],
  ["Backlog", "backlog"],
  ["Todo", "unstarted"],
  ["In Progress", "started"],
  ["Done", "completed"],
  ["Canceled", "canceled"],
];

const PRIORITIES: readonly string[] = ["No priority", "Urgent", "High", "Medium", "Low"];

/** Before every date that is made; each record is a second younger than the one before it. */
const EPOCH = Date.UTC(2026, 0, 1);

/** Everything that the workspace holds, oldest first. */
export class Workspace {
  /** Keys of teams; `ENG` unless told. */
  readonly teams: Team[] = [];
  /** Of every team. */
  readonly states: State[] = [];
  /** Names of labels. */
  readonly labels: Label[] = [];
  /** Of every team. */
  readonly issues: Issue[] = [];
  /** On every issue. */
  readonly comments: Comment[] = [];
  /** Every project. */
  readonly projects: Project[] = [];
  /** Of every team. */
  readonly cycles: Cycle[] = [];
  /** Who is there. */
  readonly users: User[] = [];
  /** The one person. */
  readonly viewer: User;
  readonly #newId: () => string;
  #records = 0;

  /** A workspace with one person and the teams `ENG` and `OPS`; `newId` makes UUIDs. */
  constructor(newId: () => string = () => crypto.randomUUID()) {
    this.#newId = newId;
    this.viewer = this.addUser("Ada Lovelace", "ada");
    this.createTeam("ENG", "Engineering");
    this.createTeam("OPS", "Operations");
  }

  /** Another person of the workspace. */
  addUser(name: string, displayName: string, active = true): User {
    const user = { ...this.#entity(), name, displayName, email: `${displayName}@acme.test`, active };
    this.users.push(user);
    return user;
  }

  /** A label, of a team or of everybody; its id. A group holds labels and is on no issue. */
  addLabel(name: string, team?: string, isGroup = false): string {
    return this.#newLabel(name, team === undefined ? null : this.team(team), isGroup).id;
  }

  /** The date of the next change. */
  now(): string {
    return this.#entity().createdAt;
  }

  /** How Linear calls a priority. */
  priorityLabel(priority: number): string {
    return PRIORITIES[priority] ?? "";
  }

  /** A new team with a state of each type; its id. */
  createTeam(key: string, name: string): string {
    const more = { description: null, private: false, timezone: "Europe/London" };
    const team: Team = { ...this.#entity(), key, name, ...more };
    this.teams.push(team);
    STATES.forEach(([title, type], position) =>
      this.states.push({ ...this.#entity(), name: title, type, position, color: "#bec2c8", team })
    );
    return team.id;
  }

  /** A new issue. */
  createIssue(key: string, seed: IssueSeed = {}): Made {
    const team = this.team(key);
    const entity = this.#entity(seed.id);
    const number = Math.max(0, ...this.issues.filter((one) => one.team === team).map((one) => one.number)) +
      1;
    const identifier = `${key}-${number}`;
    const { priority = 0 } = seed;
    const issue: Issue = {
      ...entity,
      archivedAt: seed.archived === true || seed.trashed === true ? entity.updatedAt : null,
      identifier,
      number,
      title: seed.title ?? `Issue ${number}`,
      description: seed.description === undefined ? `What ${identifier} is about.` : seed.description,
      priority,
      priorityLabel: this.priorityLabel(priority),
      state: this.#state(team, seed.type ?? "unstarted"),
      team,
      assignee: seed.assigned === true ? this.viewer : null,
      creator: this.viewer,
      project: seed.project === undefined ? null : this.project(seed.project),
      cycle: this.cycles.find((cycle) => cycle.team === team && cycle.number === seed.cycle) ?? null,
      parent: null,
      url: `https://linear.app/acme/issue/${identifier}`,
      branchName: `ada/${identifier.toLowerCase()}`,
      estimate: null,
      dueDate: null,
      startedAt: null,
      completedAt: null,
      canceledAt: null,
      trashed: seed.trashed === true ? true : null,
      labelRecords: (seed.labels ?? []).map((name) => this.#label(name)),
      previousIdentifiers: [],
    };
    this.issues.push(issue);
    for (const body of seed.comments ?? []) this.#comment(issue, body, this.viewer);
    return { id: issue.id, name: identifier };
  }

  /** `count` new issues, all alike. */
  createIssues(key: string, count: number, seed: IssueSeed = {}): Made[] {
    return Array.from({ length: count }, () => this.createIssue(key, seed));
  }

  /** Changes an issue as its people would; a team's key moves it there, under a new number. */
  patchIssue(
    identifier: string,
    fields: { title?: string; type?: string; team?: string; trashed?: boolean },
  ): Made {
    const issue = this.issue(identifier);
    issue.updatedAt = this.now();
    if (fields.title !== undefined) issue.title = fields.title;
    if (fields.trashed !== undefined) issue.trashed = fields.trashed ? true : null;
    if (fields.team !== undefined) this.#move(issue, this.team(fields.team));
    if (fields.type !== undefined) issue.state = this.#state(issue.team, fields.type);
    return { id: issue.id, name: issue.identifier };
  }

  /** Comments on an issue; their ids. A bot's has no user. */
  addComments(identifier: string, bodies: readonly string[], bot = false, id?: string): string[] {
    const issue = this.issue(identifier);
    return bodies.map((body) => this.#comment(issue, body, bot ? null : this.viewer, id).id);
  }

  /** A new project. */
  createProject(seed: ProjectSeed = {}): Made {
    const entity = this.#entity();
    const slugId = entity.id.replaceAll("-", "").slice(0, 12);
    this.projects.push({
      ...entity,
      name: seed.name ?? "Project",
      slugId,
      url: `https://linear.app/acme/project/project-${slugId}`,
      description: seed.description ?? "",
      content: seed.content ?? null,
      state: "started",
      status: { id: this.#newId(), name: "In Progress", type: "started" },
      lead: this.viewer,
      progress: 0.5,
      priority: 2,
      priorityLabel: "High",
      startDate: "2026-01-05",
      targetDate: null,
      trashed: null,
      teamRecords: (seed.teams ?? ["ENG"]).map((key) => this.team(key)),
    });
    return { id: entity.id, name: slugId };
  }

  /** A new cycle of a team. */
  createCycle(key: string, name: string | null = null): Made {
    const team = this.team(key);
    const number = this.cycles.filter((cycle) => cycle.team === team).length + 1;
    const entity = this.#entity();
    const dates = { startsAt: "2026-01-05T00:00:00.000Z", endsAt: "2026-01-19T00:00:00.000Z" };
    this.cycles.push({
      ...entity,
      number,
      name,
      description: null,
      ...dates,
      completedAt: null,
      progress: 0.25,
      team,
    });
    return { id: entity.id, name: String(number) };
  }

  /** The team with this key; throws without one. */
  team(key: string): Team {
    return known(this.teams.find((team) => team.key === key), key);
  }

  /** The issue with this identifier; throws without one. */
  issue(identifier: string): Issue {
    return known(this.issues.find((issue) => issue.identifier === identifier), identifier);
  }

  /** The project with this slug; throws without one. */
  project(slug: string): Project {
    return known(this.projects.find((project) => project.slugId === slug), slug);
  }

  #move(issue: Issue, team: Team): void {
    const number = Math.max(0, ...this.issues.filter((one) => one.team === team).map((one) => one.number)) +
      1;
    issue.previousIdentifiers = [...issue.previousIdentifiers, issue.identifier];
    Object.assign(issue, { team, number, identifier: `${team.key}-${number}` });
    issue.state = this.#state(team, issue.state.type);
  }

  #comment(issue: Issue, body: string, user: User | null, id?: string): Comment {
    const botActor = user === null ? { id: this.#newId(), name: "GitHub", type: "github" } : null;
    const url = `${issue.url}#comment`;
    const comment = {
      ...this.#entity(id),
      body,
      issue,
      user,
      botActor,
      externalUser: null,
      url,
      editedAt: null,
    };
    this.comments.push(comment);
    return comment;
  }

  #state(team: Team, type: string): State {
    return known(this.states.find((state) => state.team === team && state.type === type), type);
  }

  #label(name: string): Label {
    const found = this.labels.find((label) => label.name === name);
    return found ?? this.#newLabel(name, null, false);
  }

  #newLabel(name: string, team: Team | null, isGroup: boolean): Label {
    const label = { ...this.#entity(), name, color: "#eb5757", team, isGroup };
    this.labels.push(label);
    return label;
  }

  #entity(id: string = this.#newId()): Entity {
    const date = new Date(EPOCH + 1_000 * this.#records++).toISOString();
    return { id, createdAt: date, updatedAt: date, archivedAt: null };
  }
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`the stand-in holds no ${name}`);
  return value;
}
