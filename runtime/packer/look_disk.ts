/**
 * The system's disk, looked at without waiting: for the scout's thread, which nobody shares.
 *
 * @module
 */
import { factsOf } from "./facts.ts";
import { type LookDisk, WHOLE_LIMIT } from "./look.ts";

/** See {@linkcode LookDisk}. */
export const lookDisk: LookDisk = {
  list: function* (path) {
    for (const { name, isDirectory } of Deno.readDirSync(path)) yield { name, isDirectory };
  },
  look(path) {
    try {
      return factsOf(Deno.lstatSync(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      throw error;
    }
  },
  probe: (path) => Deno.openSync(path).close(),
  read: (path) => Deno.readFileSync(path),
  pieces: function* (path) {
    using file = Deno.openSync(path);
    const piece = new Uint8Array(WHOLE_LIMIT);
    for (let length = file.readSync(piece); length !== null; length = file.readSync(piece)) {
      yield piece.subarray(0, length);
    }
  },
};
