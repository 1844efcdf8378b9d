/**
 * What several parts of the packer do with a {@linkcode Disk}: whole files, durable files, folders on the way.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { type Disk, isGone, type OpenFile } from "./disk.ts";
import { sameFingerprint } from "./facts.ts";

/** The bytes at `path`, all of one moment; undefined where nothing is there. @throws {OmnifsError} `too-large`, `conflict` */
export async function readWhole(disk: Disk, path: string, limit: number): Promise<Uint8Array | undefined> {
  const before = await disk.look(path);
  if (before === undefined) return undefined;
  if (before.kind !== "file") {
    throw new OmnifsError("invalid", `it is a ${before.kind}, not a file`, { path });
  }
  if (before.size > limit) throw new OmnifsError("too-large", `it is larger than ${limit} bytes`, { path });
  return await opened(disk, path, async (file) => {
    const bytes = await readFrom(file, 0, before.size);
    if (sameFingerprint(before, await file.facts())) return bytes;
    throw new OmnifsError("conflict", "it is being written", { path, mend: "try again" });
  });
}

/** Up to `length` bytes of `file` from `offset`; fewer at its end. */
export async function readFrom(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = await file.read(bytes.subarray(done), offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** Calls `use` with what is at `path`, open for reading, and closes it. */
export async function opened<Value>(
  disk: Disk,
  path: string,
  use: (file: OpenFile) => Promise<Value>,
): Promise<Value> {
  const file = await disk.open(path, "read");
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Makes the new file `path` with these bytes and permission bits, durable but for its name. */
export async function writeNew(disk: Disk, path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  await writeMasked(disk, path, bytes, mode, async () => {
    // What the umask took away.
    if (mode !== 0o600) await disk.chmod(path, mode);
  });
}

/** The same but for the umask, which takes its bits away; `finish` is called before it is durable. */
async function writeMasked(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  mode: number,
  finish: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const file = await disk.open(path, "new", mode);
  try {
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    await finish();
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Puts `text` at `path` in place of what is there, whole or not at all, with the permission bits that the umask leaves of
 * `mode`; durable with the next {@linkcode syncFolder}.
 */
export async function replaceWhole(disk: Disk, path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.new`;
  await removeFile(disk, draft);
  await writeMasked(disk, draft, new TextEncoder().encode(text), mode);
  await disk.rename(draft, path);
}

/** Resolves once the names in the directory `path` would outlive a power cut. */
export async function syncFolder(disk: Disk, path: string): Promise<void> {
  await opened(disk, path, (folder) => folder.sync());
}

/** Makes the directory `path` where it is missing; true where it was. */
export async function ensureFolder(disk: Disk, path: string): Promise<boolean> {
  if ((await disk.look(path))?.kind === "folder") return false;
  await disk.mkdir(path);
  return true;
}

/** Removes the file `path` where it is there. */
export async function removeFile(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Removes the folder `path` with the files in it, where it is there; it holds no folders. */
export async function removeFlatFolder(disk: Disk, path: string): Promise<void> {
  if ((await disk.look(path)) === undefined) return;
  for (const name of await disk.list(path)) await removeFile(disk, `${path}/${name}`);
  await disk.remove(path);
}
