/**
 * One look at an owner: whose repositories there are, and under which names.
 *
 * @module
 */
import {
  entry,
  type Invalidation,
  lost,
  markOf,
  orAbsent,
  placed,
  type Polled,
  relisted,
  removed,
  stateIn,
} from "../sdk/mod.ts";
import { at as path } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { id, type Json, object, objects, text } from "./json.ts";
import { objectNode, ownerWatch } from "./kinds.ts";
import { mint } from "./ids.ts";
import { ownerNode, repositoriesPath } from "./owners.ts";
import { timesOf, waitOf } from "./poll.ts";
import { REPOSITORY } from "./repositories.ts";

/** Milliseconds between two looks, where the rate limit allows it: repositories come and go more rarely than issues. */
export const OWNER_PACE = 300_000;

/** Most pages of repositories that are looked at; those of a larger owner are told of by their own watches. */
const MOST_PAGES = 10;

/** Longest memory of names in characters; a longer one is kept as one mark of all of them. */
const NAMES_LENGTH = 6_000;

/** Looks at the owner `login`; `now` tells milliseconds since the Unix epoch. */
export function pollOwner(
  api: Api,
  login: string,
  cursor: string | undefined,
  since: number,
  now: () => number,
): Polled {
  const found = orAbsent(() => api.answer(path`/users/${login}`));
  if (found === undefined) return { invalidations: [lost(ownerWatch(login))] };
  const times = timesOf(found.answer, cursor, since, now());
  const before = stateIn(cursor);
  const owner = object(found.value);
  const node = ownerNode(owner);
  const { items } = api.upTo(MOST_PAGES, repositoriesPath(node.id, login), objects);
  const names = namesOf(items);
  const shown = markOf(JSON.stringify(node));
  const invalidations = [
    ...(before?.["shown"] === shown ? [] : [placed("", entry(login, node))]),
    ...(before === undefined
      ? items.filter((one) => Date.parse(text(one, "updated_at") ?? "") >= times.from).map((one) =>
        here(node.id, one)
      )
      : changesOf(node.id, text(before, "names") ?? "", names, items)),
    ...(times.late ? [lost(ownerWatch(login))] : []),
  ];
  const requests = 1 + Math.ceil(items.length / 100);
  return {
    invalidations,
    cursor: JSON.stringify({ shown, names }),
    wait: waitOf(found.answer, requests, OWNER_PACE),
  };
}

/** Which repositories there are and what each is called, in few characters. */
function namesOf(items: readonly Json[]): string {
  const names = items.map(keyOf).join(",");
  return names.length > NAMES_LENGTH ? `#${markOf(names)}` : names;
}

function keyOf(repository: Json): string {
  return `${id(repository, "id").toString(36)}:${markOf(text(repository, "name") ?? "").split("-")[1]}`;
}

function changesOf(owner: string, before: string, after: string, items: readonly Json[]): Invalidation[] {
  if (before === after) return [];
  if (before.startsWith("#") || after.startsWith("#")) return [relisted(owner)];
  const known = new Set(before.split(",").filter((one) => one !== ""));
  const there = new Set(items.map((one) => id(one, "id").toString(36)));
  const gone = [...known].map((one) => one.split(":")[0] ?? "").filter((key) => !there.has(key));
  return [
    ...items.filter((one) => !known.has(keyOf(one))).map((one) => here(owner, one)),
    ...gone.map((key) => removed(owner, mint("repo", [parseInt(key, 36)]))),
  ];
}

function here(owner: string, repository: Json): Invalidation {
  return placed(
    owner,
    entry(text(repository, "name") ?? "", objectNode(REPOSITORY, [id(repository, "id")], repository)),
  );
}
