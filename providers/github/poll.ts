/**
 * One look at a repository: what changed in it since the last one.
 *
 * Every request is one that GitHub answers with 304 where nothing changed, which costs nothing of the rate limit.
 *
 * @module
 */
import type { Answer } from "../sdk/client.ts";
import {
  condensed,
  type Invalidation,
  lost,
  markOf,
  orAbsent,
  type Polled,
  relisted,
  removed,
  stateIn,
} from "../sdk/mod.ts";
import { basedOn } from "./affected.ts";
import type { Api } from "./api.ts";
import { CHECKS } from "./checks.ts";
import { mint } from "./ids.ts";
import { flag, type Json, object, text } from "./json.ts";
import { repositoryWatch } from "./kinds.ts";
import { type Change, isFresh, type Look } from "./look.ts";
import { ownerOf, repositoryJson, repositoryNow } from "./placing.ts";
import { within } from "./repositories.ts";
import { viewIds } from "./views.ts";

/** Milliseconds between two looks, where the rate limit allows it. */
export const PACE = 60_000;

/** Requests of one look at a repository, most of the time. */
const REQUESTS = 10;

/** The part of the rate limit that looks may take: a quarter. */
const SHARE = 4;

/** How much the reading of two clocks may be apart, in milliseconds: one has whole seconds. */
const MARGIN = 5_000;

/**
 * How long after the first load a first look still counts as taken at once, in milliseconds. What no date tells of
 * (a deletion, a label renamed) is only seen from the first look on, so a later one drops everything.
 */
const AT_ONCE = 30_000;

/** The time of a look. */
export interface Times {
  /** Milliseconds since the Unix epoch, by the host's clock. */
  readonly now: number;
  /** The date from which on lists are compared of which nothing is remembered, by GitHub's clock. */
  readonly from: number;
  /** When the look began, by GitHub's clock, or a little before that. */
  readonly begun: number;
  /** When the upstream answered, by its own clock. */
  readonly answered: number;
  /** True where what changed before this look may have been missed. */
  readonly late: boolean;
}

/** When a look is made, by an answer that just came: `since` is when the first load began, by the host's clock. */
export function timesOf(answer: Answer, cursor: string | undefined, since: number, now: number): Times {
  const first = stateIn(cursor) === undefined;
  const date = Date.parse(answer.header("date") ?? "");
  const ahead = Number.isNaN(date) ? 0 : now - date;
  const answered = now - ahead;
  const begun = answered - MARGIN;
  const from = first ? since - ahead - MARGIN : begun;
  return { now, from, begun, answered, late: first && (cursor !== undefined || now - since > AT_ONCE) };
}

/** Looks at the repository `repo`; `now` tells milliseconds since the Unix epoch. */
export function pollRepository(
  api: Api,
  repo: number,
  cursor: string | undefined,
  since: number,
  now: () => number,
): Polled {
  const before = stateIn(cursor);
  const found = orAbsent(() => api.answer(within([repo])));
  if (found === undefined) return { invalidations: gone(repo, before) };
  const times = timesOf(found.answer, cursor, since, now());
  const look: Look = { api, repo, ...times };
  const changes = [
    repositoryChange(look, before, object(found.value)),
    ...CHECKS.map((check) => check(look, before ?? {})),
  ];
  const invalidations = changes.flatMap((change) => change.invalidations);
  if (times.late) invalidations.push(lost(repositoryWatch([repo])));
  const after = Object.fromEntries(changes.flatMap((change) => Object.entries(change.after)));
  const wait = waitOf(found.answer, REQUESTS, PACE);
  return { invalidations: condensed(invalidations, isOwners), cursor: JSON.stringify(after), wait };
}

/**
 * Milliseconds until the next look, of so many `requests`: without a credential GitHub allows 60 requests an hour, and
 * counts those that it answers with 304 as well.
 */
export function waitOf(answer: Answer, requests: number, pace: number): number {
  const limit = Number(answer.header("x-ratelimit-limit") ?? 0);
  return limit > 0 ? Math.max(pace, Math.ceil(requests * SHARE * 3_600_000 / limit)) : pace;
}

/** What stands in an owner's directory is guarded by the owner. */
function isOwners(id: string): boolean {
  return /^(?:user|org)\//.test(id);
}

/** A repository that was deleted, or that the credential may not see any more. */
function gone(repo: number, before: Json | undefined): Invalidation[] {
  const owner = text(before, "owner");
  const listed = owner === undefined ? [] : [removed(owner, mint("repo", [repo]))];
  return [...listed, lost(repositoryWatch([repo]))];
}

/** The repository itself: its files, where it is, what was pushed to it. */
function repositoryChange(look: Look, before: Json | undefined, repository: Json): Change {
  const { api, repo } = look;
  const now = repositoryNow(api, repository);
  const pushed = text(repository, "pushed_at") ?? "";
  const after = {
    shown: markOf(JSON.stringify(now)),
    whole: markOf(JSON.stringify(repository)),
    // Another push in the same second leaves the same date, so that one is looked at once more.
    pushed: isFresh(look, pushed) ? "" : pushed,
    hasIssues: flag(repository, "has_issues") !== false,
    owner: ownerOf(repository) ?? "",
  };
  if (before === undefined) {
    const moved = Date.parse(pushed) >= look.from ? basedOn(api, repo) : [];
    return { invalidations: [...now, ...moved], after };
  }
  const former = text(before, "owner") ?? after.owner;
  const invalidations = [
    ...(former === after.owner ? [] : [removed(former, mint("repo", [repo]))]),
    ...(before["shown"] === after.shown ? [] : now),
    ...(before["whole"] === after.whole ? [] : [repositoryJson(repo)]),
    ...(before["pushed"] === pushed ? [] : basedOn(api, repo)),
    ...(before["hasIssues"] === after.hasIssues ? [] : viewIds("issues", [repo]).map(relisted)),
  ];
  return { invalidations, after };
}
