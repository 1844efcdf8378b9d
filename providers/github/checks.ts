/**
 * The parts of a look at a repository: one for each kind of change that GitHub tells in a way of its own.
 *
 * @module
 */
import {
  compare,
  inSeconds,
  type Invalidation,
  type Listed,
  lost,
  markOf,
  type Marks,
  marksFrom,
  marksIn,
  orAbsent,
  relisted,
} from "../sdk/mod.ts";
import { type Catalogue, holding, LABELS, MILESTONES } from "./affected.ts";
import { anchor, type Anchored, anchorIn, holds } from "./anchor.ts";
import { COMMENT, isPull, ISSUE, PULL } from "./issues.ts";
import { id, isObject, type Json, object, objects, text } from "./json.ts";
import { children, type Kind, repositoryWatch } from "./kinds.ts";
import { type Change, type Check, isFresh, type Look } from "./look.ts";
import { commentNow, issueNow, pullNow, reviewNow, runGone, runNow } from "./placing.ts";
import { within } from "./repositories.ts";
import { listed, RUN } from "./runs.ts";
import { viewIds } from "./views.ts";

/**
 * Most pages of changes that are read; where there are more, it is cheaper to begin anew. A guest works on 200 changed
 * issues for some 0.3 s, and may work for 2 s at once.
 */
const MOST_PAGES = 2;

/** Most pages of labels or milestones. */
const MOST_NAMED = 10;

/** Most pull requests whose reviews are asked for in one look, and most runs that are asked for alone. */
const MOST_ASKED = 25;

/** Pull requests a page: each comes with two whole repositories. */
const PULLS = 30;

/** Longest memory of labels or milestones in characters; a longer one is kept as one mark of all of them. */
const CATALOGUE_LENGTH = 1_200;

/** Milliseconds after which everything is dropped where deletions cannot be seen. */
const BLIND = 1_800_000;

const TALK: Anchored = { path: "/issues?state=all", key: "number" };
const COMMENTS: Anchored = { path: "/issues/comments", key: "id" };

/** All of them, in the order in which they are made. */
export const CHECKS: readonly Check[] = [
  talkCheck,
  commentCheck,
  runCheck,
  runningCheck,
  catalogueCheck("labels", LABELS),
  catalogueCheck("milestones", MILESTONES),
];

/** Issues and pull requests by their dates, reviews of what changed, and issues that are gone. */
function talkCheck(look: Look, before: Json): Change {
  const { api, repo } = look;
  const [talk, mine] = [marksOf(look, before["talk"]), marksOf(look, before["pulls"])];
  const issues = changedSince(look, `/issues?state=all&sort=updated&direction=asc&since=${talk.since}`);
  const pulls = changedPulls(look, mine.since);
  const found = compare(
    talk,
    issues.items.map((item) => state(look, isPull(item) ? PULL : ISSUE, item)),
    inSeconds,
    look.begun,
  );
  const own = compare(mine, pulls.items.map((item) => state(look, PULL, item)), inSeconds, look.begun);
  const numbers = new Set(own.changed.map((pull) => id(pull, "number")));
  const others = found.changed.filter((issue) => !isPull(issue) || !numbers.has(id(issue, "number")));
  for (const issue of others.filter(isPull)) numbers.add(id(issue, "number"));
  const many = issues.more || pulls.more || numbers.size > MOST_ASKED;
  const gone = deletions(look, before["issues"], TALK, issues.items, () => talkViews(repo));
  const after = many
    ? { talk: marksFrom(look.begun, inSeconds), pulls: marksFrom(look.begun, inSeconds) }
    : { talk: found.after, pulls: own.after };
  const invalidations = many ? tooMany(look) : [
    ...others.flatMap((issue) => issueNow(api, repo, issue)),
    ...own.changed.flatMap((pull) => pullNow(api, repo, pull)),
    ...[...numbers].flatMap((number) => reviewsNow(look, number)),
  ];
  return {
    invalidations: [...invalidations, ...gone.invalidations],
    after: { ...after, issues: gone.after },
  };
}

