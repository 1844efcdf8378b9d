/**
 * The tree: from an identity to the directory or file behind it.
 *
 * @module
 */
import {
  askFile,
  directory,
  type DirEntry,
  entry,
  isADirectory,
  notADirectory,
  notFound,
  volatile,
} from "../sdk/mod.ts";
import { composeNode, composePlace } from "./compose.ts";
import { containerPlace, isContainerPart, readContainer } from "./container.ts";
import type { Engine } from "./engine.ts";
import { mint, partsOf } from "./ids.ts";
import { indented } from "./indent.ts";
import { collectionPlace, COLLECTIONS, INSPECT, KINDS, objectPlace, readObject } from "./objects.ts";
import { always, fixed, type Place, told } from "./places.ts";
import { viewEntries, viewPlace } from "./views.ts";

/** What the Engine tells of itself: the file, its path, and whether events tell when it changes. */
const SYSTEM: Readonly<Record<string, { readonly path: string; readonly lasts: boolean }>> = {
  "version.json": { path: "/version", lasts: true },
  // The time of the day and the number of open files are in it.
  "info.json": { path: "/info", lasts: false },
  "df.json": { path: "/system/df", lasts: false },
};

/** The directory with this identity. */
export function placeOf(engine: Engine, id: string): Place {
  if (id === "") return fixed(rootEntries());
  const parts = partsOf(id);
  const place = directoryOf(engine, parts);
  if (place === undefined) throw fileOf(engine, parts) === undefined ? notFound() : notADirectory();
  return place;
}

/** The bytes of the file with this identity, from the Engine. */
export function readLeaf(engine: Engine, id: string): string | Uint8Array {
  const parts = partsOf(id);
  const read = fileOf(engine, parts);
  if (read !== undefined) return read();
  throw id === "" || directoryOf(engine, parts) !== undefined ? isADirectory() : notFound();
}

function rootEntries(): DirEntry[] {
  return [
    entry("containers", directory(mint("containers"), always)),
    ...Object.keys(COLLECTIONS).map((name) =>
      entry(name, directory(mint(name), { ...told, listFirst: true }))
    ),
    entry("system", directory(mint("system"), always)),
    entry("compose", composeNode()),
  ];
}

function directoryOf(engine: Engine, [kind = "", ...at]: readonly string[]): Place | undefined {
  const [name = "", ...more] = at;
  if (kind === "compose") return composePlace(engine, at);
  if (more.length > 0) return undefined;
  if (kind === "containers") return name === "" ? fixed(viewEntries()) : viewPlace(engine, name);
  if (name === "") return topPlace(engine, kind);
  if (kind === "container") return containerPlace(engine, name);
  const object = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return object && objectPlace(engine, object, name);
}

function topPlace(engine: Engine, kind: string): Place | undefined {
  if (kind === "system") return fixed(systemEntries());
  const objects = Object.hasOwn(COLLECTIONS, kind) ? COLLECTIONS[kind] : undefined;
  return objects && collectionPlace(engine, objects);
}

function systemEntries(): DirEntry[] {
  return Object.entries(SYSTEM).map(([name, { lasts }]) =>
    entry(name, askFile(mint("system", name), lasts ? told : { freshness: volatile }))
  );
}

/** How to read the file with these parts; undefined where they are no file's. */
function fileOf(
  engine: Engine,
  [kind = "", name = "", part, ...more]: readonly string[],
): (() => string | Uint8Array) | undefined {
  if (more.length > 0) return undefined;
  if (part === undefined) {
    const system = kind === "system" && Object.hasOwn(SYSTEM, name) ? SYSTEM[name] : undefined;
    return system && (() => indented(engine.document(system.path).json));
  }
  if (kind === "container") {
    return isContainerPart(part) ? () => readContainer(engine, name, part) : undefined;
  }
  const object = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return object && part === INSPECT ? () => readObject(engine, object, name) : undefined;
}
