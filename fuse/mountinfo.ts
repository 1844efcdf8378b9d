/**
 * Which mounts there are, from `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`), and their control files.
 *
 * Nothing here touches a mount itself: a question to a mount whose server is this process, or is gone,
 * would hang or fail.
 *
 * @module
 */
import { libc } from "./libc.ts";

/** A line of `/proc/self/mountinfo`. */
export interface MountInfo {
  /** The number of the mount, as `/proc/{pid}/fdinfo` names it. */
  readonly id: number;
  /** Where it is mounted. */
  readonly dir: string;
  /** The file system's type, as `fuse.omnifs`. */
  readonly type: string;
  /** What is mounted, as the server called it. */
  readonly source: string;
  /** The minor device number; for FUSE the number of its connection under `/sys/fs/fuse/connections`. */
  readonly connection: number;
}

/** Every line of `text`, in the order of mounting; of several at one place the last is on top. */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split("\n").filter((line) => line !== "").map(parseLine);
}

/** `36 35 0:45 / /mnt rw,nosuid shared:1 - fuse.omnifs omnifs rw,user_id=0` */
function parseLine(line: string): MountInfo {
  const [head = "", tail = ""] = line.split(" - ", 2);
  const [id = "", , device = "", , dir = ""] = head.split(" ");
  const [type = "", source = ""] = tail.split(" ");
  const connection = Number(device.split(":")[1]);
  return { id: Number(id), dir: unescape(dir), type, source: unescape(source), connection };
}

/** Space, tab, newline and backslash are written as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/**
 * Every mount that this process sees. Read through the C library: Deno opens files of `/proc` only for whoever
 * holds every permission, and the server of a mount may have given some up.
 */
export function readMounts(): MountInfo[] {
  return parseMountInfo(libc().readText("/proc/self/mountinfo"));
}

/** The topmost mount at exactly `dir`, an absolute path without symbolic links. */
export function mountAt(dir: string): MountInfo | undefined {
  return readMounts().findLast((mount) => mount.dir === dir);
}

/** True for a FUSE mount of any kind. */
export function isFuse(mount: MountInfo): boolean {
  return mount.type === "fuse" || mount.type === "fuseblk" || mount.type.startsWith("fuse.");
}

/** Ends a FUSE connection at once: whoever waits for it gets an error. False where that is not permitted. */
export function abortConnection(connection: number): boolean {
  return writeControl(`/sys/fs/fuse/connections/${connection}/abort`, "1");
}

/** Lets the kernel read `kibibytes` ahead on a mount. False where that is not permitted. */
export function setReadAhead(connection: number, kibibytes: number): boolean {
  return writeControl(`/sys/class/bdi/0:${connection}/read_ahead_kb`, String(kibibytes));
}

/** Through the C library, as {@linkcode readMounts} does. */
function writeControl(path: string, text: string): boolean {
  const c = libc();
  const fd = c.openForWriting(path);
  if (fd < 0) return false;
  const written = c.write(fd, new TextEncoder().encode(text));
  c.close(fd);
  return written >= 0;
}
