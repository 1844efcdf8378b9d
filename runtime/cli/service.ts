/**
 * What the commands about the service share: the unit of a mount, as the words of a command ask for it.
 *
 * @module
 */
import { sleep } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { findDaemons } from "../control/places.ts";
import { type Context, EXIT, type ExitCode } from "./command.ts";
import { consent } from "./consent.ts";
import { absolute } from "./daemons.ts";
import type { MountValues } from "./grants.ts";
import { lasting, readLaunch } from "./launches.ts";
import { parentResolved } from "./mount_point.ts";
import { omnifsMounts } from "./mount_table.ts";
import { selfCommand } from "./self.ts";
import { systemctl, unitDir, unitName, unitText } from "./systemd.ts";

/** Milliseconds that a service has to mount: omnifs itself gives each provider its time. */
const MOUNTED_WITHIN = 30_000;

/** Milliseconds between two looks. */
const PAUSE = 100;

/** A unit, and where it belongs. */
export interface Unit {
  /** The absolute directory that it mounts on. */
  readonly dir: string;
  /** Its name, as `systemctl` takes it. */
  readonly name: string;
  /** Its absolute path. */
  readonly path: string;
  /** What it says. */
  readonly text: string;
}

/** The unit that mounts as `context` and `values` say; what is granted on the terminal becomes a flag in it. */
export async function unitOf(context: Context, values: MountValues): Promise<Unit> {
  const [word = ""] = context.words;
  const dir = await parentResolved(absolute(word));
  if (values.join !== undefined) {
    throw new OmnifsError("unsupported", "a service has an omnifs of its own", { mend: "leave --join away" });
  }
  const granted = (await consent(context, values)).map((target) => `--allow-net=${target}`);
  const self = await selfCommand();
  const command = [
    self.program,
    ...self.words,
    "mount",
    "--foreground",
    ...granted,
    ...lasting(context.argv),
  ];
  return { dir, ...placeOf(context, dir), text: unitText({ dir, command, cwd: Deno.cwd() }) };
}

/**
 * Sees that nothing keeps a unit from mounting.
 *
 * @throws {OmnifsError} `conflict` where an omnifs is mounted there that it did not start
 */
export async function refuseStranger(context: Context, { name, dir }: Unit): Promise<void> {
  const { isSymlink } = await Deno.lstat(dir).catch(() => ({ isSymlink: false }));
  const place = isSymlink ? await Deno.realPath(dir).catch(() => dir) : dir;
  const daemon = (await findDaemons(context.environment)).find(({ dirs }) => dirs.includes(place));
  if (daemon === undefined || (await readLaunch(context.environment, daemon.name))?.unit === name) return;
  throw new OmnifsError("conflict", `an omnifs is mounted on ${dir} that the service did not start`, {
    path: dir,
    mend: `omnifs unmount ${dir}, then the same again`,
  });
}

/**
 * Waits until a unit that was started has mounted.
 *
 * @throws {OmnifsError} `unavailable` where it has failed, or takes too long
 */
export async function untilMounted(context: Context, { name, dir }: Unit): Promise<void> {
  const { clock, signal } = context;
  const deadline = clock.monotonic() + MOUNTED_WITHIN;
  for (;;) {
    if (await isMountedBy(context, name)) return;
    const { state } = await stateOf(name);
    if (state.startsWith("failed") || clock.monotonic() > deadline) {
      throw new OmnifsError("unavailable", `${name} is installed, and does not mount: it is ${state}`, {
        path: dir,
        mend: `journalctl --user -u '${name}' says why`,
      });
    }
    await sleep(clock, PAUSE, signal);
  }
}

/** True where the unit called `name` has started an omnifs that is mounted, wherever its directory leads. */
async function isMountedBy({ environment }: Context, name: string): Promise<boolean> {
  const mounts = await omnifsMounts();
  for (const daemon of await findDaemons(environment)) {
    const launch = await readLaunch(environment, daemon.name);
    if (launch?.unit === name && daemon.dirs.some((dir) => mounts.includes(dir))) return true;
  }
  return false;
}

/** Name and place of the unit for the mount at `dir`. */
export function placeOf({ environment }: Context, dir: string): Pick<Unit, "name" | "path"> {
  const name = unitName(dir);
  return { name, path: `${unitDir(environment)}/${name}` };
}

/** How one unit fares. */
export interface UnitState {
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** As `systemctl` has it, such as `active` and `running`; `unknown` where it does not tell. */
  readonly state: string;
  /** True where it is started at login. */
  readonly enabled: boolean;
}

/** Every unit of omnifs in this user's folder. */
export async function installedUnits({ environment }: Context): Promise<UnitState[]> {
  const dir = unitDir(environment);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) if (/^omnifs-.*\.service$/.test(name)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await Promise.all(names.sort().map(stateOf));
}

async function stateOf(name: string): Promise<UnitState> {
  const shown = await systemctl("show", "--property=Description,ActiveState,SubState,UnitFileState", name)
    .catch(() => "");
  const property = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(shown)?.[1];
  const state = property("ActiveState");
  return {
    name,
    description: property("Description") ?? "",
    state: state === undefined ? "unknown" : `${state} (${property("SubState") ?? ""})`,
    enabled: property("UnitFileState") === "enabled",
  };
}

/** How `omnifs service status` exits: as the least of the units fares. */
export function codeOf(units: readonly UnitState[]): ExitCode {
  return units.every(({ state }) => state.startsWith("active")) ? EXIT.done : EXIT.failed;
}
