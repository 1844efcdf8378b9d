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
 * {@linkcode SHOWN_BYTES} together. One that cannot be read is left out.
 */
export async function filesBelow(
  parts: ContentParts,
  top: Place,
  path: string,
  signal?: AbortSignal,
): Promise<GoneFile[]> {
  const found: GoneFile[] = [];
  const waiting = [{ place: top, path }];
  let [looks, left] = [SHOWN_FILES, SHOWN_BYTES];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for await (const place of children(parts.namespace, next.place, signal)) {
      if (looks-- === 0) return found;
      const at = `${next.path}/${place.name}`;
      if (place.directory) {
        waiting.push({ place, path: at });
        continue;
      }
      const bytes = await readAtMost(parts, place, left, signal).catch(() => undefined);
      if (bytes === undefined) continue;
      left -= bytes.length;
      found.push({ path: at, bytes });
    }
  }
  return found;
}

/** All bytes of a file; undefined where there are more than `most`. */
async function readAtMost(
  { namespace, bodies }: ContentParts,
  place: Place,
  most: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const node = namespace.peek(place) ?? await namespace.resolve(place, signal);
  const settled = await bodies.settled(place, node, signal);
  return settled.size > most ? undefined : await bodies.read(place, settled, 0, settled.size, signal);
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
