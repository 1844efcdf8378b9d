/**
 * A component made ready to run, as a folder: the glue, the core modules with their limits written in, and an index
 * with a digest of each. A folder whose bytes do not agree with its index is built anew.
 *
 * @module
 */
import { dirname } from "node:path";
import { OmnifsError } from "../base/errors.ts";
import { withFolderLock } from "../base/file_lock.ts";
import { sha256 } from "./digest.ts";
import { instrument, memoryOf } from "./instrument.ts";
import { checkSections, readSections } from "./sections.ts";
import { type Glue, transpile } from "./transpiler.ts";

/** What decides how a component is transpiled: a change of any of them makes every kept folder stale. */
export const TOOLS = "jco-transpile 0.15.0, instrument 3, meter 1";

const INDEX = "index.json";
const SCRIPT = "glue.js";

/** What a guest's worker runs. */
export interface Code {
  /** The glue, as the body of a function that returns `instantiate`. Untrusted: only a guest's worker runs it. */
  readonly script: string;
  /** The compiled core modules, by the names under which the glue asks for them. */
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
}

/** What is known of a component without its code. */
export interface Interfaces {
  /** The full names of what the component imports. */
  readonly imports: readonly string[];
  /** The full names of what it exports. */
  readonly exports: readonly string[];
  /** What its author says to whoever reads its mount; undefined where that is nothing. Untrusted: anything may be in it. */
  readonly guide?: string;
}

/** A component that is ready to run. */
export type Artifact = Code & Interfaces;

/** One whose code is read and compiled when it is wanted. */
export interface LateArtifact extends Interfaces {
  /** Its code. Rejects where it cannot be read. */
  readonly code: () => Promise<Code>;
}

/** The index of a folder. */
interface Index {
  readonly tools: string;
  readonly memoryPages: number;
  readonly component: string;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly guide?: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What the store did. */
export interface ArtifactCounts {
  /** Folders that were used as they were. */
  hits: number;
  /** Components that were transpiled. */
  built: number;
}

/** Artifacts below one folder, each under the digest of what it was made of. */
export class ArtifactStore {
  readonly #folder: string;
  /** What it did. */
  readonly counts: ArtifactCounts = { hits: 0, built: 0 };

