/**
 * What a draft would change, as a unified diff that `git apply` reads: paths are relative to the root of the tree.
 *
 * @module
 */
import { structuredPatch, type StructuredPatchHunk } from "diff";
import type { Draft } from "./draft.ts";
import { byPath, pathOf, type Staged } from "./staged.ts";

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

/** Every changed file of `draft`, ordered by path; a directory that goes is each file in it that goes. */
export function diffOf(draft: Draft): FileDiff[] {
  return draft.changes.flatMap(({ staged }) => {
    const path = `${draft.mount}${pathOf(staged)}`;
    if (staged.kind !== "remove" || !staged.live.directory) return [fileDiff(path, ...bytesOf(staged))];
    const files = staged.files.toSorted((a, b) => byPath(a.path, b.path))
      .map((file) => fileDiff(`${draft.mount}${file.path}`, file.bytes, undefined));
    return files.length > 0 ? files : [onlyLive(path)];
  });
}

/** A directory that goes, and of which nothing can be shown: as `diff -r` says it, and `git apply` passes over it. */
function onlyLive(path: string): FileDiff {
  const cut = path.lastIndexOf("/");
  const diff = `Only in ${path.slice(0, cut)}: ${path.slice(cut + 1)}\n`;
  return { path, change: "remove", diff, added: 0, removed: 0 };
}

/** The change from `old` to `fresh`; undefined is where no file is. */
function fileDiff(path: string, old: Bytes, fresh: Bytes): FileDiff {
  const change = old === undefined ? "create" : fresh === undefined ? "remove" : "write";
  const names = [
    old === undefined ? NOWHERE : `a/${path}`,
    fresh === undefined ? NOWHERE : `b/${path}`,
  ] as const;
  const head = headOf(path, change);
  const [before, after] = [textOf(old), textOf(fresh)];
  if (before === undefined || after === undefined) {
    const diff = `${head}Binary files ${names.map(quoted).join(" and ")} differ\n`;
    return { path, change, diff, added: 0, removed: 0 };
  }
  const { hunks } = structuredPatch(...names, before, after, undefined, undefined, CONTEXT);
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const body = hunks.length === 0
    ? ""
    : `--- ${ended(names[0])}\n+++ ${ended(names[1])}\n${hunks.map(hunkText).join("")}`;
  return { path, change, diff: head + body, added: count("+"), removed: count("-") };
}

function hunkText({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk): string {
  const ranges = `-${range(oldStart, oldLines)} +${range(newStart, newLines)}`;
  return `@@ ${ranges} @@\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** Lines of a hunk as diff and git write them: a count of 1 is left out, and none stand behind the line before. */
function range(start: number, count: number): string {
  if (count === 1) return String(start);
  return `${count === 0 ? start - 1 : start},${count}`;
}

/** A name as git writes it: in quotes where it holds what would end it (git-config, core.quotePath). */
function quoted(name: string): string {
  // deno-lint-ignore no-control-regex -- those are what it looks for
  const special = /["\\\x00-\x1f\x7f]/g;
  if (name.search(special) < 0) return name;
  const escaped = name.replaceAll(
    special,
    (one) => /["\\]/.test(one) ? `\\${one}` : `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  return `"${escaped}"`;
}

/** A name in a line of its own: one with blanks ends in a tab, or whoever reads it looks for a date behind it. */
function ended(name: string): string {
  const shown = quoted(name);
  return shown === name && name.includes(" ") ? `${name}\t` : shown;
}

/** The lines by which git knows where a file's changes begin, and what becomes of it. */
function headOf(path: string, change: FileDiff["change"]): string {
  const mode = { write: "", create: "new file mode 100644\n", remove: "deleted file mode 100644\n" };
  return `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\n${mode[change]}`;
}

/** A file's bytes; undefined where there is none. */
type Bytes = Uint8Array | undefined;

function bytesOf(staged: Staged): [Bytes, Bytes] {
  switch (staged.kind) {
    case "write":
      return [staged.base, staged.content];
    case "create":
      return [undefined, staged.content];
    case "remove":
      return [staged.base ?? new Uint8Array(), undefined];
  }
}

/** The bytes as text; undefined where they are none, as `diff` sees it: a NUL, or no UTF-8. */
function textOf(bytes: Bytes): string | undefined {
  if (bytes === undefined) return "";
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
