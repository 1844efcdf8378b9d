/**
 * Which parts of Linear's schema answer from the workspace.
 *
 * @module
 */
import { makeExecutableSchema } from "@graphql-tools/schema";
import { addMocksToSchema } from "@graphql-tools/mock";
import type { GraphQLSchema } from "graphql";
import { entityNotFound } from "./errors.ts";
import { connection, type PageArguments } from "./pages.ts";
import type { Cycle, Entity, Issue, Project, Team } from "./records.ts";
import type { Workspace } from "./workspace.ts";

interface ById {
  readonly id: string;
}

/** The schema that answers from `workspace`; what no record holds is made up. */
export function schemaOf(typeDefs: string, workspace: Workspace): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs, resolvers: resolversOf(workspace) });
  const date = () => "2026-01-01T00:00:00.000Z";
  const mocks = {
    DateTime: date,
    TimelessDate: () => "2026-01-01",
    JSON: () => ({}),
    JSONObject: () => ({}),
    Duration: () => 0,
  };
  return addMocksToSchema({ schema, preserveResolvers: true, mocks });
}

/** Records are compared by their ids: what resolvers get are copies, filled up with values that were made up. */
function resolversOf(workspace: Workspace) {
  const { teams, states, issues, comments, projects, cycles, labels, viewer } = workspace;
  const issuesOf = (field: "team" | "project" | "cycle") => (parent: Entity, page: PageArguments) =>
    connection(issues.filter((issue) => issue[field]?.id === parent.id), page);
  return {
    Query: {
      viewer: () => viewer,
      user: (_: unknown, { id }: ById) => found("User", [viewer], (user) => user.id === id),
      workflowState: (_: unknown, { id }: ById) => found("WorkflowState", states, (state) => state.id === id),
      teams: (_: unknown, page: PageArguments) => connection(teams, page),
      issues: (_: unknown, page: PageArguments) => connection(issues, page),
      projects: (_: unknown, page: PageArguments) => connection(projects, page),
      cycles: (_: unknown, page: PageArguments) => connection(cycles, page),
      comments: (_: unknown, page: PageArguments) => connection(comments, page),
      issueLabels: (_: unknown, page: PageArguments) => connection(labels, page),
      team: (_: unknown, { id }: ById) => found("Team", teams, (team) => [team.id, team.key].includes(id)),
      issue: (_: unknown, { id }: ById) => found("Issue", issues, (issue) => namesOf(issue).includes(id)),
      project: (_: unknown, { id }: ById) =>
        found("Project", projects, (one) => namesOfProject(one).includes(id)),
      cycle: (_: unknown, { id }: ById) => found("Cycle", cycles, (cycle) => cycle.id === id),
      comment: (_: unknown, { id }: ById) => found("Comment", comments, (comment) => comment.id === id),
    },
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
