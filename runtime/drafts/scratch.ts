/**
 * Files that editors and tools make on their way to a change: they live in the shadow tree and are part of no draft.
 *
 * @module
 */

/** The names, each with who makes it. */
const SCRATCH: readonly RegExp[] = [
  /^4913$/, // Vim tries with it whether it may make files (`:help backupcopy`); then 5036, 5159, …
  /^\..+\.sw[a-px]$/, // Vim's swap file
  /~$/, // backups of Vim, Emacs, cp and patch
  /^sed[A-Za-z0-9]{6}$/, // GNU sed -i
  /^#.+#$/, // Emacs' auto-save
  /^\.#/, // Emacs' lock
  /^\..+\.[A-Za-z0-9]{6}$/, // rsync
  /^\.goutputstream-/, // GLib
  /\.(tmp|temp|bak|orig|new)$/, // nano, perl -i.bak, patch, and many scripts
  /\.tmp\.\d+(\.\w+)?$/, // Node's write-file-atomic and its kin
  /^\.!\d+!/, // vipw and sudoedit's kin
];

/** Names that are made on the way, and that a person could choose as well. */
const LIKELY: readonly RegExp[] = [
  /^[A-Za-z0-9]{8}$/, // perl -i, since 5.28
  /^tmp[A-Za-z0-9_]{6,}$/, // mkstemp of many a program
];

/** True for a name that is only ever made on the way; with `barren`, where nothing else could be made, a guess counts. */
export function isScratch(name: string, barren: boolean): boolean {
  return SCRATCH.some((form) => form.test(name)) || (barren && LIKELY.some((form) => form.test(name)));
}
