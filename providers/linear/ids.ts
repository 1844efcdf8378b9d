/**
 * Identities of the tree: `team/{uuid}`, `issue/{uuid}`, `issue/{uuid}/title`.
 *
 * They are made of Linear's UUIDs, so an issue that moves to another team, or a team that gets another key, keeps
 * all of its nodes, and an issue is one node wherever it is listed.
 *
 * @module
 */

const KINDS = ["team", "issues", "issue", "comment", "project", "cycle"] as const;

/** The first segment of an identity; `issues` is the directory of a team's views. */
export type KindName = typeof KINDS[number];

/** An identity taken apart. */
export interface Id {
  /** What it is. */
  readonly kind: KindName;
  /** Linear's own id of the object; of the team, for `issues`. */
  readonly uuid: string;
  /** A part of the object, such as `title` or `comments`; empty for the object itself. */
  readonly part: string;
}

/** The identity of the directory of all teams. */
export const TEAMS = "teams";

/** The identity of the directory of all projects. */
export const PROJECTS = "projects";

/** The identity of an object, or of one part of it. */
export function mint(kind: KindName, uuid: string, part = ""): string {
  return part === "" ? `${kind}/${uuid}` : `${kind}/${uuid}/${part}`;
}

/** The parts of an identity; undefined for a text that names no object. */
export function parse(id: string): Id | undefined {
  const [name, uuid = "", part = "", ...more] = id.split("/");
  const kind = KINDS.find((one) => one === name);
  return kind === undefined || more.length > 0 || !isUuid(uuid) ? undefined : { kind, uuid, part };
}

/** True for a name that can be a UUID; Linear's are in lower case. */
export function isUuid(name: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(name);
}

/** True for a name that can be a team's key. */
export function isKey(name: string): boolean {
  return /^[A-Z\d]{1,20}$/.test(name);
}

/** True for a name that can be an issue's identifier: `ENG-42`. */
export function isIdentifier(name: string): boolean {
  return /^[A-Z\d]{1,20}-[1-9]\d{0,8}$/.test(name);
}

/** True for a name that can be a project's slug. */
export function isSlug(name: string): boolean {
  return /^[\da-z]{1,64}$/.test(name);
}

/** True for a name that can be a cycle's number. */
export function isNumber(name: string): boolean {
  return /^[1-9]\d{0,8}$/.test(name);
}
