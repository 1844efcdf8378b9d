/**
 * What a mount needs from this machine: each thing, found or not, with the command that mends it.
 *
 * @module
 */
import { type Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import {
  cacheDir,
  configPath,
  ensurePrivateDir,
  type Environment,
  findDaemons,
  runtimeDir,
  stateDir,
} from "../control/places.ts";
import { start } from "./foreground.ts";
import { daemonOptions, type GrantValues, joined } from "./grants.ts";
import type { Context } from "./command.ts";
import { probe } from "./mount_point.ts";
import { clockOf, helpers, inotify, kernel, keyring, programPath, room } from "./machine_checks.ts";
import { omnifsMounts } from "./mount_table.ts";
import { components, daemons, mountPoint, privacy, sockets } from "./place_checks.ts";
import { grantsPath, readRemembered } from "./remembered.ts";

/** What one check came to. */
export interface Check {
  /** What was looked for. */
  readonly name: string;
  /** True where it is as it should be. */
  readonly ok: boolean;
  /** True where nothing can be mounted without it. */
  readonly essential: boolean;
  /** What was found. */
  readonly found: string;
  /** What to run or change, where it is not as it should be. */
  readonly mend?: string;
}

/** What one look found. */
export type Outcome = Omit<Check, "name" | "essential">;

/** What is looked at. */
export interface CheckValues extends GrantValues {
  /** True where other users are to enter the mount. */
  readonly allowOther: boolean;
}

/** Every check, in an order in which each builds on those before; `dir` is where a mount is to be. */
export async function checks(
  context: Context,
  values: CheckValues,
  dir: string | undefined,
): Promise<Check[]> {
  const { environment, clock } = context;
  const [state, cache] = [stateDir(environment), cacheDir(environment)];
  const commands = values.credential.flatMap(({ command }) => command === undefined ? [] : [command]);
  const results = [
    await check("configuration", true, () => Promise.resolve(configuration(context))),
    await check("kernel", true, kernel),
    await check("kernel device", true, device),
    await check("right to mount", true, rightToMount),
    ...(values.allowOther ? [await check("allow_other", true, allowOther)] : []),
    ...(dir === undefined ? [] : [await check("mount point", true, () => mountPoint(dir, clock))]),
    await check("runtime folder", true, () => privateDir(environment)),
    await check("control sockets", false, () => sockets(environment)),
    await check("running", false, () => daemons(environment)),
    await check("state folder", true, () => writable(state, "XDG_STATE_HOME")),
    await check("private folders", false, () => privacy(environment)),
    await check("cache folder", true, () => writable(cache, "XDG_CACHE_HOME")),
    await check("provider cache", false, () => components(environment)),
    await check("room for state", false, () => room(state)),
    await check("room for cache", false, () => room(cache)),
    await check("clock", false, () => clockOf(clock, [Deno.execPath(), `${state}/logs`, `${state}/drafts`])),
    await check("inotify limits", false, inotify),
    await check("keyring", false, keyring),
    await check("credential helpers", false, () => helpers(commands)),
    await check("remembered grants", false, () => remembered(environment)),
    await check("dead mounts", false, () => deadMounts(environment, clock)),
  ];
  return [...results, ...await providers(context, values)];
}

/** What the configuration file and the environment say, and from where. */
function configuration({ configFault, origins, environment }: Context): Outcome {
  if (configFault !== undefined) {
    const { message, mend = `edit ${configPath(environment)}` } = configFault;
    return { ok: false, found: message, mend };
  }
  const places = new Set(origins.map(({ from }) => from.replace(/(:\d+)+$/, "")));
  return { ok: true, found: [...places].join(", ") || `nothing; it would be ${configPath(environment)}` };
}

async function check(name: string, essential: boolean, look: () => Promise<Outcome>): Promise<Check> {
  try {
    return { name, essential, ...await look() };
  } catch (error) {
    return { name, essential, ok: false, found: messageOf(error) };
  }
}

async function device(): Promise<Outcome> {
  try {
    const file = await Deno.open("/dev/fuse", { read: true, write: true });
    file.close();
    return { ok: true, found: "/dev/fuse can be opened" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const mend = "modprobe fuse; in a container: docker run --device /dev/fuse --cap-add SYS_ADMIN";
      return { ok: false, found: "/dev/fuse does not exist", mend };
    }
    // fusermount3 opens it with the rights of root.
    if (await fusermount() !== undefined) return { ok: true, found: "/dev/fuse, through fusermount3" };
    return { ok: false, found: `/dev/fuse: ${messageOf(error)}`, mend: "chmod 666 /dev/fuse, as root" };
  }
}

async function rightToMount(): Promise<Outcome> {
  const program = await fusermount();
  if (Deno.uid() === 0 && await mayAdminister()) return { ok: true, found: "root" };
  if (program !== undefined && await maySetUser(program)) return { ok: true, found: program };
  if (program !== undefined) {
    return {
      ok: false,
      found: `${program} is not setuid root`,
      mend: `chown root ${program}; chmod u+s ${program}`,
    };
  }
  const found = Deno.uid() === 0 ? "root without CAP_SYS_ADMIN, and no fusermount3" : "no fusermount3";
  return { ok: false, found, mend: "apt-get install fuse3; in a container: docker run --cap-add SYS_ADMIN" };
}

/** Without root it mounts only as a setuid program; `S_ISUID` of `stat.h` is 04000. */
async function maySetUser(program: string): Promise<boolean> {
  if (Deno.uid() === 0) return true;
  const { mode, uid } = await Deno.stat(program);
  return uid === 0 && ((mode ?? 0) & 0o4000) !== 0;
}

/** CAP_SYS_ADMIN is bit 21 of `linux/capability.h`. */
async function mayAdminister(): Promise<boolean> {
  const status = await Deno.readTextFile("/proc/self/status");
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${effective}`) >> 21n & 1n) === 1n;
}

const fusermount = () => programPath("fusermount3");

async function allowOther(): Promise<Outcome> {
  if (Deno.uid() === 0) return { ok: true, found: "root may" };
  const file = await Deno.readTextFile("/etc/fuse.conf").catch(() => "");
  if (/^\s*user_allow_other\b/m.test(file)) return { ok: true, found: "user_allow_other in /etc/fuse.conf" };
  const mend = "echo user_allow_other >> /etc/fuse.conf, as root";
  return { ok: false, found: "no user_allow_other in /etc/fuse.conf", mend };
}

async function privateDir(environment: Environment): Promise<Outcome> {
  const dir = await runtimeDir(environment);
  try {
    await ensurePrivateDir(dir);
    return { ok: true, found: dir };
  } catch (error) {
    return { ok: false, found: messageOf(error), mend: `chmod 700 ${dir}, or set OMNIFS_RUNTIME_DIR` };
  }
}

async function writable(dir: string, variable: string): Promise<Outcome> {
  try {
    await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
    await Deno.remove(await Deno.makeTempFile({ dir, prefix: ".doctor-" }));
    return { ok: true, found: dir };
  } catch (error) {
    return {
      ok: false,
      found: `${dir}: ${messageOf(error)}`,
      mend: `set ${variable} to a folder that you can write`,
    };
  }
}

async function remembered(environment: Environment): Promise<Outcome> {
  const mend = `rm ${grantsPath(environment)}`;
  try {
    const targets = (await readRemembered(environment)).map(({ target }) => target);
    return { ok: true, found: targets.join(", ") || "none" };
  } catch (error) {
    return { ok: false, found: `${grantsPath(environment)}: ${messageOf(error)}`, mend };
  }
}

async function deadMounts(environment: Environment, clock: Clock): Promise<Outcome> {
  const served = new Set((await findDaemons(environment)).flatMap(({ dirs }) => dirs));
  const dead: string[] = [];
  for (const dir of await omnifsMounts()) {
    if (!served.has(dir) && await probe(dir, clock) !== "alive") dead.push(dir);
  }
  if (dead.length === 0) return { ok: true, found: "none" };
  return {
    ok: false,
    found: dead.join(", "),
    mend: dead.map((dir) => `omnifs unmount --force ${dir}`).join("; "),
  };
}

/** Starts every provider, as a mount would, and tells how each fares. */
async function providers(context: Context, values: GrantValues): Promise<Check[]> {
  try {
    const daemon = await start({ ...daemonOptions(values, context), logSink: () => {} });
    try {
      const list = daemon.backend.status().providers.map(({ mount, version, state, needs, lastError }) => {
        const flags = joined(needs.filter(({ granted }) => !granted).map(({ flag }) => flag));
        const found = { ready: `${version}, ready`, withheld: `${version}, withheld until it is granted` };
        return {
          name: `provider ${mount}`,
          essential: false,
          ok: state !== "failed",
          found: state === "failed" ? lastError ?? "failed" : found[state],
          ...(state === "withheld" ? { mend: `omnifs mount DIR ${flags}` } : {}),
        };
      });
      const none = { name: "providers", essential: true, ok: false, found: "none is built", mend: BUILD };
      return list.length > 0 ? list : [none];
    } finally {
      await daemon.close();
    }
  } catch (error) {
    return [{ name: "providers", essential: true, ok: false, found: messageOf(error), mend: BUILD }];
  }
}

const BUILD = "deno task build:providers";
