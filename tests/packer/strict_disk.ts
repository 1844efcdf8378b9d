/**
 * Disks that keep to the permission bits of the owner, as they do for everybody but root, whom these tests may run as.
 *
 * @module
 */
import { dirname } from "node:path";
import { type Disk, systemDisk } from "../../runtime/packer/disk.ts";
import type { LookDisk } from "../../runtime/packer/look.ts";
import { lookDisk } from "../../runtime/packer/look_disk.ts";

const READ = 0o400;
const SEARCH = 0o100;

function need(path: string, bits: number): string {
  const { mode } = Deno.lstatSync(path);
  if (((mode ?? 0) & bits) === bits) return path;
  throw new Deno.errors.PermissionDenied(`Permission denied (os error 13): open '${path}'`);
}

const inside = (path: string) => (need(dirname(path), SEARCH), path);

/** What the scout looks at. */
export const strictLook: LookDisk = {
  list: (path) => lookDisk.list(need(path, READ)),
  look: (path) => lookDisk.look(inside(path)),
  probe: (path) => lookDisk.probe(need(inside(path), READ)),
  read: (path) => lookDisk.read(need(inside(path), READ)),
  pieces: (path) => lookDisk.pieces(need(inside(path), READ)),
};

/** What a reader reads from. */
export const strictDisk: Disk = {
  ...systemDisk,
  look: async (path) => await systemDisk.look(inside(path)),
  open: async (path, opening, mode) =>
    await systemDisk.open(opening === "read" ? need(inside(path), READ) : path, opening, mode),
};
