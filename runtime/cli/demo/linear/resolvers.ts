/**
 * Which parts of Linear's schema answer from the workspace.
 *
 * @module
 */
import { entityNotFound } from "./errors.ts";
import { mutationsOf } from "./mutations.ts";
import { connection, type PageArguments } from "./pages.ts";
import type { Cycle, Entity, Issue, Project, Team } from "./records.ts";
import type { Workspace } from "./workspace.ts";

interface ById {
  readonly id: string;
}

/**
 * Answers a part of a query from the object that it is about, and its arguments. Declared as a method is, so that each
 * may name what it really gets: the schema sees to it.
 */
export type Resolver = { resolve(source: unknown, given: unknown): unknown }["resolve"];

/** Resolvers by type and field. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;

/** Records are compared by their ids: what resolvers get may be copies, filled up with values that were made up. */
export function resolversOf(workspace: Workspace): Resolvers {
  const { teams, states, issues, comments, projects, cycles, labels, users, viewer } = workspace;
  const issuesOf = (field: "team" | "project" | "cycle") => (parent: Entity, page: PageArguments) =>
    connection(issues.filter((issue) => issue[field]?.id === parent.id), page);
  return {
    Query: {
      viewer: () => viewer,
      user: (_: unknown, { id }: ById) => found("User", users, (user) => user.id === id),
      workflowState: (_: unknown, { id }: ById) => found("WorkflowState", states, (state) => state.id === id),
      users: (_: unknown, page: PageArguments) => connection(users, page),
      issueLabels: (_: unknown, page: PageArguments) => connection(labels, page),
      teams: (_: unknown, page: PageArguments) => connection(teams, page),
      issues: (_: unknown, page: PageArguments) => connection(issues, page),
      projects: (_: unknown, page: PageArguments) => connection(projects, page),
      cycles: (_: unknown, page: PageArguments) => connection(cycles, page),
      comments: (_: unknown, page: PageArguments) => connection(comments, page),
      team: (_: unknown, { id }: ById) => found("Team", teams, (team) => [team.id, team.key].includes(id)),
      issue: (_: unknown, { id }: ById) => found("Issue", issues, (issue) => namesOf(issue).includes(id)),
      project: (_: unknown, { id }: ById) =>
        found("Project", projects, (one) => namesOfProject(one).includes(id)),
      cycle: (_: unknown, { id }: ById) => found("Cycle", cycles, (cycle) => cycle.id === id),
      comment: (_: unknown, { id }: ById) => found("Comment", comments, (comment) => comment.id === id),
    },
    Mutation: mutationsOf(workspace),
    Team: {
      issues: issuesOf("team"),
      states: (team: Team, page: PageArguments) =>
        connection(states.filter((one) => one.team.id === team.id), page),
      cycles: (team: Team, page: PageArguments) =>
        connection(cycles.filter((one) => one.team.id === team.id), page),
      projects: (team: Team, page: PageArguments) =>
        connection(projects.filter((one) => one.teamRecords.some(({ id }) => id === team.id)), page),
    },
    Project: {
      issues: issuesOf("project"),
      teams: (project: Project, page: PageArguments) => connection(project.teamRecords, page),
    },
    Cycle: { issues: (cycle: Cycle, page: PageArguments) => issuesOf("cycle")(cycle, page) },
    Issue: {
      labels: (issue: Issue, page: PageArguments) => connection(issue.labelRecords, page),
      labelIds: (issue: Issue) => issue.labelRecords.map(({ id }) => id),
      history: (issue: Issue, page: PageArguments) => connection(movesOf(issues, issue), page),
      comments: (issue: Issue, page: PageArguments) =>
        connection(comments.filter((comment) => comment.issue.id === issue.id), page),
    },
  };
}

/** Resolvers get copies of records, which hold what a record held when it was copied. */
function movesOf(issues: readonly Issue[], { id }: Issue): Issue["moves"] {
  return issues.find((issue) => issue.id === id)?.moves ?? [];
}

/** Linear finds an issue by its id, its identifier, and every identifier that it ever had. */
function namesOf(issue: Issue): string[] {
  return [issue.id, issue.identifier, ...issue.previousIdentifiers];
}

/** A project by its id and by its slug, with the name before it or without. */
function namesOfProject(project: Project): string[] {
  return [project.id, project.slugId, project.url.slice(project.url.lastIndexOf("/") + 1)];
}

function found<Item>(kind: string, all: readonly Item[], is: (item: Item) => boolean): Item {
  const item = all.find(is);
  if (item === undefined) throw entityNotFound(kind);
  return item;
}
