/**
 * Remembers where the latest build was written, from run to run.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { BuildManifest, LatestBuild } from "../base/packer.ts";
import { ARCHIVE, MANIFEST } from "./build.ts";
import type { Disk } from "./disk.ts";
import { opened, readFrom, readWhole, replaceWhole } from "./files.ts";
import { STAGING } from "./paths.ts";
import { textOf } from "./seeing.ts";

const FILE = `${STAGING}/build.json`;

/** Largest manifest that is read, in bytes: 100,000 files take 20 MB. */
const MANIFEST_LIMIT = 256 * 1024 * 1024;

/** Bytes that are read in one go at most. */
const READ_LIMIT = 64 * 1024 * 1024;

/** The builds of one workspace. */
export class Builds {
  readonly #disk: Disk;
  readonly #assets: string;
  #folder: string | undefined;

  /** Of the workspace whose `assets/` is at an absolute path. */
  constructor(disk: Disk, assets: string) {
    this.#disk = disk;
    this.#assets = assets;
  }

  /** Finds out where the latest build of an earlier run is. */
  async begin(): Promise<void> {
    const bytes = await readWhole(this.#disk, `${this.#assets}/${FILE}`, READ_LIMIT);
    try {
      const value: unknown = bytes === undefined ? undefined : JSON.parse(textOf(bytes));
      const isKnown = typeof value === "object" && value !== null && "folder" in value;
      if (isKnown && typeof value.folder === "string") this.#folder = value.folder;
    } catch {
      // Cut off by a crash of the system: it is forgotten.
    }
  }

  /** Remembers that one was written to `folder` (absolute). */
  async built(folder: string): Promise<void> {
    this.#folder = folder;
    await replaceWhole(this.#disk, `${this.#assets}/${FILE}`, JSON.stringify({ folder }) + "\n");
  }

  /** The latest build; null where there is none, or it is no longer where it was written. */
  async latest(): Promise<LatestBuild | null> {
    const folder = this.#folder;
    if (folder === undefined) return null;
    const archive = await this.#disk.look(`${folder}/${ARCHIVE}`).catch(() => undefined);
    const bytes = await readWhole(this.#disk, `${folder}/${MANIFEST}`, MANIFEST_LIMIT).catch(() => undefined);
    if (archive?.kind !== "file" || bytes === undefined) return null;
    const manifest = textOf(bytes);
    const generation = generationIn(manifest);
    if (generation === undefined) return null;
    return { folder, generation, manifest, size: archive.size, modified: Math.trunc(archive.mtime) };
  }

  /** Bytes of its archive. @throws {OmnifsError} `not-found` where there is none */
  async read(offset = 0, length = READ_LIMIT): Promise<Uint8Array> {
    const build = await this.latest();
    if (build === null) {
      throw new OmnifsError("not-found", "nothing was built yet", { mend: "omnifs packer build" });
    }
    const wanted = Math.max(0, Math.min(length, READ_LIMIT, build.size - offset));
    return await opened(this.#disk, `${build.folder}/${ARCHIVE}`, (file) => readFrom(file, offset, wanted));
  }
}

function generationIn(manifest: string): number | undefined {
  try {
    const value: Partial<BuildManifest> | null = JSON.parse(manifest);
    return typeof value?.generation === "number" ? value.generation : undefined;
  } catch {
    return undefined;
  }
}
