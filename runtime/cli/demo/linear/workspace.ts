/**
 * The workspace of a stand-in for Linear, and how it is filled.
 *
 * @module
 */
import { systemClock } from "../../../base/clock.ts";
import type { Comment, Cycle, Entity, Issue, Label, Move, Project, State, Team, User } from "./records.ts";
import type { IssueChange, IssueSeed, ProjectSeed } from "./seeds.ts";
import { type Delivery, Webhooks } from "./webhooks.ts";

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
  readonly #webhooks = new Webhooks();
  #records = 0;
  #live = false;
  #last = 0;

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

  /** From now on dates are those of the clock, as they are at Linear. */
  live(): void {
    this.#live = true;
  }

  /** What was delivered since the last time that this was asked. */
  deliveries(): Delivery[] {
    return this.#webhooks.take();
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
      moves: [],
    };
    this.issues.push(issue);
    this.#webhooks.issue("create", issue, {});
    for (const body of seed.comments ?? []) this.#comment(issue, body, this.viewer);
    return { id: issue.id, name: identifier };
  }

  /** `count` new issues, all alike. */
  createIssues(key: string, count: number, seed: IssueSeed = {}): Made[] {
    return Array.from({ length: count }, () => this.createIssue(key, seed));
  }

  /** Changes an issue as its people would; a team's key moves it there, under a new number. */
  patchIssue(identifier: string, fields: IssueChange): Made {
    const issue = this.issue(identifier);
    const before = { ...issue };
    const entity = this.#entity();
    issue.updatedAt = entity.createdAt;
    if (fields.title !== undefined) issue.title = fields.title;
    if (fields.trashed !== undefined) issue.trashed = fields.trashed ? true : null;
    if (fields.team !== undefined) this.#move(issue, this.team(fields.team));
    if (fields.type !== undefined) issue.state = this.#state(issue.team, fields.type);
    if (fields.project !== undefined) {
      issue.project = fields.project === null ? null : this.project(fields.project);
    }
    if (fields.cycle !== undefined) issue.cycle = this.#cycleOf(issue.team, fields.cycle);
    if (fields.trashed !== undefined) issue.trashed = fields.trashed || null;
    const away = fields.archived ?? fields.trashed;
    if (away !== undefined) issue.archivedAt = away ? entity.createdAt : null;
    issue.moves.push(moveOf(entity, before, issue));
    this.#webhooks.issue(away === true ? "remove" : "update", issue, before);
    return { id: issue.id, name: issue.identifier };
  }

  #cycleOf(team: Team, number: number | null): Cycle | null {
    return this.cycles.find((cycle) => cycle.team === team && cycle.number === number) ?? null;
  }

  /** Changes the text of a comment. */
  patchComment(id: string, body: string): void {
    const comment = known(this.comments.find((one) => one.id === id), id);
    comment.body = body;
    comment.updatedAt = this.#entity().createdAt;
    this.#webhooks.comment("update", comment);
  }

  /** Deletes a comment: nothing but the list tells that it is gone. */
  deleteComment(id: string): void {
    const at = this.comments.findIndex((one) => one.id === id);
    const [comment] = this.comments.splice(at, at < 0 ? 0 : 1);
    this.#webhooks.comment("remove", known(comment, id));
  }

  /** Changes a project; `teams` are keys. */
  patchProject(slug: string, fields: { name?: string; teams?: readonly string[]; trashed?: boolean }): void {
    const project = this.project(slug);
    const before = { ...project };
    project.updatedAt = this.#entity().createdAt;
    if (fields.name !== undefined) project.name = fields.name;
    if (fields.teams !== undefined) project.teamRecords = fields.teams.map((key) => this.team(key));
    if (fields.trashed === true) Object.assign(project, { trashed: true, archivedAt: project.updatedAt });
    this.#webhooks.project(fields.trashed === true ? "remove" : "update", project, before);
  }

  /** Changes the name of a cycle. */
  patchCycle(key: string, number: number, name: string): void {
    const cycle = known(this.cycles.find((one) => one.team.key === key && one.number === number), key);
    cycle.name = name;
    cycle.updatedAt = this.#entity().createdAt;
    this.#webhooks.cycle("update", cycle);
  }

  /** Changes the name of a label: no date of any issue changes. */
  renameLabel(name: string, to: string): void {
    const label = known(this.labels.find((one) => one.name === name), name);
    label.name = to;
    label.updatedAt = this.#entity().createdAt;
    this.#webhooks.label("update", label);
  }

  /** Deletes a label: no date of any issue changes. */
  deleteLabel(name: string): void {
    const label = known(this.labels.find((one) => one.name === name), name);
    this.labels.splice(this.labels.indexOf(label), 1);
    for (const issue of this.issues) issue.labelRecords = issue.labelRecords.filter((one) => one !== label);
    this.#webhooks.label("remove", label);
  }

  /** Changes the name of a state: Linear has no webhook for it. */
  renameState(key: string, type: string, to: string): void {
    const state = this.#state(this.team(key), type);
    state.name = to;
    state.updatedAt = this.#entity().createdAt;
  }

  /** Changes the name of a team: Linear has no webhook for it. */
  renameTeam(key: string, to: string): void {
    const team = this.team(key);
    team.name = to;
    team.updatedAt = this.#entity().createdAt;
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
    const project: Project = {
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
    };
    this.projects.push(project);
    this.#webhooks.project("create", project, project);
    return { id: entity.id, name: slugId };
  }

  /** A new cycle of a team. */
  createCycle(key: string, name: string | null = null): Made {
    const team = this.team(key);
    const number = this.cycles.filter((cycle) => cycle.team === team).length + 1;
    const entity = this.#entity();
    const dates = { startsAt: "2026-01-05T00:00:00.000Z", endsAt: "2026-01-19T00:00:00.000Z" };
    const cycle: Cycle = {
      ...entity,
      number,
      name,
      description: null,
      ...dates,
      completedAt: null,
      progress: 0.25,
      team,
    };
    this.cycles.push(cycle);
    this.#webhooks.cycle("create", cycle);
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
    this.#webhooks.comment("create", comment);
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
    this.#last = this.#live ? Math.max(systemClock.now(), this.#last + 1) : EPOCH + 1_000 * this.#records++;
    const date = new Date(this.#last).toISOString();
    return { id, createdAt: date, updatedAt: date, archivedAt: null };
  }
}

function moveOf(entity: Entity, before: Issue, after: Issue): Move {
  const left = (from: Entity | null, to: Entity | null) => from !== null && from !== to ? from.id : null;
  return {
    ...entity,
    fromTeamId: left(before.team, after.team),
    fromProjectId: left(before.project, after.project),
    fromCycleId: left(before.cycle, after.cycle),
  };
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`the stand-in holds no ${name}`);
  return value;
}
