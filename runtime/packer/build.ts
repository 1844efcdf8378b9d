/**
 * Packs one generation: a tar archive of what is included, and a manifest of digests. The same generation gives the
 * same bytes, whoever builds it and when: paths in order of code units, one time, one owner, one mode.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import { type Pack, pack } from "tar-stream";
import { OmnifsError } from "../base/errors.ts";
import type { AssetDocument, BuildDocument, BuildManifest, BuiltFile } from "../base/packer.ts";
import type { Disk } from "./disk.ts";
import { removeFile, replaceWhole, syncFolder } from "./files.ts";
import { byCode } from "./paths.ts";
import type { Reader } from "./readers.ts";

/** The archive in a build's folder. */
export const ARCHIVE = "assets.tar";

/** The manifest beside it. */
export const MANIFEST = "manifest.json";

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

type BuiltAsset = BuildManifest["assets"][number];

/** Builds the generation of `reader` into the existing folder `to` (absolute). */
export async function build(disk: Disk, reader: Reader, to: string): Promise<BuildDocument> {
  const path = `${to}/${ARCHIVE}`;
  await removeFile(disk, `${path}.new`);
  const packing = pack();
  // Both ends fail with the same error; whoever comes second must not fail unheard.
  const [assets, archive] = await Promise.all([
    feed(packing, reader).catch((error) => {
      packing.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }),
    drain(packing, disk, `${path}.new`),
  ]).catch(async (error) => {
    await removeFile(disk, `${path}.new`).catch(() => {});
    throw error;
  });
  await disk.rename(`${path}.new`, path);
  const manifest: BuildManifest = { manifest_version: 1, generation: reader.generation, archive, assets };
  await replaceWhole(disk, `${to}/${MANIFEST}`, JSON.stringify(manifest, null, 2) + "\n");
  await syncFolder(disk, to);
  return { folder: to, manifest };
}

/** Puts every included file into `packing`; what went in, by `asset_id`. */
async function feed(packing: Pack, reader: Reader): Promise<BuiltAsset[]> {
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
    const entry = packing.entry({ ...COMMON, name: path, size });
    const ended = new Promise<void>((resolve, reject) => entry.on("finish", resolve).on("error", reject));
    ended.catch(() => {});
    await reader.stream(id, file, PIECE, async (piece) => {
      hash.update(piece);
      await write(entry, piece);
    });
    entry.end();
    await ended;
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

async function write(entry: Writable, piece: Uint8Array): Promise<void> {
  if (entry.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))) return;
  await new Promise<void>((resolve, reject) => entry.once("drain", resolve).once("error", reject));
}

/** Writes what comes out of `packing` to the new file `path`, durable; how much it was. */
async function drain(packing: Pack, disk: Disk, path: string): Promise<BuiltFile> {
  const file = await disk.open(path, "new", 0o644);
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

/** @throws {OmnifsError} `invalid` where `to` is no folder for a build of the workspace with this `assets/` */
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
