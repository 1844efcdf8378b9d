/**
 * What the kernel knows of a mount, and the last resorts against one that does not answer.
 *
 * @module
 */
import { run } from "./command.ts";

/** The line of `/proc/self/mountinfo` about the topmost mount at `dir`, or undefined where nothing is mounted. */
export async function mountAt(
  dir: string,
): Promise<{ readonly minor: number; readonly type: string } | undefined> {
  const lines = (await Deno.readTextFile("/proc/self/mountinfo")).trimEnd().split("\n");
  // Fields: id, parent, major:minor, root, mount point, options, …, "-", type, source, options; see proc(5).
  const line = lines.findLast((line) => unescaped(line.split(" ")[4] ?? "") === dir);
  if (line === undefined) return undefined;
  const minor = Number(line.split(" ")[2]?.split(":")[1]);
  const type = line.slice(line.indexOf(" - ") + 3).split(" ")[0] ?? "";
  return { minor, type };
}

/** Whether a FUSE mount can be made here by root: the device is there and opens. */
export async function fuseIsThere(): Promise<boolean> {
  try {
    (await Deno.open("/dev/fuse", { read: true, write: true })).close();
    return true;
  } catch {
    return false;
  }
}

/** Ends whatever is mounted at `dir`, also where nobody serves it any more. It never looks into `dir`. */
export async function endMount(dir: string): Promise<void> {
  for (let mount = await mountAt(dir); mount !== undefined; mount = await mountAt(dir)) {
    // A request that waits for a dead server ends with ECONNABORTED; see Documentation/filesystems/fuse.rst.
    await Deno.writeTextFile(`/sys/fs/fuse/connections/${mount.minor}/abort`, "1").catch(() => {});
    const { code } = await run("umount", ["-l", dir]);
    if (code !== 0 && (await run("fusermount3", ["-u", "-z", dir])).code !== 0) return;
  }
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
