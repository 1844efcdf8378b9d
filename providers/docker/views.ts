/**
 * The views on the containers: by state, by name and by id.
 *
 * @module
 */
import { directory, type DirEntry, entry, whole } from "../sdk/mod.ts";
import { containerNode, insidesOf } from "./container.ts";
import type { Engine } from "./engine.ts";
import { isUp, summariesOf, type Summary } from "./facts.ts";
import { mint } from "./ids.ts";
import { distinct, findNamed, type Named, type Place, told } from "./places.ts";

/** A view: which containers are in it, and under which names. */
interface View {
  /** True for a container that is in it. */
  readonly holds: (container: Summary) => boolean;
  /** Its names there. */
  readonly names: (container: Summary) => readonly string[];
}

const everything = () => true;
const byName = ({ names }: Summary) => names;

/** The views by their directory's name. */
const VIEWS: Readonly<Record<string, View>> = {
  "_running": { holds: isUp, names: byName },
  "_stopped": { holds: (container) => !isUp(container), names: byName },
  "_all": { holds: everything, names: byName },
  "by-name": { holds: everything, names: byName },
  "by-id": { holds: everything, names: ({ id }) => [id] },
};

/** The directories of the views, told without asking anybody. */
export function viewEntries(): DirEntry[] {
  return Object.keys(VIEWS).map((name) =>
    entry(name, directory(mint("containers", name), { ...told, listFirst: true }))
  );
}

/** What each view shows of a container: its names there, none where it is not in it; by the view's identity. */
export function namesInViews(container: Summary): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(VIEWS).map(([name, { holds, names }]) =>
      [mint("containers", name), holds(container) ? names(container) : []] as const
    ),
  );
}

/** The identities of the views. */
export function viewIds(): string[] {
  return Object.keys(VIEWS).map((name) => mint("containers", name));
}

/**
 * The directory of one view; undefined where there is none of that name. Every view is the same request, because
 * Docker and Podman do not agree on which states a filter knows.
 */
export function viewPlace(engine: Engine, name: string): Place | undefined {
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
  if (view === undefined) return undefined;
  const load = () => summariesOf(engine.value("/containers/json?all=true")).filter(view.holds);
  const named = (containers: readonly Summary[]) =>
    distinct(
      containers.flatMap((one) => view.names(one).map((each): Named<Summary> => [each, one])),
      ({ id }) => id,
    );
  return {
    lookup(segment) {
      const container = findNamed(segment, named(load()));
      return container && containerNode(container);
    },
    list() {
      const containers = load();
      const entries = named(containers).map(([each, one]) => entry(each, containerNode(one)));
      return { ...whole(entries), also: insidesOf(containers) };
    },
  };
}
