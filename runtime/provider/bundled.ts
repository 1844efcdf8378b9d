/**
 * The providers that come with omnifs: `providers/dist/NAME.wasm`, made ready at build time in `providers/dist/NAME/`.
 *
 * @module
 */
import type { Manifest } from "./answers.ts";
import {
  type Artifact,
  type ArtifactStore,
  type LateArtifact,
  readArtifact,
  readInterfaces,
} from "./artifact.ts";
import { OmnifsError } from "../base/errors.ts";
import { meant } from "../base/nearest.ts";

/** Where they are. */
const DIST = new URL("../../providers/dist/", import.meta.url);

/** The file beside an artifact that tells its provider's manifest with default settings. */
export const MANIFEST_FILE = "manifest.json";

/**
 * What the names of an artifact's files end in beside their own ending: `deno compile` would take a `.wasm` or a `.js`
 * that it embeds for a module of the program.
 */
const ENDING = Deno.build.standalone ? ".bin" : "";

/** The folder of everything that is bundled. */
export function bundledFolder(): string {
  return decodeURIComponent(DIST.pathname).replace(/\/$/, "");
}

/** Every bundled provider's name and manifest, in the order of names; nothing is instantiated. */
export async function bundledProviders(): Promise<ReadonlyMap<string, Manifest>> {
  const manifests: [string, Manifest][] = [];
  for await (const { name, isDirectory } of entriesOf(DIST)) {
    if (!isDirectory) continue;
    const text = await Deno.readTextFile(new URL(`${name}/${MANIFEST_FILE}`, DIST)).catch(() => undefined);
    if (text !== undefined) manifests.push([name, JSON.parse(text)]);
  }
  return new Map(manifests.sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * The artifact of the bundled provider `name`; where what was built is stale, it is made anew through `store`.
 *
 * @throws {OmnifsError} `not-found` where there is no such provider
 */
export async function bundledArtifact(
  name: string,
  store: ArtifactStore,
  memoryPages: number,
): Promise<Artifact> {
  const kept = await readArtifact(`${bundledFolder()}/${name}`, memoryPages, ENDING);
  if (kept !== undefined) return kept;
  const component = await Deno.readFile(`${bundledFolder()}/${name}.wasm`).catch(() => undefined);
  if (component !== undefined) return await store.of(component, name, memoryPages);
  const names = [...(await bundledProviders()).keys()];
  throw new OmnifsError("not-found", `there is no bundled provider ${name}${meant(name, names)}`, {
    mend: names.length > 0 ? `there are: ${names.join(", ")}` : "run `deno task build:providers`",
  });
}

/** A provider as it was described when it was built, with default settings. */
export interface Described {
  /** What it said of itself. */
  readonly manifest: Manifest;
  /** Its component, which nobody has read yet. */
  readonly artifact: LateArtifact;
}

/** The bundled provider `name`, without running it; undefined where it has to be made anew first. */
export async function bundledDescribed(
  name: string,
  store: ArtifactStore,
  memoryPages: number,
): Promise<Described | undefined> {
  const folder = `${bundledFolder()}/${name}`;
  const interfaces = await readInterfaces(folder, memoryPages);
  const manifest = await Deno.readTextFile(`${folder}/${MANIFEST_FILE}`).catch(() => undefined);
  if (interfaces === undefined || manifest === undefined) return undefined;
  let read: Promise<Artifact> | undefined;
  const code = () =>
    read ??= bundledArtifact(name, store, memoryPages).catch((error) => {
      // What could not be read now may be there for the next call.
      read = undefined;
      throw error;
    });
  return { manifest: JSON.parse(manifest), artifact: { ...interfaces, code } };
}

async function* entriesOf(folder: URL): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
