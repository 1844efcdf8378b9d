/**
 * Makes builds, one or more at a time, and remembers where the latest one was written, from run to run.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { BuildDocument, BuildManifest, LatestBuild } from "../base/packer.ts";
import { ARCHIVE, build, MANIFEST } from "./build.ts";
import type { Disk } from "./disk.ts";
import { opened, readFrom, readWhole, replaceWhole } from "./files.ts";
import { STAGING } from "./paths.ts";
import type { Reader } from "./readers.ts";
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
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();
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

  /** Builds the generation of `reader` into `folder` (absolute), and remembers that. */
  async make(reader: Reader, folder: string): Promise<BuildDocument> {
    const making = this.#make(reader, folder);
    this.#underWay.add(making);
    try {
      return await making;
    } finally {
      this.#underWay.delete(making);
    }
  }

  /** Ends what is under way; resolves once nothing of it is left. */
  async close(): Promise<void> {
    this.#ending.abort(new OmnifsError("interrupted", "the workspace was let go of", { op: "build" }));
    await Promise.allSettled(this.#underWay);
  }

  async #make(reader: Reader, folder: string): Promise<BuildDocument> {
    const built = await build(this.#disk, reader, folder, this.#ending.signal);
    this.#folder = folder;
    await replaceWhole(this.#disk, `${this.#assets}/${FILE}`, JSON.stringify({ folder }) + "\n");
    return built;
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
