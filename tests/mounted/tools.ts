/**
 * The toolbox matrix: what people point at a directory, as data.
 *
 * @module
 */

/** `ls` and `find` say nothing of order; each file of the tree, in one. */
const FILES = "find . -type f -print0 | LC_ALL=C sort -z";

/** A tool that must say the same on a mount as on a disk. */
export interface ToolRow {
  /** The program that must be there. */
  readonly tool: string;
  /** What is shown in the name of the test. */
  readonly title: string;
  /**
   * A line of `sh`, run in the tree. `$OUT` is an empty folder to write to, `$MIRROR` the same tree on a disk,
   * `$BIN` holds the programs that the test has built. `$FILE` is a file of the tree that is not empty, `$FOLDER` a
   * folder of it.
   */
  readonly script: string;
  /** Its exit code; 0 unless told. */
  readonly code?: number;
  /** Where it prints nothing else than this, rather than what it prints on the disk. */
  readonly prints?: string;
}

const row = (tool: string, title: string, script: string, more: Partial<ToolRow> = {}): ToolRow => ({
  tool,
  title,
  script,
  ...more,
});

const SILENT = { prints: "" };

/** Tools that read, in any tree. */
export const ANYWHERE: readonly ToolRow[] = [
  row("cat", "cat", `${FILES} | xargs -0 cat`),
  row("head", "head", 'head -c 7 "$FILE"; head -n 2 "$FILE"'),
  row("tail", "tail", 'tail -c 7 "$FILE"; tail -n 1 "$FILE"; tail -c +3 "$FILE"'),
  row("grep", "grep -r", "LC_ALL=C grep -rnI e . | LC_ALL=C sort"),
  row("grep", "grep -r for what is nowhere", "grep -r no-such-word-anywhere .", { code: 1 }),
  row("rg", "rg", "rg --sort path --no-heading -n --hidden --no-ignore e ."),
  row("rg", "rg --files", "rg --files --hidden --no-ignore | LC_ALL=C sort"),
  row("find", "find -name", "find . -name '*a*' | LC_ALL=C sort"),
  row(
    "find",
    "find -size",
    "find . -type f -size -3 | LC_ALL=C sort; find . -type f -size 0 | LC_ALL=C sort",
  ),
  row("find", "find -newer", 'find . -type f ! -newer "$FILE" | LC_ALL=C sort'),
  row("find", "find -printf", "find . -type f -printf '%p %s %T@ %m %n %y\\n' | LC_ALL=C sort"),
  row("fdfind", "fdfind", "fdfind -HI -t f | LC_ALL=C sort"),
  row("ls", "ls -l", `${FILES} | LC_ALL=C xargs -0 ls -l --time-style=+%s`),
  row("ls", "ls -R", "LC_ALL=C ls -AR ."),
  row("ls", "ls -U", 'ls -U "$FOLDER" | LC_ALL=C sort; ls -U "$FOLDER" | LC_ALL=C sort | uniq -d'),
  row("tree", "tree -J", "LC_ALL=C tree -aJ --noreport ."),
  row("du", "du of files", `${FILES} | du -bl --files0-from=- -c`),
  row("stat", "stat", `${FILES} | xargs -0 stat -c '%n %s %Y %a %F'`),
  row("wc", "wc -c", `${FILES} | xargs -0 wc -c`),
  row(
    "cp",
    "cp -r, then diff -r",
    'cp -r . "$OUT/copy" && diff -r . "$OUT/copy" && diff -r "$MIRROR" "$OUT/copy"',
    SILENT,
  ),
  row(
    "cp",
    "cp -a keeps times and modes",
    'cp -a . "$OUT/copy" && cd "$OUT" && find copy -type f -printf "%p %T@ %m\\n" | LC_ALL=C sort',
  ),
  row("tar", "tar c | tar t", "tar c . | tar t | LC_ALL=C sort"),
  row("tar", "tar c | tar x, then diff -r", 'tar c . | tar x -C "$OUT" && diff -r . "$OUT"', SILENT),
  // A directory that has no date upstream has that of its first look, which is the kernel's to forget.
  row("tar", "tar of both is the same", "tar c --sort=name --format=gnu --mtime=@0 . | sha256sum"),
  row(
    "rsync",
    "rsync -a --checksum, then again: nothing is sent",
    'rsync -a --checksum ./ "$OUT/r/" && rsync -ai --checksum ./ "$OUT/r/"',
    SILENT,
  ),
  row(
    "rsync",
    "rsync -a by size and time: nothing is sent",
    'cp -a "$MIRROR" "$OUT/r" && rsync -aiO ./ "$OUT/r/"',
    SILENT,
  ),
  row("diff", "diff -r", 'diff -r . "$MIRROR"', SILENT),
  row("cmp", "cmp", 'cmp "$FILE" "$MIRROR/$FILE"', SILENT),
  row("sha256sum", "sha256sum", `${FILES} | xargs -0 sha256sum`),
  row("jq", "jq", "find . -name '*.json' | LC_ALL=C sort | xargs -d '\\n' jq -c ."),
  row("od", "od", 'od -c "$FILE"; od -A d -t x1 -j 1 -N 6 "$FILE"'),
  row("dd", "dd bs=1", 'dd if="$FILE" bs=1 skip=1 status=none'),
  row("dd", "dd past the end", 'dd if="$FILE" bs=1 skip=100000 status=none | wc -c'),
  row("gcc", "mmap", '"$BIN/mapped" "$FILE" | sha256sum'),
  row("vim", "vim -R", "vim -R -es -n -N -u NONE -i NONE '+%print' '+qall!' \"$FILE\""),
  row("git", "git diff --no-index", 'git diff --no-index --stat . "$MIRROR"', SILENT),
  row("git", "git hash-object", 'git hash-object "$FILE"'),
  row("less", "less", 'less "$FILE" | cat'),
  row("file", "file", 'file -b "$FILE" "$FOLDER"'),
  row(
    "python3",
    "os.walk and os.stat",
    "python3 -c 'import os; print(sorted((p, os.stat(os.path.join(p, f)).st_size) for p, _, fs in os.walk(\".\") for f in fs))'",
  ),
  row(
    "inotifywait",
    "inotifywait starts, and sees nothing where nothing happens",
    'inotifywait -q -t 1 . "$FILE"',
    { code: 2, prints: "" },
  ),
  row("sh", "what is not there", 'cat nowhere ./nowhere/below "$FILE/below" 2>&1 | sed "s/^cat: //"'),
];

