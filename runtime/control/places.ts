/**
 * Where omnifs keeps what outlives a command: control sockets, logs, transpiled components. And which daemons
 * are there.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";

/** Reads the environment. */
export type Environment = (name: string) => string | undefined;

/** Longest path of a Unix socket in bytes: `sun_path` of `linux/un.h` holds 108 with the closing NUL. */
export const SOCKET_PATH_MAX = 107;

/** What a daemon leaves beside its socket, so that others find it. */
export interface DaemonRecord {
  /** Its process id. */
  readonly pid: number;
  /** Its absolute mount point, the first of several; null where it serves the tree without the kernel. */
  readonly dir: string | null;
  /** All of its mount points. */
  readonly dirs: readonly string[];
  /** What it is called where it has no mount point, such as `demo`; otherwise the hash of `dir`. */
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
}

/** A daemon that answers. */
export interface FoundDaemon extends DaemonRecord {
  /** Its control socket. */
  readonly socketPath: string;
}

/**
 * The folder for sockets: `$OMNIFS_RUNTIME_DIR`, or `omnifs` in `$XDG_RUNTIME_DIR` or `/run/user/UID`, or
 * `omnifs-UID` in the folder for temporary files.
 */
export async function runtimeDir(environment: Environment): Promise<string> {
  const own = environment("OMNIFS_RUNTIME_DIR");
  if (own) return own;
  const session = environment("XDG_RUNTIME_DIR");
  if (session) return `${session}/omnifs`;
  const uid = Deno.uid() ?? 0;
  if (await isDirectory(`/run/user/${uid}`)) return `/run/user/${uid}/omnifs`;
  return `${environment("TMPDIR") || "/tmp"}/omnifs-${uid}`;
}

/** The folder for logs and other state: `omnifs` in `$XDG_STATE_HOME` or `~/.local/state`. */
export function stateDir(environment: Environment): string {
  return `${environment("XDG_STATE_HOME") || `${home(environment)}/.local/state`}/omnifs`;
}

/** The folder of the credential store. */
export function credentialDir(environment: Environment): string {
  return `${stateDir(environment)}/credentials`;
}

/** The folder in which the drafts of every mount point are kept. */
export function draftDir(environment: Environment): string {
  return `${stateDir(environment)}/drafts`;
}

/** The folder for what can be made again: `omnifs` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheDir(environment: Environment): string {
  return `${environment("XDG_CACHE_HOME") || `${home(environment)}/.cache`}/omnifs`;
}

/** The configuration file where none is named: `omnifs/config.toml` in `$XDG_CONFIG_HOME` or `~/.config`. */
export function configPath(environment: Environment): string {
  return `${environment("XDG_CONFIG_HOME") || `${home(environment)}/.config`}/omnifs/config.toml`;
}

/** The name of the daemon that mounts on the absolute path `dir`: 16 hexadecimal digits. */
export async function nameOfDir(dir: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(dir)));
  return [...hash.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The control socket of the daemon called `name`.
 *
 * @throws {OmnifsError} `invalid` where the path is longer than a socket's may be
 */
export async function socketPathOf(name: string, environment: Environment): Promise<string> {
  const path = `${await runtimeDir(environment)}/${name}.sock`;
  if (new TextEncoder().encode(path).length <= SOCKET_PATH_MAX) return path;
  throw new OmnifsError("invalid", `the control socket cannot be made: its path is too long`, {
    path,
    mend: "set OMNIFS_RUNTIME_DIR to a shorter path",
  });
}

/** The log of the daemon called `name`. */
export function logPathOf(name: string, environment: Environment): string {
  return `${stateDir(environment)}/logs/${name}.log`;
}

/**
 * Makes `dir` a folder that only this user can enter, or sees that it is one.
 *
 * @throws {OmnifsError} `denied` where somebody else could reach into it
 */
export async function ensurePrivateDir(dir: string): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  await refuseSharedDir(dir);
}

/**
 * Sees that the control socket at `path` and its folder belong to this user and are open to nobody else, so that
 * whoever listens there is this user, or root. Where nothing is there, there is nothing to refuse: connecting tells.
 *
 * @throws {OmnifsError} `denied` where somebody else could have put it there
 */
