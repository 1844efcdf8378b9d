/**
 * A provider's tree on a local disk, as the daemon tells it without the kernel: what a mount of it must show.
 *
 * @module
 */
import { join } from "node:path";
import type { TreeEntry } from "../../runtime/control/protocol.ts";
import type { Mounted } from "../support/mount.ts";

/** Writes what is at `path` of the tree to the new folder `target`, with the modes and times that a mount shows. */
export async function copied(
  { client, dir }: Pick<Mounted, "client" | "dir">,
  path: string,
  target: string,
): Promise<void> {
  await Deno.mkdir(target);
  for await (const entry of client.list(path)) {
    const to = join(target, entry.name);
    if (entry.kind === "directory") {
      await copied({ client, dir }, entry.path, to);
      continue;
    }
    await Deno.writeFile(to, await bytesOf(client, entry));
    const modified = await modifiedOf(dir, entry);
    await Deno.utime(to, modified, modified);
    await Deno.chmod(to, 0o444);
  }
}

async function bytesOf(client: Mounted["client"], { path }: TreeEntry): Promise<Uint8Array> {
  return await new Response(ReadableStream.from(client.read(path))).bytes();
}

/** Where the provider tells no time, the mount shows when it began: there is nothing to compare that with. */
async function modifiedOf(dir: string, { modified, path }: TreeEntry): Promise<Date> {
  if (modified !== null) return new Date(modified);
  return (await Deno.lstat(dir + path)).mtime ?? new Date(0);
}
