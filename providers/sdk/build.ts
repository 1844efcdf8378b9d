/**
 * Builds providers: TypeScript → one script → a WebAssembly component with the QuickJS engine inside. What is up to
 * date by content is left alone.
 *
 * `deno run -A providers/sdk/build.ts [folder …]` builds the folders, or all of `providers/`, into `providers/dist/`.
 *
 * @module
 */
import { componentize } from "componentize-qjs";
import { bundled, type Script } from "./build_bundle.ts";
import { BuildError } from "./build_error.ts";
import { fromFileUrl, sha256, sourcesOf } from "./build_files.ts";
import { withGuide } from "./build_guide.ts";

const SDK = fromFileUrl(new URL(".", import.meta.url));
const PROVIDERS = fromFileUrl(new URL("..", import.meta.url));
const WIT = fromFileUrl(new URL("../../wit", import.meta.url));
const LOCK = new URL("../../package-lock.json", import.meta.url);

/** Where built components go. */
export const DIST: string = `${PROVIDERS}dist`;

/** Largest component that a build accepts, in bytes. */
export const COMPONENT_LIMIT = 2_500_000;

/** What mod.ts must export: without it the component builds, and fails with the first call. */
const REQUIRED = ["manifest", "provider"] as const;

/** What a build came to. */
export interface Built {
  /** The component's file. */
  readonly file: string;
  /** Its length in bytes. */
  readonly bytes: number;
  /** False where it was up to date already. */
  readonly fresh: boolean;
}

/**
 * Builds the provider in `folder` (entry `mod.ts`, its world in `provider.json`) into `outFile`.
 *
 * @throws {BuildError} where the folder is no provider, it does not compile, or the component is too large
 */
export async function buildProvider(folder: string, outFile: string): Promise<Built> {
  const plan = await planOf(folder);
  const stamp = await stampOf(folder);
  const stampFile = `${outFile}.stamp`;
  const before = await Deno.readTextFile(stampFile).catch(() => "");
  const existing = await Deno.stat(outFile).catch(() => undefined);
  if (existing !== undefined && before === stamp) {
    return { file: outFile, bytes: existing.size, fresh: false };
  }
  const component = await limitedComponent(folder, plan);
  await replaceFile(outFile, component);
  await Deno.writeTextFile(stampFile, stamp);
  return { file: outFile, bytes: component.length, fresh: true };
}

/**
 * The component of the provider in `folder`, built anew.
 *
 * @throws {BuildError} as {@linkcode buildProvider}
 */
export async function buildComponent(folder: string): Promise<Uint8Array> {
  return await limitedComponent(folder, await planOf(folder));
}

async function limitedComponent(folder: string, plan: Plan): Promise<Uint8Array> {
  const guide = await Deno.readFile(`${folder}/guide.md`).catch(() => undefined);
  const component = withGuide(await componentOf(folder, plan), guide);
  if (component.length <= COMPONENT_LIMIT) return component;
  throw new BuildError(
    `${folder}: the component has ${component.length} bytes, more than ${COMPONENT_LIMIT}`,
  );
}

/** What `provider.json` says. */
interface Plan {
  /** A world of `wit/world.wit`. */
  readonly world: string;
  /** True for `"optimize": "size"`: an engine half a megabyte smaller, and slower. */
  readonly small: boolean;
}

async function planOf(folder: string): Promise<Plan> {
  const text = await Deno.readTextFile(`${folder}/provider.json`).catch(() => {
    throw new BuildError(
      `${folder}: not a provider: provider.json names its world, such as {"world": "http-provider"}`,
    );
  });
  const told = parsedPlan(text, folder);
  if (typeof told === "object" && told !== null && "world" in told && typeof told.world === "string") {
    return { world: told.world, small: "optimize" in told && told.optimize === "size" };
  }
  throw new BuildError(`${folder}/provider.json: "world" must be a world of wit/world.wit`);
}

function parsedPlan(text: string, folder: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BuildError(`${folder}/provider.json: ${error instanceof Error ? error.message : error}`);
  }
}

/** A digest of everything that the component is made of. */
async function stampOf(folder: string): Promise<string> {
  const sources = [...await sourcesOf(folder), ...await sourcesOf(SDK, "template"), ...await sourcesOf(WIT)];
  const lock = await Deno.readFile(LOCK);
  return await sha256([...sources, lock]);
}

async function componentOf(folder: string, { world, small }: Plan): Promise<Uint8Array> {
  const entry = await Deno.realPath(`${folder}/mod.ts`).catch(() => {
    throw new BuildError(`${folder}: there is no mod.ts, which exports manifest and provider`);
  });
  const script = await bundled(entry);
  const missing = REQUIRED.filter((name) => !script.exports.includes(name));
  if (missing.length > 0) {
    throw new BuildError(`${entry}: it does not export ${missing.join(" and ")}`);
  }
  try {
    const { component } = await componentize({
      witPath: WIT,
      world,
      jsSource: script.code,
      jsPath: entry,
      sync: true,
      optSize: small,
      stubWasi: true,
    });
    return component;
  } catch (error) {
    throw new BuildError(reasonOf(error, script, folder));
  }
}

/** What went wrong when the module was run once, to become part of the component; with the author's own lines. */
function reasonOf(error: unknown, script: Script, folder: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/^World |world specifier/.test(message)) return `${folder}/provider.json: ${message}`;
  const [, missing] = /resolve JavaScript import "omnifs:provider\/([^"@]+)/.exec(message) ?? [];
  if (missing !== undefined) {
    return `${folder}: it imports ${missing}, which the world of provider.json does not have`;
  }
  const told = message.replace(/^: /, "").replace(/^(?:Failed to [^:]*: )+/, "");
  return told.replace(
    /\(?\/?[^\s(]*:(\d+):(\d+)\)?/g,
    (all, line, column) => script.origin(Number(line), Number(column)) ?? all,
  )
    .replace(/\s+/g, " ").trim();
}

async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  const temporary = `${file}.${crypto.randomUUID()}.tmp`;
  await Deno.writeFile(temporary, bytes);
  await Deno.rename(temporary, file);
}

/** The folders of `providers/` that hold a provider, in order. */
export async function providerFolders(): Promise<string[]> {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(PROVIDERS)) {
    if (!isDirectory || name === "sdk" || name === "dist") continue;
    if (await Deno.stat(`${PROVIDERS}${name}/provider.json`).catch(() => undefined)) {
      folders.push(PROVIDERS + name);
    }
  }
  return folders.sort();
}

if (import.meta.main) {
  const folders = Deno.args.length > 0 ? Deno.args : await providerFolders();
  for (const folder of folders) {
    const name = folder.replace(/\/+$/, "").split("/").at(-1) ?? folder;
    const { bytes, fresh } = await buildProvider(folder, `${DIST}/${name}.wasm`);
    console.log(`${name.padEnd(10)} ${fresh ? "built" : "up to date"}, ${(bytes / 1e6).toFixed(2)} MB`);
  }
}
