/**
 * Makes the built components ready at build time: `providers/dist/NAME.wasm` becomes the folder
 * `providers/dist/NAME/`, with the manifest that it describes with default settings. What is up to date is left alone.
 *
 * `deno run -A runtime/provider/bundle.ts`
 *
 * @module
 */
import type { Manifest } from "./answers.ts";
import { buildArtifact, isArtifactOf, readArtifact } from "./artifact.ts";
import { bundledFolder, MANIFEST_FILE } from "./bundled.ts";
import { manifestOf } from "./inspect.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

/** Makes one component ready; false where it was already. */
export async function bundle(name: string): Promise<boolean> {
  const folder = `${bundledFolder()}/${name}`;
  const component = await Deno.readFile(`${folder}.wasm`);
  const { memoryPages } = DEFAULT_LIMITS;
  const manifest = await Deno.stat(`${folder}/${MANIFEST_FILE}`).catch(() => undefined);
  if (manifest !== undefined && await isArtifactOf(folder, component, memoryPages)) return false;
  await buildArtifact(component, name, memoryPages, folder);
  await Deno.writeTextFile(
    `${folder}/${MANIFEST_FILE}`,
    JSON.stringify(await describe(name, folder), null, 2),
  );
  return true;
}

async function describe(name: string, folder: string): Promise<Manifest> {
  const artifact = await readArtifact(folder, DEFAULT_LIMITS.memoryPages);
  if (artifact === undefined) throw new Error(`${folder} does not hold what was just written`);
  return await manifestOf(name, artifact, {});
}

if (import.meta.main) {
  for await (const { name: file } of Deno.readDir(bundledFolder())) {
    if (!file.endsWith(".wasm")) continue;
    const name = file.slice(0, -".wasm".length);
    console.log(`${name.padEnd(10)} ${await bundle(name) ? "made ready" : "up to date"}`);
  }
}
