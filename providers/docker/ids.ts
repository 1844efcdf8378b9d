/**
 * Identities of the tree: `container/{64 digits}`, `container/{64 digits}/state`, `image/sha256:…`,
 * `volume/{name}`, `compose/{project}/{service}`.
 *
 * They are made of what the Engine never changes, so a container that is renamed, restarted or found under another
 * view is the same node.
 *
 * @module
 */

/** The longest identity that the contract allows, in bytes; these are ASCII. */
const LONGEST = 1_024;

/** The watch over everything: one stream of events tells of all that the Engine has. */
export const WATCH = "docker";

/** The identity with these parts, each of which may hold anything. */
export function mint(...parts: string[]): string {
  return parts.map((part) => encodeURIComponent(part.toWellFormed()).replaceAll("%3A", ":")).join("/");
}

/** True where the parts make an identity that is not too long. */
export function canMint(...parts: string[]): boolean {
  return mint(...parts).length <= LONGEST;
}

/** The parts of an identity; none for the root and for a text that {@linkcode mint} never makes. */
export function partsOf(id: string): string[] {
  try {
    const parts = id.split("/").map(decodeURIComponent);
    return mint(...parts) === id && !parts.includes("") ? parts : [];
  } catch {
    return [];
  }
}
