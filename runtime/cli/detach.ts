/**
 * Takes a mount out of the tree whose omnifs is dead or hangs, or that somebody still uses.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { mountInfo } from "./mount_table.ts";

/**
 * Ends the connections of all FUSE mounts at exactly `dir`, one above the other as they may be, and takes them away:
 * whoever waits for one gets an error instead of waiting on. `dir` itself is not looked into.
 *
 * @throws {OmnifsError} `unavailable` where one of them stays
 */
export async function detach(dir: string): Promise<void> {
  for (let left = await layersAt(dir); left > 0; left = await layersAt(dir)) {
    await takeAway(dir);
    if (await layersAt(dir) >= left) {
      throw new OmnifsError("unavailable", `cannot detach ${dir}: it is still there`, { path: dir });
    }
  }
}

async function layersAt(dir: string): Promise<number> {
  return (await mountInfo()).filter((mount) => mount.dir === dir && mount.isOmnifs).length;
}

/** `umount -l` as root, otherwise `fusermount3 -uz`. */
async function takeAway(dir: string): Promise<void> {
  const top = (await mountInfo()).findLast((mount) => mount.dir === dir);
  if (top?.isOmnifs !== true) {
    throw new OmnifsError("unavailable", `cannot detach ${dir}: something else is mounted over it`, {
      path: dir,
      mend: `umount ${dir}`,
    });
  }
  // Documentation/filesystems/fuse.rst, "Aborting a filesystem connection": a user may, for their own mounts.
  await Deno.writeTextFile(`/sys/fs/fuse/connections/${top.connection}/abort`, "1", { create: false })
    .catch(() => {});
  const [program, args] = Deno.uid() === 0
    ? ["umount", ["-l", "--", dir]]
    : ["fusermount3", ["-u", "-z", "--", dir]];
  const { success, stderr } = await ran(program, args, dir);
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new OmnifsError("unavailable", `cannot detach ${dir}: ${said || `${program} failed`}`, { path: dir });
}

async function ran(program: string, args: string[], dir: string): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).output();
  } catch (error) {
    throw new OmnifsError("unavailable", `cannot detach ${dir}: there is no ${program}`, {
      path: dir,
      mend: "apt-get install fuse3",
      cause: error,
    });
  }
}
