/**
 * Gets the Debian packages that tests want, where that can be done without asking anybody.
 *
 * @module
 */
import type { Tool } from "./lanes.ts";
import { has, run, sh } from "./support/command.ts";

/** How long `apt-get` may take, in milliseconds. */
const APT_DEADLINE = 10 * 60_000;

/** The tools that are not here, after trying to install them; says on standard error what it does and why not. */
export async function ensureTools(tools: readonly Tool[]): Promise<Tool[]> {
  const missing = await missingOf(tools);
  if (missing.length === 0) return [];
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  const obstacle = await whyNotApt();
  if (obstacle !== undefined) {
    console.error(`tests: not installing ${packages.join(" ")}: ${obstacle}`);
    return missing;
  }
  console.error(`tests: installing ${packages.join(" ")} …`);
  await install(packages);
  return await missingOf(missing);
}

async function missingOf(tools: readonly Tool[]): Promise<Tool[]> {
  const there = await Promise.all(tools.map(({ program }) => isThere(program)));
  return tools.filter((_, index) => !there[index]);
}

function isThere(program: string): Promise<boolean> {
  return program.startsWith("/") ? Deno.stat(program).then(() => true, () => false) : has(program);
}

async function whyNotApt(): Promise<string | undefined> {
  if (!await has("apt-get")) return "there is no apt-get here";
  return Deno.uid() === 0 ? undefined : "that takes root; run `sudo apt-get install` with them by hand";
}

async function install(packages: readonly string[]): Promise<void> {
  const options = { deadline: APT_DEADLINE, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const command = `apt-get install -y -q --no-install-recommends ${packages.join(" ")}`;
  // The lists may be there and fresh enough; fetching them takes longer than most installations.
  let ran = await sh(command, options);
  if (ran.code !== 0) {
    await run("apt-get", ["update", "-q"], options);
    ran = await sh(command, options);
  }
  if (ran.code !== 0) console.error(`tests: apt-get failed: ${ran.stderr.trim().split("\n").at(-1) ?? ""}`);
}
