/**
 * What a webhook's delivery means (https://docs.github.com/webhooks/webhook-events-and-payloads).
 *
 * @module
 */
import { type Delivery, heard, type Invalidation, lost, removed } from "../sdk/mod.ts";
import { basedOn, type Catalogue, holding, LABELS, MILESTONES } from "./affected.ts";
import type { Api } from "./api.ts";
import { mint } from "./ids.ts";
import { isPull } from "./issues.ts";
import { id, isObject, type Json, object, text } from "./json.ts";
import { ownerWatch, repositoryWatch } from "./kinds.ts";
import {
  commentGone,
  commentNow,
  issueJson,
  issueNow,
  jobNow,
  ownerId,
  pullNow,
  repositoryNow,
  repositoryStale,
  reviewNow,
  runNow,
  talkGone,
} from "./placing.ts";

/** One delivery about a repository. */
interface Told {
  readonly api: Api;
  /** The repository's id. */
  readonly repo: number;
  readonly action: string;
  readonly payload: Json;
}

type Handler = (told: Told) => Invalidation[];

/** Actions after which the repository has another number of open issues, and another date. */
const COUNTED: ReadonlySet<string> = new Set(["opened", "closed", "reopened", "deleted", "transferred"]);

const outer: Handler = ({ repo }) => repositoryStale(repo);
const counted: Handler = (told) => COUNTED.has(told.action) ? outer(told) : [];

/** By the name of the event. One that is not here changes nothing in the tree. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  issues: (told) => [...issueEvent(told), ...counted(told)],
  issue_comment: commentEvent,
  pull_request: (told) => [...pullEvent(told), ...counted(told)],
  pull_request_review: (told) => [...reviewEvent(told), ...pullEvent(told)],
  pull_request_review_comment: pullEvent,
  pull_request_review_thread: pullEvent,
  workflow_run: ({ api, repo, payload }) => runNow(api, repo, object(payload["workflow_run"])),
  workflow_job: ({ api, repo, payload }) => jobNow(api, repo, object(payload["workflow_job"])),
  push: (told) => [...pushEvent(told), ...outer(told)],
  repository: repositoryEvent,
  public: ({ api, payload }) => repositoryNow(api, object(payload["repository"])),
  label: (told) => catalogueEvent(told, LABELS, "label"),
  milestone: (told) => catalogueEvent(told, MILESTONES, "milestone"),
  // Counters, and what only the repository itself shows.
  star: outer,
  watch: outer,
  fork: outer,
  create: outer,
  delete: outer,
  page_build: outer,
};

/** What a delivery means; where that cannot be found out, everything that it may be about is dropped. */
export function meaningOf(api: Api, delivery: Delivery): Invalidation[] {
  const payload = delivery.body;
  const name = delivery.header("x-github-event") ?? "";
  if (!isObject(payload)) return [];
  const owner = name === "organization" ? renamedOwner(payload) : [];
  const { repository } = payload;
  if (!isObject(repository)) return [...owner, ...ownerHeard(delivery, payload)];
  const repo = id(repository, "id");
  const told = { api, repo, action: text(payload, "action") ?? "", payload };
  return [
    ...owner,
    ...meant(name, told),
    heard(repositoryWatch([repo])),
    ...ownerHeard(delivery, payload),
  ];
}

function meant(name: string, told: Told): Invalidation[] {
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  try {
    return handler?.(told) ?? [];
  } catch (error) {
    console.warn(`a delivery of ${name} could not be read`, error);
    return [lost(repositoryWatch([told.repo]))];
  }
}

/** A hook of an organisation tells of all of its repositories, and of new ones. */
function ownerHeard(delivery: Delivery, payload: Json): Invalidation[] {
  if (delivery.header("x-github-hook-installation-target-type") !== "organization") return [];
  const login = text(payload["organization"], "login");
  return login === undefined ? [] : [heard(ownerWatch(login))];
}

function renamedOwner(payload: Json): Invalidation[] {
  const { changes } = payload;
  const before = isObject(changes) ? text(changes["login"], "from") : undefined;
  return before === undefined ? [] : [lost(ownerWatch(before))];
}

function issueEvent({ api, repo, action, payload }: Told): Invalidation[] {
  const issue = object(payload["issue"]);
  if (action !== "deleted" && action !== "transferred") return issueNow(api, repo, issue);
  return [...talkGone(repo, id(issue, "number"), "issues"), ...arrived(api, payload)];
}

/** Where a transferred issue went. */
function arrived(api: Api, { changes }: Json): Invalidation[] {
  if (!isObject(changes)) return [];
  const { new_issue: issue, new_repository: repository } = changes;
  return isObject(issue) && isObject(repository) ? issueNow(api, id(repository, "id"), issue) : [];
}

/** The issue comes with the number of comments that it had before. */
function commentEvent({ api, repo, action, payload }: Told): Invalidation[] {
  const [comment, issue] = [object(payload["comment"]), object(payload["issue"])];
  const change = action === "deleted" ? commentGone(repo, comment) : commentNow(api, repo, comment);
  const count = action === "edited" || isPull(issue) ? [] : [issueJson(repo, issue)];
  return [...change, ...issueNow(api, repo, issue), ...count];
}

function pullEvent({ api, repo, payload }: Told): Invalidation[] {
  return pullNow(api, repo, object(payload["pull_request"]));
}

function reviewEvent({ api, repo, payload }: Told): Invalidation[] {
  const number = id(object(payload["pull_request"]), "number");
  return reviewNow(api, repo, number, object(payload["review"]));
}

/** What a pull request changes is counted from where its branch left the base, which a push may move. */
function pushEvent({ api, repo, payload }: Told): Invalidation[] {
  const branch = /^refs\/heads\/(.+)$/.exec(text(payload, "ref") ?? "")?.[1];
  return branch === undefined ? [] : basedOn(api, repo, branch);
}

function repositoryEvent({ api, repo, action, payload }: Told): Invalidation[] {
  const repository = object(payload["repository"]);
  const now = repositoryNow(api, repository);
  if (action === "deleted") {
    const gone = mint("repo", [repo]);
    const parents = now.flatMap((one) =>
      one.tag === "placed" && one.val[1].node.id === gone ? [one.val[0]] : []
    );
    return [...parents.map((parent) => removed(parent, gone)), lost(repositoryWatch([repo]))];
  }
  return [...formerOwners(payload).map((owner) => removed(owner, mint("repo", [repo]))), ...now];
}

/** Whose a transferred repository was. */
function formerOwners({ changes }: Json): string[] {
  const from = isObject(changes) && isObject(changes["owner"]) ? changes["owner"]["from"] : undefined;
  if (!isObject(from)) return [];
  return Object.entries(from).flatMap(([kind, owner]) => {
    if (!isObject(owner)) return [];
    const type = kind === "organization" ? "Organization" : text(owner, "type");
    return ownerId({ ...owner, type }) ?? [];
  });
}

/** A new label is on no issue yet; which ones a deleted one was on, nobody tells. */
function catalogueEvent(
  { api, repo, action, payload }: Told,
  catalogue: Catalogue,
  key: string,
): Invalidation[] {
  if (action === "created") return [];
  if (action === "deleted") return [lost(repositoryWatch([repo]))];
  return holding(api, repo, catalogue, object(payload[key]));
}