/** Tools that read the made-up tree: what takes large files, many names, awkward ones. */
export const READERS: readonly ToolRow[] = [
  row("cat", "cat of some", "cat README.md empty no-newline docs/*/page-*.txt awkward/*"),
  row("head", "head -c of a large file", "head -c 1048577 blob.bin | sha256sum; head -n 2 README.md"),
  row(
    "tail",
    "tail -c of a large file",
    "tail -c 70000 blob.bin | sha256sum; tail -c +3000000 blob.bin | sha256sum; tail -n 1 README.md",
  ),
  row("rg", "rg for an expression", "rg --sort path --no-heading -n --hidden 'gamma.*omega' ."),
  row("find", "find -size of large ones", "find . -size +100k; find . -type f -size 0"),
  row("find", "find -newer than a folder", "find . -newer docs/section-03 | LC_ALL=C sort"),
  row("fdfind", "fdfind -e", "fdfind -H -e txt page | LC_ALL=C sort"),
  row(
    "ls",
    "ls -U of 2,500 names",
    "ls -U large | wc -l; ls -U large | sort | sha256sum; ls -U large | uniq -d",
  ),
  row("stat", "stat of directories", "stat -c '%n %Y %a %F' . docs deep/a"),
  row("tar", "tar of both is the same byte for byte", "tar c --sort=name --format=gnu . | sha256sum"),
  row(
    "cp",
    "cp -a of directories",
    'cp -a docs "$OUT/docs" && cd "$OUT" && find docs -printf "%p %T@ %m\\n" | LC_ALL=C sort',
  ),
  row("cmp", "cmp of a large file", 'cmp blob.bin "$MIRROR/blob.bin" && cmp empty "$MIRROR/empty"', SILENT),
  row("jq", "jq of a path", "jq -c '.list, .nested.omega' numbers.json"),
  row("od", "od in a large file", "od -A d -t x1 -j 1000000 -N 64 blob.bin; od -c empty"),
  row(
    "dd",
    "dd bs=1 across blocks",
    "dd if=blob.bin bs=1 skip=65519 count=300 status=none | od -t x1; dd if=no-newline bs=1 status=none",
  ),
  row("gcc", "mmap of a large file", '"$BIN/mapped" blob.bin | sha256sum'),
  row("git", "git hash-object of a large file", "git hash-object README.md blob.bin empty"),
  row("file", "file of each kind", "file -b README.md blob.bin empty numbers.json docs awkward/*"),
  row("realpath", "realpath and symbolic `..`", "cd docs/section-01/../../deep/a/b/.. && ls"),
];

/** Each way to change the tree; all of them must fail with EROFS. `$SPARE` is a file outside of the mount. */
export const WRITERS: readonly ToolRow[] = [
  row("touch", "touch of a new file", "touch new"),
  row("touch", "touch of a file", 'touch "$FILE"'),
  row("sh", "> of a new file", "echo x > new"),
  row("sh", "> of a file", 'echo x > "$FILE"'),
  row("bash", ">> of a file", "bash -c 'echo x >> \"$FILE\"'"),
  row("cp", "cp into it", 'cp "$SPARE" copied'),
  row("mkdir", "mkdir", "mkdir new"),
  row("rm", "rm", 'rm -f "$FILE"'),
  row("rmdir", "rmdir", 'rmdir "$FOLDER"'),
  row("mv", "mv", 'mv "$FILE" other'),
  row("mv", "mv from outside", 'mv "$SPARE" moved'),
  row("ln", "ln", 'ln "$FILE" hard'),
  row("ln", "ln -s", 'ln -s "$FILE" soft'),
  row("chmod", "chmod", 'chmod 600 "$FILE"'),
  row("chown", "chown", 'chown 1:1 "$FILE"'),
  row("truncate", "truncate", 'truncate -s 0 "$FILE"'),
  row("setfattr", "setfattr", 'setfattr -n user.x -v 1 "$FILE"'),
  row("mknod", "mknod", "mknod pipe p"),
  row("sed", "sed -i", 'sed -i s/a/b/ "$FILE"'),
  row("dd", "dd conv=notrunc", 'dd if=/dev/zero of="$FILE" bs=1 count=1 conv=notrunc'),
];
