/**
 * Identities of the tree: `repo/1296269`, `issue/1296269/42`, `issue/1296269/42/title`.
 *
 * They are made of GitHub's numeric ids, so a repository that is renamed or moved keeps all of its nodes, and an
 * issue is one node wherever it is listed.
 *
 * @module
 */

/** The first segment of an identity. */
export type KindName =
  | "user"
  | "org"
  | "repo"
  | "issues"
  | "issue"
  | "pulls"
  | "pull"
  | "comment"
  | "review"
  | "actions"
  | "runs"
  | "run"
  | "job";

/** How many numbers follow each kind's name; `name` for the two that are known by their login. */
const KINDS: Readonly<Record<KindName, number | "name">> = {
  user: "name",
  org: "name",
  repo: 1,
  issues: 1,
  issue: 2,
  pulls: 1,
  pull: 2,
  comment: 2,
  review: 3,
  actions: 1,
  runs: 1,
  run: 2,
  job: 2,
};

/** An identity taken apart. */
export interface Id {
  /** What it is. */
  readonly kind: KindName;
  /** The login of an owner, otherwise empty. */
  readonly login: string;
  /** The repository's id, and what identifies the object in it. */
  readonly at: readonly number[];
  /** A part of the object, such as `title` or `comments`; empty for the object itself. */
  readonly part: string;
}

/** The identity of an object, or of one part of it. */
export function mint(kind: KindName, at: readonly number[], part = ""): string {
  return [kind, ...at, ...(part === "" ? [] : [part])].join("/");
}

/** The identity of an owner. GitHub's logins ignore case, so `login` has to be in GitHub's own spelling. */
export function mintOwner(kind: "user" | "org", login: string): string {
  return `${kind}/${login}`;
}

/** The parts of an identity; undefined for a text that this provider never mints. The root has no parts. */
export function parse(id: string): Id | undefined {
  const [kind = "", ...rest] = id.split("/");
  if (!isKind(kind)) return undefined;
  const count = KINDS[kind];
  if (count === "name") {
    const [login = ""] = rest;
    return rest.length === 1 && login !== "" ? { kind, login, at: [], part: "" } : undefined;
  }
  const digits = rest.slice(0, count);
  const [part = "", ...more] = rest.slice(count);
  if (digits.length < count || more.length > 0 || !digits.every(isNumberName)) return undefined;
  return { kind, login: "", at: digits.map(Number), part };
}

function isKind(kind: string): kind is KindName {
  return Object.hasOwn(KINDS, kind);
}

/** True for a name that can be an issue's number or an id: decimal, without a leading zero, at most 15 digits. */
export function isNumberName(name: string): boolean {
  return /^[1-9]\d{0,14}$/.test(name);
}

/**
 * True for a name that can be an owner's: letters, digits and hyphens, an underscore before an enterprise's short
 * code, `[bot]` behind an app's. So a tool's probe for `.git` costs no request.
 */
export function isOwnerName(name: string): boolean {
  return /^[a-z\d][a-z\d_-]{0,99}(?:\[bot\])?$/i.test(name);
}

/** True for a name that can be a repository's: letters, digits, `.`, `-`, `_`, and not one that Git itself takes. */
export function isRepositoryName(name: string): boolean {
  return /^[\w.-]{1,100}$/.test(name) && !/^\.\.?$/.test(name) && !/\.git$/i.test(name);
}
