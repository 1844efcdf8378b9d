/**
 * Packs one generation: a tar archive of what is included, and a manifest of digests. The same generation gives the
 * same bytes, whoever builds it and when: paths in order of code units, one time, one owner, one mode.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { AssetDocument, BuildDocument, BuildManifest, BuiltFile } from "../base/packer.ts";
import { writeError } from "../base/write_faults.ts";
import type { Disk } from "./disk.ts";
import { removeFile, replaceWhole, syncFolder } from "./files.ts";
import { byCode } from "./paths.ts";
import type { Project } from "./project.ts";
import type { Reader } from "./readers.ts";
import type { Scout } from "./scout.ts";
import { refuseUnread } from "./unread.ts";

/** The archive in a build's folder. */
export const ARCHIVE = "assets.tar";

/** The manifest beside it. */
export const MANIFEST = "manifest.json";

/** The permission bits of both: what the umask leaves, as with any file that a tool writes. */
const MODE = 0o666;

/** Bytes that are read in one go. */
const PIECE = 1024 * 1024;

/** What every entry of the archive has in common: nothing of the machine that it was made on. */
const COMMON = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: "",
  gname: "",
  mtime: new Date(0),
  type: "file",
} as const;

/** What streams say that were closed by somebody else: Node's, and those of `streamx` below `tar-stream`. */
const CLOSED: ReadonlySet<string> = new Set(["Premature close", "Stream was destroyed"]);

type BuiltAsset = BuildManifest["assets"][number];

/**
 * Builds the generation of `reader` into the existing folder `to` (absolute). Once `signal` is aborted it ends, and
 * leaves nothing; an archive that is whole by then gets its manifest.
 *
 * @throws {OmnifsError} why it cannot
 */
export async function build(
  disk: Disk,
  reader: Reader,
  to: string,
  signal: AbortSignal,
): Promise<BuildDocument> {
  try {
    return await buildWhole(disk, reader, to, signal);
  } catch (error) {
    throw writeError(error, to, (why) => `cannot build into ${to}: ${why}`);
  }
}

async function buildWhole(
  disk: Disk,
  reader: Reader,
  to: string,
  signal: AbortSignal,
): Promise<BuildDocument> {
  const path = `${to}/${ARCHIVE}`;
  await removeFile(disk, `${path}.new`);
  const packing = pack();
  // Both ends below fail with the same error; the stream in between must not tell of it once more.
  packing.on("error", () => {});
  const stop = () => packing.destroy(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const [fed, drained] = await Promise.allSettled([
    feed(packing, reader),
    drain(packing, disk, `${path}.new`),
  ]);
  signal.removeEventListener("abort", stop);
  if (fed.status === "rejected" || drained.status === "rejected") {
    await removeFile(disk, `${path}.new`);
    throw signal.aborted ? signal.reason : reasonOf([drained, fed]);
  }
  await disk.rename(`${path}.new`, path);
  const [assets, archive] = [fed.value, drained.value];
  const manifest: BuildManifest = { manifest_version: 1, generation: reader.generation, archive, assets };
  await replaceWhole(disk, `${to}/${MANIFEST}`, JSON.stringify(manifest, null, 2) + "\n", MODE);
  await syncFolder(disk, to);
  return { folder: to, manifest };
}

/** Why one of two ends failed: the other one may merely have heard that the stream in between is closed. */
function reasonOf(ends: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = ends.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  return reasons.find((reason) => !CLOSED.has(messageOf(reason))) ?? reasons[0];
}

/** Puts every included file into `packing`; what went in, by `asset_id`. On a failure `packing` fails, too. */
async function feed(packing: Pack, reader: Reader): Promise<BuiltAsset[]> {
  try {
    return await feedAll(packing, reader);
  } catch (error) {
    packing.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function feedAll(packing: Pack, reader: Reader): Promise<BuiltAsset[]> {
  const assets: BuiltAsset[] = [];
  for (const asset of reader.assets("included")) {
    const { id, uuid, name, root } = asset;
    assets.push({
      asset_id: id,
      asset_uuid: uuid,
      name,
      root,
      files: await feedAsset(packing, reader, asset),
    });
  }
  packing.finalize();
  return assets;
}

async function feedAsset(packing: Pack, reader: Reader, { id, root }: AssetDocument): Promise<BuiltFile[]> {
  const files: BuiltFile[] = [];
  for (const file of pathsOf(reader, id)) {
    const [path, size] = [`${root}/${file}`, reader.size(id, file)];
    const hash = createHash("sha256");
    const hashed = async function* () {
      for await (const piece of reader.pieces(id, file, PIECE)) {
        hash.update(piece);
        yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
      }
    };
    await pipeline(hashed, packing.entry({ ...COMMON, name: path, size }));
    files.push({ path, size, sha256: hash.digest("hex") });
  }
  return files;
}

/** The paths of all files of an asset, in order. */
function pathsOf(reader: Reader, asset: number): string[] {
  const paths: string[] = [];
  const visit = (folder: string) => {
    for (const { kind, path } of reader.files(asset, folder)) {
      kind === "file" ? paths.push(path) : visit(path);
    }
  };
  visit("");
  return paths.sort(byCode);
}

/** Writes what comes out of `packing` to the new file `path`, durable; how much it was. On a failure `packing` fails, too. */
async function drain(packing: Pack, disk: Disk, path: string): Promise<BuiltFile> {
  try {
    return await drainAll(packing, disk, path);
  } catch (error) {
    packing.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function drainAll(packing: Pack, disk: Disk, path: string): Promise<BuiltFile> {
  const file = await disk.open(path, "new", MODE);
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of packing) {
      hash.update(chunk);
      size += chunk.length;
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { path: ARCHIVE, size, sha256: hash.digest("hex") };
}

/** Sees that `assets` can be packed whole. @throws {OmnifsError} why they cannot */
export async function refuseAssets(
  project: Project,
  scout: Scout,
  assets: readonly AssetDocument[],
): Promise<void> {
  // First, because its mend is the nearer one: an `asset.json` that cannot be read waits for a decision, too.
  await refuseUnread(scout, assets.map(({ root }) => root));
  for (const { id } of assets) {
    const why = project.blocked(id);
    const mend = "omnifs packer reconcile --plan";
    if (why !== undefined) throw new OmnifsError("conflict", why, { op: "build", mend });
  }
}

/**
 * Sees that `to` can take a build of the workspace with this `assets/`.
 *
 * @throws {OmnifsError} `invalid` where it is no folder, or lies in the workspace's own
 */
export async function refuseFolder(disk: Disk, assets: string, to: string): Promise<void> {
  const isInside = `${to}/`.startsWith(`${assets}/`);
  const kind = (await disk.look(to))?.kind;
  if (to.startsWith("/") && !isInside && kind === "folder") return;
  const why = isInside
    ? "it lies in assets/, and would be packed the next time"
    : "it is no absolute path of a directory";
  throw new OmnifsError("invalid", `cannot build into ${to}: ${why}`, {
    op: "build",
    path: to,
    mend: "choose another folder",
  });
}
