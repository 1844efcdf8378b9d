/**
 * What is in a directory that is about to go, for whoever reviews that.
 *
 * @module
 */
import { type GoneFile, SHOWN_BYTES, SHOWN_FILES } from "../drafts/mod.ts";
import type { Place } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import type { Directory } from "./directory.ts";
import type { Namespace } from "./namespace.ts";

/** What is needed of the tree. */
export interface ContentParts {
  /** Names and nodes. */
  readonly namespace: Namespace;
  /** Lengths and bytes. */
  readonly bodies: Bodies;
}

/**
 * The files at and below the directory `top`, which is at `path`: the first {@linkcode SHOWN_FILES} of at most
 * {@linkcode SHOWN_BYTES} together. What is another one at each look is left out.
 */
export async function filesBelow(
  { namespace, bodies }: ContentParts,
  top: Place,
  path: string,
  signal?: AbortSignal,
): Promise<GoneFile[]> {
  const found: GoneFile[] = [];
  const waiting = [{ place: top, path }];
  let [looks, left] = [SHOWN_FILES, SHOWN_BYTES];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for await (const place of children(namespace, next.place, signal)) {
      if (looks-- === 0) return found;
      const at = `${next.path}/${place.name}`;
      const node = namespace.peek(place) ?? await namespace.resolve(place, signal);
      if (node.directory) waiting.push({ place, path: at });
      if (node.directory || node.freshness.tag === "volatile") continue;
      const settled = await bodies.settled(place, node, signal);
      if (settled.size > left) continue;
      left -= settled.size;
      found.push({ path: at, bytes: await bodies.read(place, settled, 0, settled.size, signal) });
    }
  }
  return found;
}

async function* children(
  namespace: Namespace,
  place: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<Place> {
  let directory: Directory | undefined = namespace.peekDirectory(place);
  for (let index = 0;; index++) {
    while (directory === undefined || (index >= directory.listing.length && !directory.listing.complete)) {
      directory = await namespace.nextPage(place, directory, signal);
    }
    const line = directory.listing.at(index);
    if (line !== undefined) yield line;
    else if (index >= directory.listing.length) return;
  }
}
