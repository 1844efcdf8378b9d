/**
 * The mutations of Linear's API, and the look-ups that turn names into ids for them.
 *
 * @module
 */
import { COMMENT, ISSUE, LABELLED_ISSUE } from "./queries.ts";

/** The most that Linear gives at once (https://linear.app/developers/pagination). */
const MOST = 250;

/** A comment with its issue as it is then: a comment is one more date of its issue. */
const TOLD_COMMENT = `{ ...CommentFields issue ${LABELLED_ISSUE} }`;

/** `$id` of the issue, `$input`: an `IssueUpdateInput`. */
export const UPDATE_ISSUE = `mutation UpdateIssue($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success issue ${LABELLED_ISSUE} }
} ${ISSUE}`;

/** `$input`: an `IssueCreateInput`. */
export const CREATE_ISSUE = `mutation CreateIssue($input: IssueCreateInput!) {
  issueCreate(input: $input) { success issue ${LABELLED_ISSUE} }
} ${ISSUE}`;

/** `$id`. It goes to the trash, from which people can take it back for 30 days. */
export const DELETE_ISSUE = `mutation DeleteIssue($id: String!) { issueDelete(id: $id) { success } }`;

/** `$id`, `$input`: a `CommentUpdateInput`. */
export const UPDATE_COMMENT = `mutation UpdateComment($id: String!, $input: CommentUpdateInput!) {
  commentUpdate(id: $id, input: $input) { success comment ${TOLD_COMMENT} }
} ${ISSUE} ${COMMENT}`;

/** `$input`: a `CommentCreateInput`. */
export const CREATE_COMMENT = `mutation CreateComment($input: CommentCreateInput!) {
  commentCreate(input: $input) { success comment ${TOLD_COMMENT} }
} ${ISSUE} ${COMMENT}`;

/** `$id`. */
export const DELETE_COMMENT = `mutation DeleteComment($id: String!) { commentDelete(id: $id) { success } }`;

/** `$id`: a comment with the issue that it is on. */
export const GET_TOLD_COMMENT = `query ToldComment($id: String!) { comment(id: $id) ${TOLD_COMMENT} }
${ISSUE} ${COMMENT}`;

/** Whoever the credential belongs to. */
export const VIEWER = `query Viewer { viewer { id } }`;

/** `$id` of a team: the states of its workflow. */
export const TEAM_STATES = `query TeamStates($id: String!) {
  team(id: $id) { id key states(first: ${MOST}) { nodes { id name } } }
}`;

/** `$names`: the labels that are called so, of whatever team. */
export const LABELS_BY_NAME = `query LabelsByName($names: [String!]!) {
  issueLabels(first: ${MOST}, filter: { name: { in: $names } }) { nodes { id name isGroup team { id } } }
}`;

/** `$name`: the people who are called so, in one way or another. */
export const PEOPLE_BY_NAME = `query PeopleByName($name: String!) {
  users(first: 10, filter: { or: [{ displayName: { eq: $name } }, { name: { eq: $name } }, { email: { eq: $name } }] }) {
    nodes { id name displayName email active }
  }
}`;
