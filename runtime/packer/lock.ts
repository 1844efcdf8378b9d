/**
 * One process writes to a workspace: an advisory lock (`flock`) that names its holder, and that the system takes
 * back when the holder dies.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { assetsOf } from "./opening.ts";
import { STAGING } from "./paths.ts";

/** Who holds a workspace. */
export interface Holder {
  /** Its process id. */
  readonly pid: number;
  /** What it calls itself, such as `omnifs mount /mnt/omnifs`. */
  readonly program: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** A workspace that nobody else writes to. */
export interface Held {
  /** Lets go of it. */
  release(): Promise<void>;
}

/** The lock file, relative to `assets/`. */
const LOCK = `${STAGING}/lock`;

/**
 * Holds the workspace whose `assets` (absolute) has its staging folder.
 *
 * @throws {OmnifsError} `busy` with the name of whoever holds it
 */
export async function hold(assets: string, holder: Holder): Promise<Held> {
  const path = `${assets}/${LOCK}`;
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  try {
    if (!await file.tryLock(true)) throw heldBy(assets, await readHolder(path));
    await file.truncate();
    await file.write(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    async release() {
      await file.truncate();
      file.close();
    },
  };
}

/**
 * Who holds the workspace at the absolute path `workspace` now; undefined where nobody does, or it cannot be told.
 *
 * @throws {OmnifsError} `invalid` where it is none
 */
export async function holderOf(workspace: string): Promise<Holder | undefined> {
  const path = `${await assetsOf(workspace)}/${LOCK}`;
  try {
    using file = await Deno.open(path, { read: true });
    if (!await file.tryLock(false)) return await readHolder(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await Deno.readTextFile(path));
    return isHolder(value) ? value : undefined;
  } catch {
    // It has just been taken, or has just been let go of.
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null && "pid" in value && typeof value.pid === "number" &&
    "program" in value && typeof value.program === "string" && "since" in value &&
    typeof value.since === "number";
}

function heldBy(assets: string, holder: Holder | undefined): OmnifsError {
  const who = holder === undefined ? "another process" : `${holder.program} (pid ${holder.pid})`;
  return new OmnifsError("busy", `the workspace is held by ${who}`, {
    op: "open",
    path: assets,
    mend: holder === undefined ? "try again" : `ask there, or end it: kill ${holder.pid}`,
  });
}