/** Comments by their dates, and comments that are gone: nobody tells of which issue. */
function commentCheck(look: Look, before: Json): Change {
  const marks = marksOf(look, before["comments"]);
  const path = `/issues/comments?sort=updated&direction=asc&since=${marks.since}`;
  const { items, more } = changedSince(look, path);
  const { changed, after } = compare(
    marks,
    items.map((item) => state(look, COMMENT, item)),
    inSeconds,
    look.begun,
  );
  const gone = deletions(look, before["said"], COMMENTS, items, () => tooMany(look));
  const invalidations = more ? tooMany(look) : changed.flatMap((one) => commentNow(look.api, look.repo, one));
  return {
    invalidations: [...invalidations, ...gone.invalidations],
    after: { comments: more ? marksFrom(look.begun, inSeconds) : after, said: gone.after },
  };
}

/** The newest hundred runs: those that went on, and how many there are in all. */
function runCheck(look: Look, before: Json): Change {
  const { api, repo } = look;
  const page = runsPage(look, "");
  const runs = page === undefined ? [] : listed("workflow_runs")(page);
  const { changed, after } = compare(
    marksOf(look, before["runs"]),
    runs.map((run) => state(look, RUN, run)),
    inSeconds,
    look.begun,
  );
  const newest = Math.max(0, ...runs.map((run) => id(run, "id")));
  const known = { newest: number(before["newest"]), total: number(before["total"]) };
  const total = number(page?.["total_count"]) ?? 0;
  const added = runs.filter((run) => id(run, "id") > (known.newest ?? newest)).length;
  // Where none of the page was there before, nobody knows how many more there are.
  const gone = known.total !== undefined &&
    (total !== known.total + added || added > 0 && added === runs.length && total > added);
  const invalidations = changed.flatMap((run) => runNow(api, repo, run));
  if (gone) invalidations.push(...viewIds("runs", [repo]).map(relisted));
  return { invalidations, after: { runs: after, newest, total } };
}

/** The runs that are in progress: one that was started again may be older than the newest hundred. */
function runningCheck(look: Look, before: Json): Change {
  const { api, repo } = look;
  const page = runsPage(look, "?status=in_progress");
  const runs = page === undefined ? [] : listed("workflow_runs")(page);
  const running = runs.map((run) => id(run, "id")).slice(0, MOST_ASKED);
  const known = Array.isArray(before["running"])
    ? before["running"].filter((run) => typeof run === "number")
    : [];
  const over = known.filter((run) => !runs.some((other) => other["id"] === run));
  const begun = runs.filter((run) => !known.includes(id(run, "id")));
  const invalidations = [
    ...begun.flatMap((run) => runNow(api, repo, run)),
    ...over.flatMap((run) => {
      const now = orAbsent(() => api.object(RUN.path([repo, run])));
      return now === undefined ? runGone(repo, run) : runNow(api, repo, now);
    }),
  ];
  return { invalidations, after: { running } };
}

/** What issues hold by name: where one of them changed, so did every issue that holds it. */
function catalogueCheck(name: string, catalogue: Catalogue): Check {
  return (look, before) => {
    const items =
      orAbsent(() => look.api.upTo(MOST_NAMED, within([look.repo], catalogue.path), objects))?.items ?? [];
    const now = new Map(items.map((item) => [id(item, catalogue.key).toString(36), item]));
    const marks = [...now].map(([key, item]) => `${key}:${shortMark(catalogue.shown(item))}`).join(",");
    const after = marks.length > CATALOGUE_LENGTH ? `#${shortMark(marks)}` : marks;
    const known = before[name];
    const changed = typeof known === "string" && known !== after;
    return {
      invalidations: changed ? catalogueChanges(look, catalogue, known, after, now) : [],
      after: { [name]: after },
    };
  };
}

function catalogueChanges(
  look: Look,
  catalogue: Catalogue,
  before: string,
  after: string,
  items: ReadonlyMap<string, Json>,
): Invalidation[] {
  if (before.startsWith("#") || after.startsWith("#")) return tooMany(look);
  const known = before.split(",").filter((one) => one !== "");
  const same = new Set(after.split(","));
  return known.filter((one) => !same.has(one)).flatMap((one) => {
    const item = items.get(one.split(":")[0] ?? "");
    // Nobody tells on which issues one was that is gone.
    return item === undefined ? tooMany(look) : holding(look.api, look.repo, catalogue, item);
  });
}

