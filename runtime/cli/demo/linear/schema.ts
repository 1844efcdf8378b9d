/**
 * The part of Linear's schema that a reader of issues asks about. What a query names beside that is left out of its
 * answer.
 *
 * @module
 */

/** In GraphQL's own language; a filter is any JSON, since the workspace itself says which ones it knows. */
export const SCHEMA = `
scalar IssueFilter
scalar TeamFilter
scalar CycleFilter
scalar CommentFilter
scalar ProjectFilter
scalar DateTimeOrDuration
enum PaginationOrderBy { createdAt updatedAt }

type PageInfo { hasNextPage: Boolean! endCursor: String }
type User { id: ID! name: String! displayName: String! }
type ActorBot { id: ID name: String }
type State { id: ID! name: String! type: String! }
type Label { id: ID! name: String! }

type Team {
  id: ID! key: String! name: String! description: String private: Boolean! timezone: String!
  createdAt: String! updatedAt: String! archivedAt: String
  ${list("issues", "Issue", "IssueFilter")}
  ${list("projects", "Project", "ProjectFilter")}
  ${list("cycles", "Cycle", "CycleFilter")}
}

type Issue {
  id: ID! identifier: String! number: Float! title: String! description: String
  priority: Float! priorityLabel: String! estimate: Float dueDate: String url: String! branchName: String!
  createdAt: String! updatedAt: String! archivedAt: String startedAt: String completedAt: String
  canceledAt: String trashed: Boolean
  state: State! team: Team! assignee: User creator: User project: Project cycle: Cycle parent: Issue
  ${list("labels", "Label", "IssueFilter")}
  ${list("comments", "Comment", "CommentFilter")}
}

type Comment {
  id: ID! body: String! createdAt: String! updatedAt: String! archivedAt: String
  user: User botActor: ActorBot externalUser: User issue: Issue
}

type Project {
  id: ID! name: String! slugId: String! url: String! description: String! content: String state: String!
  status: State! lead: User progress: Float! priority: Int! priorityLabel: String!
  startDate: String targetDate: String createdAt: String! updatedAt: String! archivedAt: String
  startedAt: String completedAt: String canceledAt: String trashed: Boolean
  ${list("teams", "Team", "TeamFilter")}
  ${list("issues", "Issue", "IssueFilter")}
}

type Cycle {
  id: ID! number: Float! name: String description: String startsAt: String! endsAt: String! completedAt: String
  progress: Float! createdAt: String! updatedAt: String! archivedAt: String team: Team!
  ${list("issues", "Issue", "IssueFilter")}
}

${["Team", "Issue", "Comment", "Project", "Cycle", "Label"].map(connection).join("\n")}

type Query {
  viewer: User!
  team(id: String!): Team!
  issue(id: String!): Issue!
  comment(id: String!): Comment!
  project(id: String!): Project!
  cycle(id: String!): Cycle!
  ${list("teams", "Team", "TeamFilter")}
  ${list("issues", "Issue", "IssueFilter")}
  ${list("projects", "Project", "ProjectFilter")}
  ${list("cycles", "Cycle", "CycleFilter")}
  ${list("comments", "Comment", "CommentFilter")}
}
`;

function list(name: string, of: string, filter: string): string {
  const more = "includeArchived: Boolean, orderBy: PaginationOrderBy";
  return `${name}(first: Int, after: String, filter: ${filter}, ${more}): ${of}Connection!`;
}

function connection(of: string): string {
  return `type ${of}Connection { nodes: [${of}!]! pageInfo: PageInfo! }`;
}
