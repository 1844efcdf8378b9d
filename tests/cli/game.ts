/**
 * A workspace of assets to try the packer on.
 *
 * @module
 */
import { Workspace } from "../packer/workspace.ts";
import type { Place } from "./fixture.ts";

/** One with two assets and a file that belongs to the first, in the folder `game` of `here`. */
export async function game(here: Place): Promise<Workspace> {
  const folder = { path: `${here.dir}/game`, [Symbol.asyncDispose]: () => Promise.resolve() };
  await Deno.mkdir(folder.path);
  const workspace = await Workspace.in(folder, "hero", "button");
  await workspace.write("hero/run.png", "not really a picture\n");
  return workspace;
}
