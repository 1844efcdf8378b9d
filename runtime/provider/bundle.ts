/**
 * Makes the built components ready at build time: `providers/dist/NAME.wasm` becomes the folder
 * `providers/dist/NAME/`, with the manifest that it describes with default settings. What is up to date is left alone.
 *
 * `deno run -A runtime/provider/bundle.ts`
 *
 * @module
 */
import { Bus } from "../base/bus.ts";
import { systemClock } from "../base/clock.ts";
import { Log } from "../base/log.ts";
import type { Gate } from "../egress/callout.ts";
import { buildArtifact, isArtifactOf, readArtifact } from "./artifact.ts";
import { bundledFolder, MANIFEST_FILE } from "./bundled.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { Provider } from "./provider.ts";

/** What a component gets while it is described: nothing. */
const noGate: Gate = {
  admit: () => Promise.resolve(),
  send: () => Promise.resolve({ ok: false, failure: { tag: "timeout" } }),
};

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

async function describe(name: string, folder: string): Promise<Provider["manifest"]> {
  const artifact = await readArtifact(folder, DEFAULT_LIMITS.memoryPages);
  if (artifact === undefined) throw new Error(`${folder} does not hold what was just written`);
  const provider = await Provider.start({
    mount: name,
    artifact,
    gate: noGate,
    log: new Log(systemClock, (line) => console.error(line)),
    bus: new Bus(systemClock),
    clock: systemClock,
    limits: DEFAULT_LIMITS,
  }, {});
  provider.close();
  return provider.manifest;
}

if (import.meta.main) {
  for await (const { name: file } of Deno.readDir(bundledFolder())) {
    if (!file.endsWith(".wasm")) continue;
    const name = file.slice(0, -".wasm".length);
    console.log(`${name.padEnd(10)} ${await bundle(name) ? "made ready" : "up to date"}`);
  }
}
