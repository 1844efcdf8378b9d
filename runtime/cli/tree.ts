/**
 * The tree as `ls`, `cat` and `find` see it: that of a running omnifs, or one built in this process.
 *
 * @module
 */
import { unlessAborted } from "../base/abort.ts";
import { ControlClient } from "../control/client.ts";
import { findDaemons } from "../control/places.ts";
import type { TreeEntry } from "../control/protocol.ts";
import type { Context } from "./command.ts";
import { locateIn, pickDaemon, rooted, within } from "./daemons.ts";
import { withProgress } from "./progress.ts";
import { daemonOptions, type GrantValues, NO_GRANTS, saysAnything } from "./grants.ts";

/** What can be asked of a tree. */
export interface Tree {
  /** One object. */
  stat(path: string, signal: AbortSignal): Promise<TreeEntry>;
  /** The children of a directory as they come. */
  list(path: string, signal: AbortSignal): AsyncIterable<TreeEntry>;
  /** The bytes of a file as they come. */
  read(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A tree, and where its paths lie in the words of a person. */
export interface OpenTree {
  /** The tree. */
  readonly tree: Tree;
  /** The path in the tree that `word` means: one inside the mount point, or one from the tree's root. */
  locate(word: string): string;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** Values of the options that choose a tree. */
export interface TreeValues extends GrantValues {
  /** The daemon to ask. */
  readonly mount: string | undefined;
}

/**
 * The tree that `words` are about. It is that of a running omnifs where `--mount` names one, where a word lies
 * in its mount point, or where it is the only one; with grants of its own, or where nothing runs, it is built here.
 */
export async function openTree(
  context: Context,
  values: TreeValues,
  words: readonly string[],
): Promise<OpenTree> {
  if (values.mount !== undefined) return await asked(context, values.mount);
  if (saysAnything(context.given)) return await built(context, values);
  const daemons = await findDaemons(context.environment);
  const dir = daemons.flatMap((daemon) => daemon.dirs).find((dir) => words.some((word) => within(dir, word)));
  if (dir !== undefined) return await asked(context, dir);
  return daemons.length > 0 ? await asked(context, undefined) : await built(context, values);
}

async function asked(context: Context, which: string | undefined): Promise<OpenTree> {
  const daemon = await pickDaemon(context, which);
  return {
    tree: new ControlClient(daemon.socketPath),
    locate: (word) => locateIn(daemon.dirs, word),
    close: () => Promise.resolve(),
  };
}

async function built(context: Context, values: GrantValues): Promise<OpenTree> {
  const { startDaemon } = await import("../daemon.ts");
  const options = daemonOptions(values, context);
  // The command itself tells what failed; the log would tell it twice.
  const logLevel = values.logLevel === NO_GRANTS.logLevel ? "error" : values.logLevel;
  const starting = () => unlessAborted(startDaemon({ ...options, logLevel }), context.signal);
  const daemon = await withProgress(context, "starting the providers", starting);
  return { tree: daemon.backend, locate: rooted, close: () => daemon.close() };
}
