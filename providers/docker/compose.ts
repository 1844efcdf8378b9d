/**
 * Compose projects: their services, and the containers of each, by the labels that Compose puts on containers.
 *
 * @module
 */
import { directory, type DirEntry, entry, type Node, type Projected, whole, withQuery } from "../sdk/mod.ts";
import { containerNode, insidesOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { summariesOf, type Summary } from "./facts.ts";
import { canMint, mint } from "./ids.ts";
import { text } from "./json.ts";
import { childOf, distinct, type Place, told } from "./places.ts";

/** The labels of the Compose specification; `podman-compose` sets them as well. */
const PROJECT = "com.docker.compose.project";
const SERVICE = "com.docker.compose.service";

const KIND = "compose";

/** A project, a service or a container: its entry, and what is known of its insides. */
interface Branch {
  readonly entry: DirEntry;
  readonly also: Projected[];
  readonly complete: string[];
}

/** The directory of all projects. */
export function composeNode(): Node {
  return directory(composeId(), { ...told, listFirst: true });
}

/** The directory of all projects, of one project, or of one service of a project: one request tells all of it. */
export function composePlace(engine: Engine, at: readonly string[]): Place | undefined {
  const [project, service] = at;
  if (at.length > 2) return undefined;
  const load = () => {
    const all = composed(engine, project);
    if (project === undefined) return projectsOf(all);
    return service === undefined ? servicesOf(project, all) : containersIn(all, service);
  };
  return {
    lookup: (name) => childOf(load().map((branch) => branch.entry), name),
    list() {
      const branches = load();
      return {
        ...whole(branches.map((branch) => branch.entry)),
        also: branches.flatMap(({ also }) => also),
        complete: branches.flatMap(({ complete }) => complete),
      };
    },
  };
}

/** The project and the service that labels name; undefined where they name none. */
export function serviceOf(labels: unknown): readonly [project: string, service: string] | undefined {
  const [project, service] = [text(labels, PROJECT), text(labels, SERVICE)];
  return project && service && canMint(KIND, project, service) ? [project, service] : undefined;
}

/** The identity of the directory of all projects, of one project, or of one of its services. */
export function composeId(...at: string[]): string {
  return mint(KIND, ...at);
}

/** The directories of Compose that show a container with these labels. */
export function composeShows(labels: unknown): string[] {
  const [project, service] = [text(labels, PROJECT), text(labels, SERVICE)];
  if (!project || !service || !canMint(KIND, project, service)) return [];
  return [mint(KIND), mint(KIND, project), mint(KIND, project, service)];
}

/** The containers of one project, or of all of them. */
export function composed(engine: Engine, project: string | undefined): Summary[] {
  const label = project === undefined ? PROJECT : `${PROJECT}=${project}`;
  const path = withQuery("/containers/json?all=true", { filters: JSON.stringify({ label: [label] }) });
  return summariesOf(engine.value(path)).filter(({ labels }) => {
    const [of] = serviceOf(labels) ?? [];
    return of !== undefined && (project === undefined || of === project);
  });
}

function projectsOf(all: readonly Summary[]): Branch[] {
  return groups(all, PROJECT).map(([project, containers]) =>
    branch(project, mint(KIND, project), containers, servicesOf(project, containers))
  );
}

function servicesOf(project: string, all: readonly Summary[]): Branch[] {
  return groups(all, SERVICE).map(([service, containers]) =>
    branch(service, mint(KIND, project, service), containers, containersIn(containers, service))
  );
}

/** The containers of one service, each under its own name. */
function containersIn(all: readonly Summary[], service: string): Branch[] {
  const containers = all.filter(({ labels }) => text(labels, SERVICE) === service);
  const named = distinct(containers.map((one) => [one.names[0] ?? one.id, one] as const), ({ id }) => id);
  return named.map(([name, one]) => ({
    entry: entry(name, containerNode(one)),
    also: insidesOf([one]),
    complete: [],
  }));
}

/** A directory as new as the newest container in it, with all of its children. */
function branch(name: string, id: string, containers: readonly Summary[], children: Branch[]): Branch {
  const modified = Math.max(...containers.map(({ created }) => created ?? 0));
  return {
    entry: entry(name, directory(id, { ...told, modified: modified || undefined, listFirst: true })),
    also: children.flatMap(({ entry, also }) => [{ parent: id, entry }, ...also]),
    complete: [id, ...children.flatMap(({ complete }) => complete)],
  };
}

/** The containers by the value of a label, in the order of the values. */
function groups(containers: readonly Summary[], label: string): [string, Summary[]][] {
  const found = Map.groupBy(containers, ({ labels }) => text(labels, label) ?? "");
  return [...found].toSorted(([a], [b]) => a < b ? -1 : 1);
}