  /** Keeps artifacts below `folder`, which need not exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The artifact of `component`, from the folder where it is kept or built now.
   *
   * @throws {OmnifsError} `denied` for an import outside the contract, `invalid` for what is no provider
   */
  async of(component: Uint8Array, name: string, memoryPages: number): Promise<Artifact> {
    checkSections(readSections(component), name);
    const digest = await sha256(component);
    const folder = `${this.#folder}/${await sha256(`${digest} ${TOOLS} ${memoryPages}`)}`;
    const kept = await readArtifact(folder, memoryPages);
    if (kept !== undefined) {
      this.counts.hits++;
      return kept;
    }
    this.counts.built++;
    await buildArtifact(component, name, memoryPages, folder);
    const built = await readArtifact(folder, memoryPages);
    if (built === undefined) {
      throw new OmnifsError("internal", `${folder} does not hold what was just written`);
    }
    return built;
  }
}

/** True where `folder` is up to date for `component`. */
export async function isArtifactOf(
  folder: string,
  component: Uint8Array,
  memoryPages: number,
): Promise<boolean> {
  const index = await readIndex(folder).catch(() => undefined);
  return index?.tools === TOOLS && index.memoryPages === memoryPages &&
    index.component === await sha256(component);
}

/**
 * The artifact in `folder`; undefined where there is none, where it was made by other tools or with another limit, or
 * where its bytes are not those of its index. `ending` is what the names of its files, but for the index, have beyond
 * those in the index.
 */
export async function readArtifact(
  folder: string,
  memoryPages: number,
  ending = "",
): Promise<Artifact | undefined> {
  try {
    const index = await readIndex(folder);
    if (index.tools !== TOOLS || index.memoryPages !== memoryPages) return undefined;
    const files = await Promise.all(
      Object.entries(index.files).map(([name, digest]) => readFile(folder, name, digest, ending)),
    );
    const modules: Record<string, WebAssembly.Module> = {};
    let script = "";
    for (const { name, digest, bytes } of files) {
      if (name === SCRIPT) script = new TextDecoder().decode(bytes);
      else modules[name] = await compiled(digest, bytes);
    }
    return { script, modules, ...interfacesOf(index) };
  } catch {
    // Missing, cut short or scribbled over: all the same, it is built anew.
    return undefined;
  }
}

/** What the component in `folder` imports and exports; undefined where {@linkcode readArtifact} would not use the folder. */
export async function readInterfaces(folder: string, memoryPages: number): Promise<Interfaces | undefined> {
  const index = await readIndex(folder).catch(() => undefined);
  if (index?.tools !== TOOLS || index.memoryPages !== memoryPages) return undefined;
  return interfacesOf(index);
}

function interfacesOf({ imports, exports, guide }: Index): Interfaces {
  return { imports, exports, ...(guide === undefined ? {} : { guide }) };
}

async function readFile(
  folder: string,
  name: string,
  digest: string,
  ending: string,
): Promise<{ name: string; digest: string; bytes: Uint8Array<ArrayBuffer> }> {
  const bytes = await Deno.readFile(`${folder}/${name}${ending}`);
  if (await sha256(bytes) !== digest) throw new OmnifsError("internal", `${folder}/${name} was changed`);
  return { name, digest, bytes };
}

/**
 * Transpiles `component` and puts the artifact at `folder` by a rename, in place of what is there.
 *
 * @throws {OmnifsError} `invalid` where it cannot be transpiled or a core module cannot be limited
 */
export async function buildArtifact(
  component: Uint8Array,
  name: string,
  memoryPages: number,
  folder: string,
): Promise<void> {
  const sections = readSections(component);
  checkSections(sections, name);
  const files = limited(await transpile(component, name), memoryPages);
  const digests = await Promise.all(
    [...files].map(async ([file, bytes]) => [file, await sha256(bytes)] as const),
  );
  const index: Index = {
    tools: TOOLS,
    memoryPages,
    component: await sha256(component),
    ...sections,
    files: Object.fromEntries(digests),
  };
  files.set(INDEX, new TextEncoder().encode(JSON.stringify(index, null, 2)));
  const isThere = async () =>
    await isArtifactOf(folder, component, memoryPages) &&
    await readArtifact(folder, memoryPages) !== undefined;
  await replaceFolder(folder, files, isThere);
}

/** Most core modules of a component: each may have tables and a memory. */
const MOST_MODULES = 64;

/** Pages of every memory but the first: what an adapter beside the program needs. */
const SIDE_PAGES = 64;

/** Every file of the artifact, the core modules with their limits written in. */
function limited(glue: Glue, memoryPages: number): Map<string, Uint8Array<ArrayBuffer>> {
  if (glue.modules.size > MOST_MODULES) {
    throw new OmnifsError(
      "invalid",
      `it has ${glue.modules.size} core modules; ${MOST_MODULES} are admitted`,
    );
  }
  const files = new Map([[SCRIPT, new TextEncoder().encode(glue.script)]]);
  const pages = allotted(glue, memoryPages);
  for (const [file, bytes] of glue.modules) {
    files.set(file, instrument(new Uint8Array(bytes), pages.get(file) ?? 0));
  }
  return files;
}

/** The pages of each module's memory, `memoryPages` in all: most of them for that which begins with most. */
function allotted(glue: Glue, memoryPages: number): Map<string, number> {
  const wanted = [...glue.modules].flatMap(([file, bytes]) => {
    const least = memoryOf(bytes);
    return least === undefined ? [] : [{ file, least }];
  }).sort((a, b) => b.least - a.least);
  const side = Math.min(SIDE_PAGES, Math.floor(memoryPages / (2 * Math.max(1, wanted.length))));
  const main = memoryPages - side * (wanted.length - 1);
  return new Map(wanted.map(({ file }, index) => [file, index === 0 ? main : side]));
}

/** Puts `files` at `folder`, unless whoever built the same meanwhile put it there: that one may be read already. */
async function replaceFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const temporary = `${folder}.${crypto.randomUUID()}.tmp`;
  await Deno.mkdir(temporary, { recursive: true });
  for (const [file, bytes] of files) await Deno.writeFile(`${temporary}/${file}`, bytes);
  await withFolderLock(dirname(folder), async () => {
    if (await isThere()) return await Deno.remove(temporary, { recursive: true });
    await Deno.remove(folder, { recursive: true }).catch(ignoreMissing);
    await Deno.rename(temporary, folder);
  });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function readIndex(folder: string): Promise<Index> {
  return JSON.parse(await Deno.readTextFile(`${folder}/${INDEX}`));
}

/** Compiled core modules by digest: the QuickJS engine is compiled once, however many providers hold it. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

function compiled(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const known = modules.get(digest);
  if (known !== undefined) return known;
  const module = WebAssembly.compile(bytes);
  modules.set(digest, module);
  module.catch(() => modules.delete(digest));
  return module;
}
