/**
 * The queries. Linear counts a tenth of a point for a property, a point for an object, and for a connection what
 * one of its items costs times its page; a query may cost 10,000 points (https://linear.app/developers/rate-limiting).
 *
 * @module
 */

/** Issues a page. With what each tells, one page costs about 8,000 points. */
const ISSUES_A_PAGE = 50;

/** Comments that come with each issue of a page; an issue with more of them has its comments asked for alone. */
const COMMENTS_OF_ISSUE = 20;

/** Labels that come with each issue; an issue with more of them has them asked for alone. */
const LABELS_OF_ISSUE = 10;

/** Items a page of every other list. */
const PAGE = 100;

/** The most that Linear gives at once (https://linear.app/developers/pagination). */
const LARGEST_PAGE = 250;

const PERSON = "{ id name displayName }";
const INFO = "pageInfo { hasNextPage endCursor }";
const MORE = "pageInfo { hasNextPage }";

/** A team. */
const TEAM = `fragment TeamFields on Team {
  id key name description private timezone createdAt updatedAt archivedAt
}`;

/** A comment. */
export const COMMENT = `fragment CommentFields on Comment {
  id body createdAt updatedAt user ${PERSON} botActor { id name } externalUser { id name }
}`;

/** All of an issue but its labels. */
export const ISSUE = `fragment IssueFields on Issue {
  id identifier number title description priority priorityLabel estimate dueDate url branchName
  createdAt updatedAt archivedAt startedAt completedAt canceledAt trashed
  state { id name type } team { id key } assignee ${PERSON} creator ${PERSON}
  project { id slugId } cycle { id number } parent { id identifier }
}`;

const LABELS = `labels(first: ${LABELS_OF_ISSUE}) { nodes { id name } ${MORE} }`;

/** What a list of issues tells of each, so that nothing more has to be asked for. */
const LISTED_ISSUE = `{ ...IssueFields ${LABELS}
  comments(first: ${COMMENTS_OF_ISSUE}) { nodes { ...CommentFields } ${MORE} } }`;

const PROJECT = `fragment ProjectFields on Project {
  id name slugId description content state progress priority priorityLabel url startDate targetDate
  createdAt updatedAt archivedAt startedAt completedAt canceledAt trashed
  status { id name type } lead ${PERSON} teams(first: 50) { nodes { id key } }
}`;

const CYCLE = `fragment CycleFields on Cycle {
  id number name description startsAt endsAt completedAt progress createdAt updatedAt archivedAt team { id key }
}`;

const issuesOf = (more: string) =>
  `issues(first: ${ISSUES_A_PAGE}, after: $after, ${more}) { nodes ${LISTED_ISSUE} ${INFO} }`;

/** `$after`. */
export const LIST_TEAMS = `query Teams($after: String) {
  teams(first: ${PAGE}, after: $after) { nodes { ...TeamFields } ${INFO} }
} ${TEAM}`;

/** `$key`. */
export const FIND_TEAM = `query TeamByKey($key: String!) {
  teams(first: 1, filter: { key: { eq: $key } }) { nodes { ...TeamFields } }
} ${TEAM}`;

/** `$id`. */
export const GET_TEAM = `query Team($id: String!) { team(id: $id) { ...TeamFields } } ${TEAM}`;

/** `$id` of the team, `$after`, `$filter`, `$archived`. */
export const LIST_TEAM_ISSUES =
  `query TeamIssues($id: String!, $after: String, $filter: IssueFilter, $archived: Boolean) {
  team(id: $id) { id ${issuesOf("filter: $filter, includeArchived: $archived")} }
} ${ISSUE} ${COMMENT}`;

/** `$id` of the project, `$after`. */
export const LIST_PROJECT_ISSUES = `query ProjectIssues($id: String!, $after: String) {
  project(id: $id) { id ${issuesOf("includeArchived: true")} }
} ${ISSUE} ${COMMENT}`;

/** `$id` of the cycle, `$after`. */
export const LIST_CYCLE_ISSUES = `query CycleIssues($id: String!, $after: String) {
  cycle(id: $id) { id ${issuesOf("includeArchived: true")} }
} ${ISSUE} ${COMMENT}`;

/** `$id`: an issue's UUID or its identifier. */
export const GET_ISSUE = `query Issue($id: String!) { issue(id: $id) ${LISTED_ISSUE} } ${ISSUE} ${COMMENT}`;

/** An issue with every label that it can have, and without comments. */
export const LABELLED_ISSUE =
  `{ ...IssueFields labels(first: ${LARGEST_PAGE}) { nodes { id name } ${MORE} } }`;

/** `$id`. */
export const GET_LABELLED_ISSUE =
  `query LabelledIssue($id: String!) { issue(id: $id) ${LABELLED_ISSUE} } ${ISSUE}`;

/** `$id` of the issue, `$after`. */
export const LIST_COMMENTS = `query Comments($id: String!, $after: String) {
  issue(id: $id) { id team { id } comments(first: ${PAGE}, after: $after) { nodes { ...CommentFields } ${INFO} } }
} ${COMMENT}`;

/** `$id`. */
export const GET_COMMENT = `query Comment($id: String!) {
  comment(id: $id) { ...CommentFields issue { id team { id } } }
} ${COMMENT}`;

/** `$after`. */
export const LIST_PROJECTS = `query Projects($after: String) {
  projects(first: ${PAGE}, after: $after) { nodes { ...ProjectFields } ${INFO} }
} ${PROJECT}`;

/** `$id` of the team, `$after`. */
export const LIST_TEAM_PROJECTS = `query TeamProjects($id: String!, $after: String) {
  team(id: $id) { id projects(first: ${PAGE}, after: $after) { nodes { ...ProjectFields } ${INFO} } }
} ${PROJECT}`;

