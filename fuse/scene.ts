/**
 * A change that has happened already, played once more for those who watch: this process makes the system call, and the
 * session answers it as done.
 *
 * @module
 */
import type { Answer, Attributes, Entry, FileSystem, Request } from "./filesystem.ts";
import { ERRNO } from "./errno.ts";

/** A name in a directory. */
export interface Name {
  /** The kernel's handle on the directory. */
  readonly parent: number;
  /** The name. */
  readonly name: string;
}

/** What has happened. */
export type Change =
  /** The bytes of a file are others, or more, or fewer. */
  | { readonly tag: "modified"; readonly nodeid: number; readonly at: Name; readonly size: number }
  /** There is a new name. */
  | { readonly tag: "created"; readonly at: Name; readonly directory: boolean }
  /** A name is gone, which led to `old`. */
  | { readonly tag: "deleted"; readonly at: Name; readonly directory: boolean; readonly old: () => Entry }
  /** A name is another one now; it leads to `old` still. */
  | { readonly tag: "moved"; readonly at: Name; readonly to: Name; readonly old: () => Entry };

/** A message of the kernel, as far as a scene looks at it. */
export interface Cue extends Request {
  /** The node that it is about. */
  readonly nodeid: number;
  /** A name in it, where the message has one. */
  readonly name: string | undefined;
}

/** How a message is answered: as another one would be, and with what. `done` says no more than that. */
export type Part =
  | { readonly as: "LOOKUP"; readonly answer: Answer<Entry> }
  | { readonly as: "GETATTR"; readonly answer: Answer<{ attributes: Attributes; attributeTimeout: number }> }
  | { readonly as: "done" };

/** True where `change` is about the name `name` in `parent`. */
export function isNamed(change: Change, parent: number, name: string | undefined): boolean {
  const names = change.tag === "moved" ? [change.at, change.to] : [change.at];
  return names.some((each) => each.parent === parent && each.name === name);
}

/**
 * The part that the message `operation` of our own thread has in the scene of `change`; undefined where it has none, and
 * is answered as anybody's. Names are shown as they were before the change.
 */
export function partOf(
  change: Change,
  operation: string,
  cue: Cue,
  filesystem: FileSystem,
): Part | undefined {
  const isAt = ({ parent, name }: Name) => cue.nodeid === parent && cue.name === name;
  switch (change.tag) {
    case "modified":
      if (operation !== "SETATTR" || cue.nodeid !== change.nodeid) return undefined;
      return { as: "GETATTR", answer: filesystem.getattr(change.nodeid, cue) };
    case "created":
      if (operation === "LOOKUP" && isAt(change.at)) return { as: "LOOKUP", answer: ERRNO.ENOENT };
      if (operation !== (change.directory ? "MKDIR" : "MKNOD") || cue.nodeid !== change.at.parent) {
        return undefined;
      }
      return { as: "LOOKUP", answer: filesystem.lookup(change.at.parent, change.at.name, cue) };
    case "deleted":
      if (operation === "LOOKUP" && isAt(change.at)) return { as: "LOOKUP", answer: change.old() };
      if (operation !== (change.directory ? "RMDIR" : "UNLINK")) return undefined;
      return cue.nodeid === change.at.parent ? { as: "done" } : undefined;
    case "moved":
      if (operation === "LOOKUP" && isAt(change.at)) return { as: "LOOKUP", answer: change.old() };
      if (operation === "LOOKUP" && isAt(change.to)) return { as: "LOOKUP", answer: ERRNO.ENOENT };
      if (operation !== "RENAME" && operation !== "RENAME2") return undefined;
      return cue.nodeid === change.at.parent ? { as: "done" } : undefined;
  }
}
