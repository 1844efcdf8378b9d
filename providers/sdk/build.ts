/**
 * Builds providers: TypeScript → one script → a WebAssembly component with the QuickJS engine inside. What is up to
 * date by content is left alone.
 *
 * `deno run -A providers/sdk/build.ts [folder …]` builds the folders, or all of `providers/`, into `providers/dist/`.
 *
 * @module
 */
import { componentize } from "componentize-qjs";
import { rolldown } from "rolldown";
import { fromFileUrl, sha256, sourcesOf } from "./build_files.ts";

const SDK = fromFileUrl(new URL(".", import.meta.url));
const PROVIDERS = fromFileUrl(new URL("..", import.meta.url));
const WIT = fromFileUrl(new URL("../../wit", import.meta.url));
const LOCK = new URL("../../package-lock.json", import.meta.url);

/** Where built components go. */
export const DIST: string = `${PROVIDERS}dist`;

/** Largest component that a build accepts, in bytes. */
export const COMPONENT_LIMIT = 2_500_000;

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
 * @throws {Error} where the folder is no provider, it does not compile, or the component is too large
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
  const component = await componentOf(`${folder}/mod.ts`, plan);
  if (component.length > COMPONENT_LIMIT) {
    throw new Error(`${folder}: the component has ${component.length} bytes, more than ${COMPONENT_LIMIT}`);
  }
  await replaceFile(outFile, component);
  await Deno.writeTextFile(stampFile, stamp);
  return { file: outFile, bytes: component.length, fresh: true };
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
    throw new Error(
      `${folder}: not a provider: provider.json names its world, such as {"world": "http-provider"}`,
    );
  });
  const told: unknown = JSON.parse(text);
  if (typeof told === "object" && told !== null && "world" in told && typeof told.world === "string") {
    return { world: told.world, small: "optimize" in told && told.optimize === "size" };
  }
  throw new Error(`${folder}/provider.json: "world" must be a world of wit/world.wit`);
}

/** A digest of everything that the component is made of. */
async function stampOf(folder: string): Promise<string> {
  const sources = [...await sourcesOf(folder), ...await sourcesOf(SDK), ...await sourcesOf(WIT)];
  const lock = await Deno.readFile(LOCK);
  return await sha256([...sources, lock]);
}

async function componentOf(entry: string, { world, small }: Plan): Promise<Uint8Array> {
  const { component } = await componentize({
    witPath: WIT,
    world,
    jsSource: await bundled(entry),
    jsPath: await Deno.realPath(entry),
    sync: true,
    optSize: small,
    stubWasi: true,
  });
  return component;
}

/** `entry` and all that it imports as one script; the host's interfaces stay imports. */
async function bundled(entry: string): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: "neutral",
    // A neutral platform knows `exports` alone; a package without it names its entry in `main`.
    resolve: { mainFields: ["module", "main"] },
    external: [/^omnifs:/],
  });
  try {
    // The source travels in the component. Names stay, so that a stack in an error can be read.
    const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
    const { output } = await bundle.generate({ format: "es", minify });
    return output[0].code;
  } finally {
    await bundle.close();
  }
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