/** `$id`: a project's UUID or its slug. */
export const GET_PROJECT = `query Project($id: String!) { project(id: $id) { ...ProjectFields } } ${PROJECT}`;

/** `$id` of the team, `$after`. */
export const LIST_CYCLES = `query Cycles($id: String!, $after: String) {
  team(id: $id) { id cycles(first: ${PAGE}, after: $after, includeArchived: true) { nodes { ...CycleFields } ${INFO} } }
} ${CYCLE}`;

/** `$id` of the team, `$number`. */
export const FIND_CYCLE = `query CycleByNumber($id: String!, $number: Float!) {
  team(id: $id) {
    id cycles(first: 1, filter: { number: { eq: $number } }, includeArchived: true) { nodes { ...CycleFields } }
  }
} ${CYCLE}`;

/** `$id`. */
export const GET_CYCLE = `query Cycle($id: String!) { cycle(id: $id) { ...CycleFields } } ${CYCLE}`;

/** Issues, comments or labels that one look asks for at first. */
const MOST_CHANGES = 25;

/** Comments, labels and projects a page where nothing but their identities is asked for. */
const IDS = LARGEST_PAGE;

const ID_PAGE = "{ nodes { id } pageInfo { hasPreviousPage startCursor } }";

/**
 * `$id` of the team and `$team`, the same; `$since`. What changed in the team, told in few points: about 300. Issues of
 * other teams are among them, because one of them may have been in this one.
 */
export const TEAM_CHANGES = `query TeamChanges($id: String!, $team: ID!, $since: DateTimeOrDuration!) {
  team(id: $id) { ...TeamFields states(first: 50) { nodes { id name type } } }
  issues(first: ${MOST_CHANGES}, includeArchived: true,
    filter: { or: [{ updatedAt: { gte: $since } }, { archivedAt: { gte: $since } }] }) {
    nodes { id updatedAt archivedAt trashed previousIdentifiers team { id } } ${MORE}
  }
  comments(first: ${MOST_CHANGES}, filter: { issue: { team: { id: { eq: $team } } }, updatedAt: { gte: $since } }) {
    nodes { id updatedAt } ${MORE}
  }
  cycles(first: 10, includeArchived: true, filter: { team: { id: { eq: $team } }, updatedAt: { gte: $since } }) {
    nodes { ...CycleFields } ${MORE}
  }
  issueLabels(first: ${MOST_CHANGES}, filter: { updatedAt: { gte: $since } }) { nodes { id updatedAt } ${MORE} }
} ${TEAM} ${CYCLE}`;

/** `$since`. The issues that changed, where a look finds more than it asked for. */
export const ISSUE_CHANGES = `query IssueChanges($since: DateTimeOrDuration!) {
  issues(first: ${IDS}, includeArchived: true,
    filter: { or: [{ updatedAt: { gte: $since } }, { archivedAt: { gte: $since } }] }) {
    nodes { id updatedAt archivedAt trashed previousIdentifiers team { id } } ${MORE}
  }
}`;

/** `$since`. What changed in the workspace besides its teams. */
export const WORKSPACE_CHANGES = `query WorkspaceChanges($since: DateTimeOrDuration!) {
  teams(first: ${PAGE}) { nodes { id key updatedAt } ${MORE} }
  projects(first: ${MOST_CHANGES}, includeArchived: true, filter: { updatedAt: { gte: $since } }) {
    nodes { id updatedAt archivedAt trashed } ${MORE}
  }
}`;

/** `$ids`, `$first` of them. Issues whole, and what each was taken out of lately. */
export const ISSUES_BY_ID = `query IssuesById($ids: [ID!]!, $first: Int!) {
  issues(first: $first, includeArchived: true, filter: { id: { in: $ids } }) {
    nodes {
      ...IssueFields ${LABELS} comments(first: ${COMMENTS_OF_ISSUE}) { nodes { ...CommentFields } ${MORE} }
      history(first: 10) { nodes { fromTeamId fromProjectId fromCycleId } }
    }
  }
} ${ISSUE} ${COMMENT}`;

/** `$ids`, `$first` of them. */
export const COMMENTS_BY_ID = `query CommentsById($ids: [ID!]!, $first: Int!) {
  comments(first: $first, filter: { id: { in: $ids } }) { nodes { ...CommentFields issue { id team { id } } } }
} ${COMMENT}`;

/** `$ids`, `$first` of them. */
export const PROJECTS_BY_ID = `query ProjectsById($ids: [ID!]!, $first: Int!) {
  projects(first: $first, includeArchived: true, filter: { id: { in: $ids } }) { nodes { ...ProjectFields } }
} ${PROJECT}`;

/** `$label`. The issues that hold it. */
export const ISSUES_WITH_LABEL = `query IssuesWithLabel($label: ID!) {
  issues(first: ${IDS}, includeArchived: true, filter: { labels: { some: { id: { eq: $label } } } }) {
    nodes { id } ${MORE}
  }
}`;

/** `$team`, `$before`. Identities of the comments of a team, from the oldest on. */
export const COMMENT_IDS = `query CommentIds($team: ID!, $before: String) {
  comments(last: ${IDS}, before: $before, filter: { issue: { team: { id: { eq: $team } } } }) ${ID_PAGE}
}`;

/** `$before`. Identities of the labels, from the oldest on. */
export const LABEL_IDS =
  `query LabelIds($before: String) { issueLabels(last: ${IDS}, before: $before) ${ID_PAGE} }`;

/** `$before`. Identities of the projects that are neither archived nor deleted, from the oldest on. */
export const PROJECT_IDS =
  `query ProjectIds($before: String) { projects(last: ${IDS}, before: $before) ${ID_PAGE} }`;
