/**
 * Which mounts there are.
 *
 * @module
 */

/** The type that omnifs mounts have in `/proc/self/mountinfo`. */
const OMNIFS_TYPE = "fuse.omnifs";

/** One line of `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`). */
export interface MountLine {
  /** Where it is mounted. */
  readonly dir: string;
  /** True for a mount of omnifs, alive or not. */
  readonly isOmnifs: boolean;
  /** For FUSE the number of its connection under `/sys/fs/fuse/connections`. */
  readonly connection: number;
}

/** Every mount, in the order of mounting: of several at one place the last is on top. */
export async function mountInfo(): Promise<MountLine[]> {
  const lines = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n");
  return lines.flatMap((line) => {
    const [head = "", tail = ""] = line.split(" - ");
    const [, , device = "", , dir] = head.split(" ");
    if (dir === undefined) return [];
    const isOmnifs = tail.split(" ")[0] === OMNIFS_TYPE;
    return [{ dir: unescaped(dir), isOmnifs, connection: Number(device.split(":")[1]) }];
  });
}

/** Directories with a mount of omnifs, alive or not. */
export async function omnifsMounts(): Promise<string[]> {
  return [...new Set((await mountInfo()).filter(({ isOmnifs }) => isOmnifs).map(({ dir }) => dir))];
}

/** Space, tab, newline and backslash are three octal digits in mountinfo (`proc_pid_mountinfo(5)`). */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
