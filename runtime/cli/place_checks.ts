/**
 * What a mount needs of this user's folders, of the mount point, and of other omnifs that run.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { ControlClient } from "../control/client.ts";
import {
  cacheDir,
  type Environment,
  findDaemons,
  runtimeDir,
  stateDir,
  trustSocket,
} from "../control/places.ts";
import type { Outcome } from "./checks.ts";
import { absolute, titleOf } from "./daemons.ts";
import { parentResolved, probe } from "./mount_point.ts";
import { mountInfo } from "./mount_table.ts";

/** Whether `word` can be mounted on. */
export async function mountPoint(word: string, clock: Clock): Promise<Outcome> {
  const dir = await parentResolved(absolute(word));
  const over = (await mountInfo()).findLast((mount) => mount.dir === dir);
  if (over?.isOmnifs) return await mounted(dir, clock);
  try {
    const info = await Deno.stat(dir);
    if (!info.isDirectory) {
      return { ok: false, found: `${dir} is not a directory`, mend: "choose another one" };
    }
    for await (const { name } of Deno.readDir(dir)) {
      return { ok: false, found: `${dir} holds ${name}`, mend: "choose an empty directory" };
    }
    return { ok: true, found: `${dir} is empty` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ok: true, found: `${dir} will be made` };
    return { ok: false, found: `${dir}: ${messageOf(error)}`, mend: "choose a directory of your own" };
  }
}

async function mounted(dir: string, clock: Clock): Promise<Outcome> {
  const how = await probe(dir, clock);
  const mends = {
    alive: `omnifs restart ${dir}, or omnifs unmount ${dir}`,
    dead: `omnifs mount ${dir}, which takes its place, or omnifs unmount --force ${dir}`,
    silent: `omnifs unmount --force ${dir}`,
  } as const;
  const found = { alive: "an omnifs is mounted on", dead: "a dead mount is on", silent: "a mount hangs on" };
  return { ok: false, found: `${found[how]} ${dir}`, mend: mends[how] };
}

/** Milliseconds that an omnifs that runs has to answer. */
const ANSWER_DEADLINE = 2_000;

/** Whether every omnifs that runs answers, and is of this version. */
export async function daemons(environment: Environment): Promise<Outcome> {
  const running = await findDaemons(environment);
  const troubled: { readonly found: string; readonly mend: string }[] = [];
  for (const daemon of running) {
    try {
      await new ControlClient(daemon.socketPath).status(AbortSignal.timeout(ANSWER_DEADLINE));
    } catch (error) {
      const isOther = error instanceof OmnifsError && error.kind === "unsupported";
      const title = titleOf(daemon);
      const mend = isOther ? `omnifs restart ${title}` : `omnifs unmount --force ${title}`;
      const why = isOther ? "is of another version" : "does not answer";
      troubled.push({ found: `the one on ${title} (pid ${daemon.pid}) ${why}`, mend });
    }
  }
  if (troubled.length === 0) return { ok: true, found: running.map(titleOf).join(", ") || "none runs" };
  const told = (key: "found" | "mend") => troubled.map((each) => each[key]).join("; ");
  return { ok: false, found: told("found"), mend: told("mend") };
}

/** Whether the control sockets are this user's alone. */
export async function sockets(environment: Environment): Promise<Outcome> {
  const dir = await runtimeDir(environment);
  const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name).catch(() => []);
  const strange: string[] = [];
  for (const name of names.filter((each) => each.endsWith(".sock"))) {
    await trustSocket(`${dir}/${name}`).catch((error) => strange.push(messageOf(error)));
  }
  if (strange.length === 0) return { ok: true, found: dir };
  return { ok: false, found: strange.join("; "), mend: `rm ${dir}/*.sock, and mount again` };
}

/** Folders below the state folder that hold what is nobody else's. */
const PRIVATE = ["credentials", "drafts", "launches", "logs"];

/** Whether the folders with credentials, drafts and logs are closed to others. */
export async function privacy(environment: Environment): Promise<Outcome> {
  const state = stateDir(environment);
  const open: string[] = [];
  for (const name of PRIVATE) {
    const info = await Deno.lstat(`${state}/${name}`).catch(() => undefined);
    if (info === undefined) continue;
    if (info.uid !== Deno.uid() || ((info.mode ?? 0) & 0o077) !== 0) open.push(`${state}/${name}`);
  }
  if (open.length === 0) return { ok: true, found: "closed to others" };
  const list = open.join(" ");
  return {
    ok: false,
    found: `others may enter ${list}`,
    mend: `chmod 700 ${list}; chown ${Deno.uid()} ${list}`,
  };
}

/** Whether what was transpiled is whole. What is not is transpiled again when it is wanted. */
export async function components(environment: Environment): Promise<Outcome> {
  const dir = `${cacheDir(environment)}/components`;
  const broken: string[] = [];
  let whole = 0;
  const entries = await Array.fromAsync(Deno.readDir(dir)).catch(() => []);
  for (const { name, isDirectory } of entries) {
    if (isDirectory && name.endsWith(".tmp")) continue;
    if (isDirectory && await isIndexed(`${dir}/${name}`)) whole++;
    else broken.push(name);
  }
  if (broken.length === 0) return { ok: true, found: `${whole} transpiled` };
  const mend = broken.map((name) => `rm -r ${dir}/${name}`).join("; ");
  return { ok: false, found: `broken, and made again when wanted: ${broken.join(", ")}`, mend };
}

/** True where each file that the index names is there. */
async function isIndexed(folder: string): Promise<boolean> {
  try {
    const { files }: { files?: Record<string, string> } = JSON.parse(
      await Deno.readTextFile(`${folder}/index.json`),
    );
    for (const file of Object.keys(files ?? {})) await Deno.stat(`${folder}/${file}`);
    return files !== undefined;
  } catch {
    return false;
  }
}