/** What is gone from a list since the anchor that the cursor holds; `gone` says what that means. */
function deletions(
  look: Look,
  before: unknown,
  list: Anchored,
  items: readonly Json[],
  gone: () => Invalidation[],
): { readonly invalidations: Invalidation[]; readonly after: unknown } {
  const inside = { ...list, path: within([look.repo], list.path) };
  const known = anchorIn(before);
  const intact = known === undefined || holds(look.api, inside, known);
  const newest = Math.max(0, ...items.map((item) => id(item, list.key)));
  if (known !== undefined && intact && newest <= known.key) return { invalidations: [], after: known };
  const after = anchor(look.api, inside);
  if (after === undefined) return blind(look, before);
  return { invalidations: intact ? [] : gone(), after };
}

/** Where GitHub does not tell how many items there are, everything is dropped now and then. */
function blind(look: Look, before: unknown): { invalidations: Invalidation[]; after: unknown } {
  const since = isObject(before) ? number(before["blind"]) : undefined;
  if (since !== undefined && look.now - since < BLIND) return { invalidations: [], after: before };
  return { invalidations: since === undefined ? [] : tooMany(look), after: { blind: look.now } };
}

function tooMany({ repo }: Look): Invalidation[] {
  return [lost(repositoryWatch([repo]))];
}

function talkViews(repo: number): Invalidation[] {
  return [...viewIds("issues", [repo]), ...viewIds("pulls", [repo])].map(relisted);
}

function reviewsNow({ api, repo }: Look, number: number): Invalidation[] {
  const reviews = orAbsent(() => api.all(within([repo], `/pulls/${number}/reviews`), objects)) ?? [];
  return reviews.flatMap((review) => reviewNow(api, repo, number, review));
}

/** A list that takes a date; none where the repository has no such list. */
function changedSince({ api, repo }: Look, path: string): { items: Json[]; more: boolean } {
  return orAbsent(() => api.upTo(MOST_PAGES, within([repo], path), objects)) ?? { items: [], more: false };
}

/** The list of pull requests takes no date: it is read, newest change first, as far back as that. */
function changedPulls({ api, repo }: Look, since: string): { items: Json[]; more: boolean } {
  const path = within([repo], `/pulls?state=all&sort=updated&direction=desc&per_page=${PULLS}`);
  const items: Json[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < MOST_PAGES; read++) {
    const page = api.page(path, cursor);
    const found = objects(page.value);
    items.push(...found.filter((pull) => updatedAt(pull) >= since));
    if (page.next === undefined || found.some((pull) => updatedAt(pull) < since)) {
      return { items, more: false };
    }
    cursor = page.next;
  }
  return { items, more: true };
}

function runsPage({ api, repo }: Look, query: string): Json | undefined {
  const page = orAbsent(() => api.page(within([repo], `/actions/runs${query}`), undefined));
  return page === undefined ? undefined : object(page.value);
}

/**
 * All that is shown of an object, as text; of a pull request also what its diff follows from and, for as long
 * as it may get another review in the second of its date, which no field of it tells of, when that was looked at.
 */
function state(look: Look, kind: Kind, item: Json): Listed<Json> {
  const { api, repo } = look;
  const key = id(item, kind === ISSUE || kind === PULL ? "number" : "id");
  const shown = [children(api, kind, [repo, key], item), text(item["head"], "sha"), item["merged_at"]];
  if (isPull(item) || kind === PULL) shown.push(isFresh(look, updatedAt(item)) && look.now);
  return { key, updated: updatedAt(item), shown: JSON.stringify(shown), item };
}

function updatedAt(item: Json): string {
  return text(item, "updated_at") ?? "";
}

function marksOf(look: Look, before: unknown): Marks {
  return marksIn(before) ?? marksFrom(look.from, inSeconds);
}

function shortMark(value: unknown): string {
  return markOf(JSON.stringify(value)).split("-")[1] ?? "";
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
