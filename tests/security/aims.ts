/**
 * What threads aim at in tests of their walls, and how a refusal looks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { tempDir } from "../support/temp.ts";
import { type Aims, NETWORK, type Outcomes } from "./attempts.ts";

/**
 * Names of what a thread is told that may not; a missing name or module is as good as a refusal. Somebody does listen where
 * `node:net` of Deno 2.7 says ECONNREFUSED.
 */
const REFUSED =
  /: (NotCapable|PermissionDenied|EPERM|EACCES|ERR_ACCESS_DENIED|ERR_MODULE_NOT_FOUND|TypeError|ReferenceError|ECONNREFUSED)$/;

/** Runs `work` with aims that somebody who may do everything would hit; `reached` tells who was. */
export async function withAims(
  work: (aims: Aims, home: string, reached: () => string[]) => Promise<void>,
): Promise<void> {
  await using dir = await tempDir();
  const reached: string[] = [];
  const answer = (what: string) => () => {
    reached.push(what);
    return new Response("export {};", { headers: { "content-type": "text/javascript" } });
  };
  const socket = `${dir.path}/aim.sock`;
  const tcp = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer("tcp"));
  const unix = Deno.serve({ path: socket, onListen: () => {} }, answer("unix"));
  const file = `${dir.path}/file.js`;
  const newFile = `${dir.path}/new`;
  await Deno.writeTextFile(file, 'if (globalThis.name === "spawned") postMessage("here");');
  const aims = { port: tcp.addr.port, path: "", socket, file, newFile, program: ["touch", `${newFile}-too`] };
  try {
    await work(aims, dir.path, () => reached);
  } finally {
    await Promise.all([tcp.shutdown(), unix.shutdown()]);
  }
}

/** Asserts that each of the attempts `names` was refused. */
export function assertRefused(outcomes: Outcomes, names: readonly string[]): void {
  for (const name of names) assert.match(`${name}: ${outcomes[name]}`, REFUSED);
}

/** Whether there is anything at `path`. */
export async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** The attempts on the network that the main thread is refused by this version of Deno. */
export function reachOf(version: string): readonly string[] {
  // Deno 2.7 holds a Unix socket by the permissions of its file alone.
  return version.startsWith("2.7.") ? NETWORK.filter((name) => name !== "connectUnix") : NETWORK;
}
