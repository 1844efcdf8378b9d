/**
 * What a draft would change, as a unified diff that `git apply` reads: paths are relative to the root of the tree.
 *
 * @module
 */
import { createTwoFilesPatch, structuredPatch } from "diff";
import type { Draft } from "./draft.ts";
import type { Staged } from "./staged.ts";

/** One changed file. */
export interface FileDiff {
  /** Its path from the root of the tree, without a leading slash: `github/acme/api/_issues/_open/42/state`. */
  readonly path: string;
  /** What becomes of it. */
  readonly change: "write" | "create" | "remove";
  /** The unified diff; where the bytes are no text, one line that says so. */
  readonly diff: string;
  /** Lines that are added. */
  readonly added: number;
  /** Lines that go. */
  readonly removed: number;
}

/** Lines of context around a change, as `diff -u` and git show. */
const CONTEXT = { context: 3 };

/** Where a file that is made comes from and one that goes leads to (git-diff, "generating patch text with -p"). */
const NOWHERE = "/dev/null";

/** Every changed file of `draft`, ordered by path. */
export function diffOf(draft: Draft): FileDiff[] {
  return draft.changes.flatMap(({ staged }) => fileDiff(`${draft.mount}${pathOf(staged)}`, staged));
}

function fileDiff(path: string, staged: Staged): FileDiff[] {
  // A directory that goes is shown by what the provider does about it, not by a diff of what was in it.
  if (staged.kind === "remove" && staged.base === undefined) {
    return [{ path, change: "remove", diff: `Only in the live tree: ${path}/\n`, added: 0, removed: 0 }];
  }
  const [before, after] = bytesOf(staged);
  const [old, fresh] = [textOf(before), textOf(after)];
  if (old === undefined || fresh === undefined) {
    const diff = `${headOf(path, staged)}Binary files a/${path} and b/${path} differ\n`;
    return [{ path, change: staged.kind, diff, added: 0, removed: 0 }];
  }
  const names = namesOf(path, staged);
  const patch = createTwoFilesPatch(...names, old, fresh, undefined, undefined, CONTEXT);
  // The library begins with a line of equal signs, which neither diff nor git writes.
  const body = patch.slice(patch.indexOf("--- ")).replaceAll(HUNK, shortHunk);
  return [{ path, change: staged.kind, diff: headOf(path, staged) + body, ...countsOf(names, old, fresh) }];
}

/** The head of a hunk; a line of the files begins with a blank, a plus or a minus. */
const HUNK = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@/gm;

/** A hunk's head as diff and git write it: a count of 1 is left out. */
function shortHunk(_: string, ...numbers: string[]): string {
  const [from = "", lines = "", to = "", others = ""] = numbers;
  const range = (start: string, count: string) => count === "1" ? start : `${start},${count}`;
  return `@@ -${range(from, lines)} +${range(to, others)} @@`;
}

function countsOf(names: readonly [string, string], old: string, fresh: string) {
  const lines = structuredPatch(...names, old, fresh, undefined, undefined, CONTEXT).hunks
    .flatMap(({ lines }) => lines);
  return {
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
  };
}

/** The path below the mount under which `staged` is shown. */
export function pathOf(staged: Staged): string {
  return staged.kind === "create" ? staged.path : staged.live.path;
}

function namesOf(path: string, { kind }: Staged): [string, string] {
  return [kind === "create" ? NOWHERE : `a/${path}`, kind === "remove" ? NOWHERE : `b/${path}`];
}

/** The lines by which git knows what becomes of a file; a write needs none. */
function headOf(path: string, { kind }: Staged): string {
  if (kind === "write") return "";
  return `diff --git a/${path} b/${path}\n${kind === "create" ? "new" : "deleted"} file mode 100644\n`;
}

function bytesOf(staged: Staged): [Uint8Array, Uint8Array] {
  const none = new Uint8Array();
  switch (staged.kind) {
    case "write":
      return [staged.base, staged.content];
    case "create":
      return [none, staged.content];
    case "remove":
      return [staged.base ?? none, none];
  }
}

/** The bytes as text; undefined where they are none, as `diff` sees it: a NUL, or no UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
