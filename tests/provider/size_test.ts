/**
 * What each bundled component weighs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DIST, providerFolders } from "../../providers/sdk/build.ts";
import { ensureBuilt } from "../support/build.ts";

/** Most bytes of a component that is bundled. */
const LIMIT = 2_000_000;

Deno.test("every bundled component is under 2 MB", async () => {
  await ensureBuilt();
  const names = (await providerFolders()).map((folder) => folder.slice(folder.lastIndexOf("/") + 1));
  assert(names.length >= 6, names.join(" "));
  for (const name of names) {
    const { size } = await Deno.stat(`${DIST}/${name}.wasm`);
    assert(size < LIMIT, `${name}: ${size} bytes`);
  }
});
