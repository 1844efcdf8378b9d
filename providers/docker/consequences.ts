/**
 * What follows from what happened: every container as it is now, and what has to be asked for anew.
 *
 * An event tells that something changed and little of what it is now, so a container is asked for: two requests over a
 * socket of this machine, and then nobody who reads it has to ask.
 *
 * @module
 */
import {
  type DirEntry,
  entry,
  type Invalidation,
  lost,
  orAbsent,
  placed,
  placedWhole,
  relisted,
  removed,
  stale,
  withQuery,
} from "../sdk/mod.ts";
import { composed, composeId, serviceOf } from "./compose.ts";
import { containerFiles, containerId, containerNode } from "./container.ts";
import type { Engine } from "./engine.ts";
import { summariesOf, type Summary } from "./facts.ts";
import type { Happened, Touched } from "./happened.ts";
import { mint, WATCH } from "./ids.ts";
import { isObject } from "./json.ts";
import { COLLECTIONS, INSPECT, KINDS } from "./objects.ts";
import { namesInViews, viewIds } from "./views.ts";

/** Most containers that are asked for at once; where there are more, it is cheaper to begin anew. */
const MOST_CONTAINERS = 50;

/** What is no longer true after all of `happened`, and what is true instead. */
export function consequencesOf(engine: Engine, happened: Happened): Invalidation[] {
  if (happened.containers.size > MOST_CONTAINERS) return [lost(WATCH)];
  return [
    ...[...happened.containers].flatMap(([id, touched]) => containerChange(engine, id, touched)),
    ...[...happened.executed].map((id) => stale(containerId(id, INSPECT))),
    ...imageChanges(engine, happened.images),
    ...[...happened.networks].flatMap(([id, moved]) => objectChange("network", "networks", id, moved)),
    ...[...happened.volumes].flatMap((name) => objectChange("volume", "volumes", name, true)),
  ];
}

function containerChange(engine: Engine, id: string, touched: Touched): Invalidation[] {
  const filters = JSON.stringify({ id: [id] });
  const list = summariesOf(engine.value(withQuery("/containers/json?all=true", { filters })));
  const summary = list.find((one) => one.id === id);
  const told = summary && orAbsent(() => containerFiles(engine, id));
  if (summary === undefined || told === undefined) return containerGone(engine, id, touched);
  return [
    ...inViews(summary),
    ...inCompose(summary, touched.moved),
    ...inside(id, told.files),
    ...(touched.wired ? told.networks : []).map((network) => stale(mint("network", network, INSPECT))),
  ];
}

function inViews(summary: Summary): Invalidation[] {
  const node = containerNode(summary);
  return [...namesInViews(summary)].map(([view, names]) => {
    const [name, ...aliases] = names;
    if (name === undefined) return removed(view, node.id);
    // Links give a container more names, which one entry cannot tell.
    return aliases.length > 0 ? relisted(view) : placed(view, entry(name, node));
  });
}

/** A project or a service is there for as long as it has a container, and is as new as its newest one. */
function inCompose(summary: Summary, moved: boolean): Invalidation[] {
  const at = serviceOf(summary.labels);
  if (at === undefined) return [];
  const child = entry(summary.names[0] ?? summary.id, containerNode(summary));
  return [...(moved ? groups(at) : []), placed(composeId(...at), child)];
}

function groups([project]: readonly [string, string]): Invalidation[] {
  return [relisted(composeId()), relisted(composeId(project))];
}

function inside(id: string, files: readonly DirEntry[]): Invalidation[] {
  const parent = containerId(id);
  return files.filter(({ name }) => name !== "stats.json").flatMap((file) => placedWhole(parent, file));
}

function containerGone(engine: Engine, id: string, { labels }: Touched): Invalidation[] {
  const gone = containerId(id);
  const at = serviceOf(labels);
  const compose = at !== undefined
    ? [removed(composeId(...at), gone), ...groups(at)]
    : isPodmans(labels)
    ? everyGroup(engine)
    : [];
  return [...viewIds().map((view) => removed(view, gone)), ...compose, stale(gone)];
}

function isPodmans(attributes: unknown): boolean {
  return isObject(attributes) && "podId" in attributes;
}

/** Podman tells no labels, so the container may have been in any project that there is, or in one that is gone. */
function everyGroup(engine: Engine): Invalidation[] {
  const services = composed(engine, undefined).flatMap(({ labels }) => {
    const at = serviceOf(labels);
    return at === undefined ? [] : [at];
  });
  const ids = services.flatMap(([project, service]) => [composeId(project), composeId(project, service)]);
  return [composeId(), ...new Set(ids)].map(relisted);
}

/** A tag may have come from any image, and the event does not say which: each of them tells its own tags. */
function imageChanges(engine: Engine, images: ReadonlySet<string>): Invalidation[] {
  const { image } = KINDS;
  if (images.size === 0 || image === undefined) return [];
  const known = image.items(engine.value(image.list)).flatMap((item) => image.key(item) ?? []);
  const gone = [...images].filter((id) => id !== "" && !known.includes(id));
  return [
    relisted(mint("images")),
    ...known.map((id) => stale(mint("image", id, INSPECT))),
    ...gone.flatMap((id) => [stale(mint("image", id)), stale(mint("image", id, INSPECT))]),
  ];
}

function objectChange(
  kind: "network" | "volume",
  list: keyof typeof COLLECTIONS,
  id: string,
  moved: boolean,
): Invalidation[] {
  const own = [stale(mint(kind, id)), stale(mint(kind, id, INSPECT))];
  return moved ? [relisted(mint(list)), ...own] : own.slice(1);
}
