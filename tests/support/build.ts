/**
 * Components that tests need, built where their sources have changed since.
 *
 * @module
 */
import { buildProvider, DIST, providerFolders } from "../../providers/sdk/build.ts";
import { bundle } from "../../runtime/provider/bundle.ts";

/** Where components of tests go: beside the bundled ones, and not among them. */
const TEST_DIST = `${DIST}/tests`;

/** The folder of transpiled components that tests share. */
export const TEST_CACHE = `${TEST_DIST}/cache`;

let bundled: Promise<void> | undefined;

/** Builds every provider of `providers/` and makes it ready, once a process. */
export function ensureBuilt(): Promise<void> {
  bundled ??= buildAll();
  return bundled;
}

async function buildAll(): Promise<void> {
  for (const folder of await providerFolders()) {
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    await buildProvider(folder, `${DIST}/${name}.wasm`);
    await bundle(name);
  }
}

/** The component of the provider in `folder`, which lies anywhere; its file. */
export async function builtComponent(folder: string): Promise<string> {
  const name = folder.replace(/\/$/, "").split("/").at(-1);
  return (await buildProvider(folder, `${TEST_DIST}/${name}.wasm`)).file;
}
