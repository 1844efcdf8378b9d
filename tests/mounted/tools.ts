/**
 * The toolbox matrix: what people point at a directory, as data.
 *
 * @module
 */

/** A tool that must say the same on a mount as on a disk. */
export interface ToolRow {
  /** The program that must be there. */
  readonly tool: string;
  /** What is shown in the name of the test. */
  readonly title: string;
  /**
   * A line of `sh`, run in the tree. `$OUT` is an empty folder to write to, `$MIRROR` the same tree on a disk,
   * `$BIN` holds the programs that the test has built.
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

/** Tools that read. */
export const READERS: readonly ToolRow[] = [
  row("cat", "cat", "cat README.md empty no-newline docs/*/page-*.txt awkward/*"),
  row("head", "head -c", "head -c 1048577 blob.bin | sha256sum; head -n 2 README.md"),
  row(
    "tail",
    "tail -c",
    "tail -c 70000 blob.bin | sha256sum; tail -c +3000000 blob.bin | sha256sum; tail -n 1 README.md",
  ),
  row("grep", "grep -r", "LC_ALL=C grep -rnI omega . | LC_ALL=C sort"),
  row("grep", "grep -r for what is nowhere", "grep -r no-such-word-anywhere .", { code: 1 }),
  row("rg", "rg", "rg --sort path --no-heading -n --hidden 'gamma.*omega' ."),
  row("rg", "rg --files", "rg --files --hidden | LC_ALL=C sort"),
  row("find", "find -name", "find . -name 'page-0*' | LC_ALL=C sort"),
  row("find", "find -size", "find . -size +100k; find . -type f -size 0"),
  row("find", "find -newer", "find . -newer docs/section-03 | LC_ALL=C sort"),
  row("find", "find -printf", "find . -type f -printf '%p %s %T@ %m %n %y\\n' | LC_ALL=C sort"),
  row("fdfind", "fdfind", "fdfind -H -e txt page | LC_ALL=C sort"),
  row("ls", "ls -l", "LC_ALL=C ls -lA --time-style=+%s docs/section-01 awkward | grep -v ^total"),
  row("ls", "ls -R", "LC_ALL=C ls -AR ."),
  row(
    "ls",
    "ls -U of 2,500 names",
    "ls -U large | wc -l; ls -U large | sort | sha256sum; ls -U large | uniq -d",
  ),
  row("tree", "tree -J", "LC_ALL=C tree -aJ --noreport ."),
  row("du", "du of files", "find . -type f -print0 | LC_ALL=C sort -z | du -b --files0-from=- -c"),
  row("stat", "stat of directories", "stat -c '%n %Y %a %F' . docs deep/a"),
  row("stat", "stat", "stat -c '%n %s %Y %a %F' README.md empty blob.bin awkward/*"),
  row("wc", "wc -c", "wc -c README.md empty no-newline numbers.json blob.bin docs/*/*"),
  row(
    "cp",
    "cp -r, then diff -r",
    'cp -r . "$OUT/copy" && diff -r . "$OUT/copy" && diff -r "$MIRROR" "$OUT/copy"',
    SILENT,
  ),
  row(
    "cp",
    "cp -a keeps times and modes",
    'cp -a docs "$OUT/docs" && cd "$OUT" && find docs -printf "%p %T@ %m\\n" | LC_ALL=C sort',
  ),
  row("tar", "tar c | tar t", "tar c . | tar t | LC_ALL=C sort"),
  row("tar", "tar c | tar x, then diff -r", 'tar c . | tar x -C "$OUT" && diff -r . "$OUT"', SILENT),
  row("tar", "tar of both is the same byte for byte", "tar c --sort=name --format=gnu . | sha256sum"),
  row(
    "rsync",
    "rsync -a --checksum, then again: nothing is sent",
    'rsync -a --checksum ./ "$OUT/r/" && rsync -ai --checksum ./ "$OUT/r/"',
    SILENT,
  ),
  row(
    "rsync",
    "rsync -a by size and time: nothing is sent",
    'cp -a "$MIRROR" "$OUT/r" && rsync -ai ./ "$OUT/r/"',
    SILENT,
  ),
  row("diff", "diff -r", 'diff -r . "$MIRROR"', SILENT),
  row("cmp", "cmp", 'cmp blob.bin "$MIRROR/blob.bin" && cmp empty "$MIRROR/empty"', SILENT),
  row("sha256sum", "sha256sum", "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum"),
  row("jq", "jq", "jq -c '.list, .nested.omega' numbers.json"),
  row("od", "od", "od -A d -t x1 -j 1000000 -N 64 blob.bin; od -c empty"),
  row(
    "dd",
    "dd bs=1",
    "dd if=blob.bin bs=1 skip=65519 count=300 status=none | od -t x1; dd if=no-newline bs=1 status=none",
  ),
  row("dd", "dd past the end", "dd if=README.md bs=1 skip=100000 status=none | wc -c"),
  row("gcc", "mmap", '"$BIN/mapped" blob.bin | sha256sum; "$BIN/mapped" README.md | sha256sum'),
  row("vim", "vim -R", "vim -R -es -n -N -u NONE -i NONE '+%print' '+qall!' README.md"),
  row("git", "git diff --no-index", 'git diff --no-index --stat . "$MIRROR"', SILENT),
  row("git", "git hash-object", "git hash-object README.md blob.bin empty"),
  row("less", "less", "less README.md | cat"),
  row("file", "file", "file -b README.md blob.bin empty numbers.json docs awkward/*"),
  row(
    "python3",
    "os.walk and os.stat",
    "python3 -c 'import os; print(sorted((p, os.stat(os.path.join(p, f)).st_size) for p, _, fs in os.walk(\".\") for f in fs))'",
  ),
  row(
    "inotifywait",
    "inotifywait starts, and sees nothing where nothing happens",
    "inotifywait -q -t 1 docs README.md",
    { code: 2, prints: "" },
  ),
  row("realpath", "realpath and symbolic `..`", "cd docs/section-01/../../deep/a/b/.. && ls"),
  row("sh", "what is not there", "cat nowhere docs/nowhere README.md/below 2>&1 | sed 's/^cat: //'"),
];

/** Every file, sorted, each ended by a NUL. */
const EACH = "find . -type f -print0 | LC_ALL=C sort -z";

/** Tools that read any tree at all; `$F` is a file of text in it. */
export const ANYWHERE: readonly ToolRow[] = [
  row("cat", "cat", `${EACH} | xargs -0 cat | sha256sum; cat "$F"`),
  row("head", "head -c and -n", `${EACH} | xargs -0 -n 1 head -c 100 | sha256sum; head -n 2 "$F"`),
  row("tail", "tail -c and -n", `${EACH} | xargs -0 -n 1 tail -c 100 | sha256sum; tail -n 1 "$F"`),
  row(
    "grep",
    "grep -r",
    "LC_ALL=C grep -rna '' . | LC_ALL=C sort | sha256sum; grep -rc '' . | LC_ALL=C sort",
  ),
  row("rg", "rg", "rg --sort path --no-heading -n -a --hidden --no-ignore '' . | sha256sum"),
  row("find", "find -printf", "find . -type f -printf '%p %s %T@ %m %n %y\\n' | LC_ALL=C sort"),
  row(
    "find",
    "find -size, -name and -newer",
    "find . -name '*e*' | LC_ALL=C sort; find . -type f -size -2 -newer / | wc -l",
  ),
  row("fdfind", "fdfind", "fdfind -HI . | LC_ALL=C sort"),
  row("ls", "ls -lR", "LC_ALL=C ls -lAR --time-style=+%s . | grep '^[-.]' | tr -s ' '"),
  row("tree", "tree -J", "LC_ALL=C tree -aJ --noreport ."),
  row("du", "du of files", `${EACH} | du -b --files0-from=- -c`),
  row("stat", "stat", `${EACH} | xargs -0 stat -c '%n %s %Y %a %F'`),
  row("wc", "wc -c", `${EACH} | xargs -0 wc -c`),
  row("cp", "cp -r, then diff -r", 'cp -r . "$OUT/copy" && diff -r "$MIRROR" "$OUT/copy"', SILENT),
  row("tar", "tar c | tar x, then diff -r", 'tar c . | tar x -C "$OUT" && diff -r "$MIRROR" "$OUT"', SILENT),
  row(
    "rsync",
    "rsync -a --checksum, then again: nothing is sent",
    'rsync -a --checksum ./ "$OUT/r/" && rsync -ai --checksum ./ "$OUT/r/" && diff -r "$MIRROR" "$OUT/r"',
    SILENT,
  ),
  row("diff", "diff -r", 'diff -r . "$MIRROR"', SILENT),
  row("cmp", "cmp", `${EACH} | xargs -0 -I{} cmp {} "$MIRROR/{}"`, SILENT),
  row("sha256sum", "sha256sum", `${EACH} | xargs -0 sha256sum`),
  row("jq", "jq", "find . -name '*.json' -print0 | LC_ALL=C sort -z | xargs -0 -r jq -c . | sha256sum"),
  row("od", "od", `${EACH} | xargs -0 od -A d -t x1 | sha256sum`),
  row(
    "dd",
    "dd bs=1",
    `${EACH} | xargs -0 -I{} dd if={} bs=1 skip=3 count=20 status=none | od -c; dd if="$F" bs=1 skip=9999999 status=none | wc -c`,
  ),
  row("gcc", "mmap", `${EACH} | xargs -0 -n 1 "$BIN/mapped" | sha256sum`),
  row("vim", "vim -R", `vim -R -es -n -N -u NONE -i NONE '+%print' '+qall!' "$F"`),
  row("git", "git diff --no-index", 'git diff --no-index --stat . "$MIRROR"', SILENT),
  row("less", "less", 'less "$F" | cat'),
  row("file", "file", `${EACH} | xargs -0 file -b`),
];

/**
 * Each way to change the tree; all of them must fail with EROFS. `$F` is a file of it, `$D` a directory, `$SPARE` a file
 * outside of the mount.
 */
export const WRITERS: readonly ToolRow[] = [
  row("touch", "touch of a new file", "touch new"),
  row("touch", "touch of a file", 'touch "$F"'),
  row("sh", "> of a new file", "echo x > new"),
  row("sh", "> of a file", 'echo x > "$F"'),
  row("bash", ">> of a file", `bash -c 'echo x >> "$F"'`),
  row("cp", "cp into it", 'cp "$SPARE" copied'),
  row("mkdir", "mkdir", "mkdir new"),
  row("rm", "rm", 'rm -f "$F"'),
  row("rmdir", "rmdir", 'rmdir "$D"'),
  row("mv", "mv", 'mv "$F" other'),
  row("mv", "mv from outside", 'mv "$SPARE" moved'),
  row("ln", "ln", 'ln "$F" hard'),
  row("ln", "ln -s", 'ln -s "$F" soft'),
  row("chmod", "chmod", 'chmod 600 "$F"'),
  row("chown", "chown", 'chown 1:1 "$F"'),
  row("truncate", "truncate", 'truncate -s 0 "$F"'),
  row("setfattr", "setfattr", 'setfattr -n user.x -v 1 "$F"'),
  row("mknod", "mknod", "mknod pipe p"),
  row("sed", "sed -i", 'sed -i s/a/b/ "$F"'),
  row("dd", "dd conv=notrunc", 'dd if=/dev/zero of="$F" bs=1 count=1 conv=notrunc'),
];