export async function trustSocket(path: string): Promise<void> {
  try {
    await refuseSharedDir(path.slice(0, path.lastIndexOf("/")) || "/");
    const info = await Deno.lstat(path);
    const why = shared(info) ?? (info.isSocket ? undefined : "it is not a socket");
    if (why === undefined) return;
    throw new OmnifsError("denied", `will not speak to ${path}: ${why}`, { path, mend: `rm ${path}` });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** @throws {OmnifsError} `denied` where `dir` is not this user's alone */
async function refuseSharedDir(dir: string): Promise<void> {
  const info = await Deno.lstat(dir);
  const why = info.isDirectory ? shared(info) : "it is not a directory";
  if (why === undefined) return;
  throw new OmnifsError("denied", `will not keep a control socket in ${dir}: ${why}`, {
    path: dir,
    mend: `chmod 700 ${dir}, or set OMNIFS_RUNTIME_DIR to a folder of your own`,
  });
}

/** Why a file is not this user's alone; undefined where it is. */
function shared({ uid, mode }: Deno.FileInfo): string | undefined {
  if (uid !== Deno.uid()) return "it belongs to another user";
  return ((mode ?? 0) & 0o077) !== 0 ? "others may enter it" : undefined;
}

/** The record that lies beside the socket at `socketPath`. */
export function recordPathOf(socketPath: string): string {
  return socketPath.replace(/\.sock$/, ".json");
}

/** True where somebody listens at `socketPath`. */
export async function isListening(socketPath: string): Promise<boolean> {
  try {
    const connection = await Deno.connect({ transport: "unix", path: socketPath });
    connection.close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Every daemon of this user that answers, oldest first. What dead ones left behind is removed.
 *
 * @throws {OmnifsError} `denied` where the folder of sockets is not this user's alone
 */
export async function findDaemons(environment: Environment): Promise<FoundDaemon[]> {
  const dir = await runtimeDir(environment);
  if (await isDirectory(dir)) await refuseSharedDir(dir);
  const found: FoundDaemon[] = [];
  for (const name of await recordNames(dir)) {
    const socketPath = `${dir}/${name}.sock`;
    const record = await readRecord(recordPathOf(socketPath));
    if (record !== undefined && await isListening(socketPath)) {
      found.push({ ...record, socketPath });
    } else if (record === undefined || !await isAlive(record.pid)) {
      await removeTraces(socketPath);
    }
  }
  return found.sort((a, b) => a.startedAt - b.startedAt);
}

/** Removes the socket and the record of a daemon that is gone. */
export async function removeTraces(socketPath: string): Promise<void> {
  await removeIfThere(socketPath);
  await removeIfThere(recordPathOf(socketPath));
}

/** Writes the record beside the socket, whole or not at all. */
export async function writeRecord(socketPath: string, record: DaemonRecord): Promise<void> {
  const path = recordPathOf(socketPath);
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(record) + "\n", { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}

/** True where a process `pid` runs: one that has ended and waits for its parent to ask (`Z`, `X`) does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name of the program, in parentheses, may hold anything.
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound) && await exists(`/proc/${pid}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function recordNames(dir: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) {
      if (name.endsWith(".json")) names.push(name.slice(0, -".json".length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new OmnifsError("unavailable", `cannot look for daemons in ${dir}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  return names;
}

async function readRecord(path: string): Promise<DaemonRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await Deno.readTextFile(path));
    if (!isRecord(value)) return undefined;
    // One of an older version has no more than one, and does not list it.
    const { dirs } = Object.assign({ dirs: value.dir === null ? [] : [value.dir] }, value);
    return { ...value, dirs };
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Omit<DaemonRecord, "dirs"> & Partial<DaemonRecord> {
  if (typeof value !== "object" || value === null) return false;
  const { pid, dir, dirs, name, startedAt } = Object.assign(
    { pid: undefined, dir: undefined, dirs: [], name: undefined, startedAt: undefined },
    value,
  );
  return Array.isArray(dirs) && dirs.every((each) => typeof each === "string") && typeof pid === "number" &&
    typeof startedAt === "number" && typeof name === "string" &&
    (dir === null || typeof dir === "string");
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** The user's own folder. */
export function home(environment: Environment): string {
  return environment("HOME") || "/";
}
