/**
 * What belongs to an asset and cannot be read: remembered and told, so that it is never taken for gone, and never left
 * out of a build without a word.
 *
 * @module
 */
import { type ErrorKind, OmnifsError } from "../base/errors.ts";
import { DENIED, NOT_UTF8, type Skipped } from "./look.ts";
import { ancestors, below, byCode, within } from "./paths.ts";
import type { Scout } from "./scout.ts";

interface Remedy {
  readonly kind: ErrorKind;
  readonly mend: string;
}

const REMEDIES: Readonly<Record<string, Remedy>> = {
  [NOT_UTF8]: { kind: "invalid", mend: "rename it, in the directory that holds it" },
  [DENIED]: { kind: "unauthorized", mend: "let whoever runs omnifs read it (chmod u+rX)" },
};

const OTHER: Remedy = { kind: "unavailable", mend: "try again, or look at its permissions" };

/** What mends that something cannot be read, because of `why`. */
export function unreadMend(why: string): string {
  return (REMEDIES[why] ?? OTHER).mend;
}

/** `path` below `root`, which is itself for the empty one. */
export function joined(root: string, path: string): string {
  return root === "" || path === "" ? root + path : `${root}/${path}`;
}

/** What cannot be read, by path relative to `assets/`. */
export class Unread {
  readonly #why = new Map<string, string>();

  /**
   * What was seen at and below `path` (all for the empty one), relative to it; undefined where nobody looked. Those of
   * before that were not seen again, relative to it too.
   */
  saw(path: string, seen: readonly Skipped[] | undefined): string[] {
    if (seen === undefined) return [];
    const before = this.#at(path);
    for (const each of before) this.#why.delete(joined(path, each));
    for (const { path: each, why } of seen) this.#why.set(joined(path, each), why);
    return before.filter((each) => !this.#why.has(joined(path, each)));
  }

  /** The paths to be looked at again (relative to `assets/`), where a walk has seen this at and below `root`. */
  differing(root: string, seen: readonly Skipped[]): string[] {
    const now = new Set(seen.map(({ path }) => path));
    const gone = this.#at(root).filter((each) => !now.has(each)).map((each) => joined(root, each));
    const isNew = seen.some(({ path, why }) => this.#why.get(joined(root, path)) !== why);
    return isNew ? [...gone, root] : gone;
  }

  /** All of it in the directories that `isRoot` tells of, in order of path. */
  below(isRoot: (path: string) => boolean): Skipped[] {
    return [...this.#why].filter(([path]) => [path, ...ancestors(path)].some(isRoot))
      .map(([path, why]) => ({ path, why })).sort((a, b) => byCode(a.path, b.path));
  }

  #at(root: string): string[] {
    const paths = [...this.#why.keys()];
    if (root === "") return paths;
    return paths.filter((path) => within(root, path)).map((path) => below(root, path));
  }
}

/** `unread` in one sentence; undefined where it is nothing. */
export function unreadText([first, ...others]: readonly Skipped[]): string | undefined {
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${first.path} is part of an asset, and cannot be read: ${first.why}${more}`;
}

/** The error that `unread`, of which there is some, ends `op` with. */
export function unreadError([first, ...others]: readonly [Skipped, ...Skipped[]], op: string): OmnifsError {
  const { path, why } = first;
  const { kind, mend } = REMEDIES[why] ?? OTHER;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new OmnifsError(kind, `${path} is part of an asset, and cannot be read: ${why}${more}`, {
    op,
    path,
    mend,
  });
}

/**
 * Sees that all of the assets at `roots` can be read.
 *
 * @throws {OmnifsError} `unauthorized` or `invalid`, with the first path that cannot
 */
export async function refuseUnread(scout: Scout, roots: readonly string[]): Promise<void> {
  const unread: Skipped[] = [];
  await scout.survey("", roots, (places) => {
    for (const { root, columns } of places) {
      for (const { path, why } of columns?.unread ?? []) unread.push({ path: joined(root, path), why });
    }
  });
  const [first, ...others] = unread.sort((a, b) => byCode(a.path, b.path));
  if (first !== undefined) throw unreadError([first, ...others], "build");
}
