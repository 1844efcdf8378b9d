/**
 * Real engines for tests: Debian's Docker and Podman, each with all of its state in a folder of its own, without a
 * registry, and gone when the test is over.
 *
 * @module
 */
import { join } from "node:path";
import { run, sh } from "../../support/command.ts";
import { until, withDeadline } from "../../support/deadline.ts";
import { tempDir } from "../../support/temp.ts";
import { EngineApi } from "./api.ts";

/** Debian's `docker.io`. */
const DOCKERD = "/usr/sbin/dockerd";

/** Debian's `podman`. */
const PODMAN = "/usr/bin/podman";

/** Debian's `busybox-static`, which runs in a container without any library. */
const BUSYBOX = "/bin/busybox";

/** What BusyBox is called by in the image. */
const APPLETS = ["sh", "sleep", "seq", "true"];

/** How long an engine may take to answer, in milliseconds. */
const READY_WITHIN = 30_000;

/** How long an engine may take to end, in milliseconds. */
const GONE_WITHIN = 20_000;

/** `CAP_SYS_ADMIN` of `linux/capability.h`. */
const SYS_ADMIN = 21n;

/** Why there can be no Docker Engine here, or undefined. */
export function whyNoDocker(): Promise<string | undefined> {
  return whyNot(DOCKERD, "docker.io");
}

/** Why there can be no Podman here, or undefined. */
export function whyNoPodman(): Promise<string | undefined> {
  return whyNot(PODMAN, "podman");
}

async function whyNot(program: string, debian: string): Promise<string | undefined> {
  for (const [file, of] of [[program, debian], [BUSYBOX, "busybox-static"]] as const) {
    const there = await Deno.stat(file).then(() => true, () => false);
    if (!there) return `there is no ${file}; Debian's ${of} brings it`;
  }
  const status = await Deno.readTextFile("/proc/self/status");
  const capabilities = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? "0"}`);
  return (capabilities >> SYS_ADMIN & 1n) === 1n ? undefined : "containers take root (CAP_SYS_ADMIN)";
}

/** A running engine. */
export interface Engine extends AsyncDisposable {
  /** The absolute path of its socket. */
  readonly socket: string;
  /** Its API. */
  readonly api: EngineApi;
  /** Ends it and starts it anew, over the same state. */
  restart(): Promise<void>;
}

/** A Docker Engine that has the image `IMAGE` and nothing else. */
export function startDocker(): Promise<Engine> {
  return start((folder, socket) => ({
    program: DOCKERD,
    // The flags keep it from the network of the machine: no bridge, no rules, no forwarding.
    args: [
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--host=unix://${socket}`,
      `--pidfile=${folder}/dockerd.pid`,
      "--storage-driver=vfs",
      "--bridge=none",
      "--iptables=false",
      "--ip6tables=false",
      "--ip-forward=false",
      "--ip-masq=false",
      "--userland-proxy=false",
    ],
    env: {},
  }));
}

/** Podman's service, with the same image. */
export function startPodman(): Promise<Engine> {
  return start(async (folder, socket) => {
    const config = `${folder}/containers.conf`;
    await Deno.writeTextFile(config, PODMAN_CONFIG);
    const places = [`--root=${folder}/data`, `--runroot=${folder}/run`, `--tmpdir=${folder}/tmp`];
    return {
      program: PODMAN,
      args: [...places, "--storage-driver=vfs", "system", "service", "--time=0", `unix://${socket}`],
      env: { CONTAINERS_CONF: config },
    };
  });
}

/** Limits that need no right to raise them, no systemd, and events in a file. */
const PODMAN_CONFIG = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** How an engine is started. */
interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function start(how: (folder: string, socket: string) => Program | Promise<Program>): Promise<Engine> {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(await tempDir());
  cleanup.defer(() => unmountBelow(folder));
  cleanup.defer(async () => {
    await until(() => noneNames(folder), GONE_WITHIN, "the end of what an engine started");
  });
  const socket = `${folder}/engine.sock`;
  const { program, args, env } = await how(folder, socket);
  // Its output goes to a file, because what it starts may hold a pipe open after it has ended.
  const spawn = () =>
    new Deno.Command("sh", {
      args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", `${folder}/log`, program, ...args],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  let child = spawn();
  cleanup.defer(() => end(child));
  const api = cleanup.use(new EngineApi(socket));
  const ready = () =>
    until(() => api.ping(), READY_WITHIN, `${program} at ${socket}`).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await Deno.readTextFile(`${folder}/log`)}`);
    });
  const restart = async () => {
    await end(child);
    child = spawn();
    await ready();
  };
  await ready();
  cleanup.defer(() => api.clear());
  await api.importImage(await rootfs());
  const kept = cleanup.move();
  return { socket, api, restart, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A tar of BusyBox under the names in {@linkcode APPLETS}. */
async function rootfs(): Promise<Uint8Array> {
  await using folder = await tempDir();
  const bin = join(folder.path, "bin");
  await Deno.mkdir(bin);
  await Deno.copyFile(BUSYBOX, join(bin, "busybox"));
  for (const name of APPLETS) await Deno.symlink("busybox", join(bin, name));
  return (await run("tar", ["-c", "-C", folder.path, "."])).bytes;
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended already.
  }
  try {
    await withDeadline(child.status, GONE_WITHIN, "the end of an engine");
  } catch {
    child.kill("SIGKILL");
    await withDeadline(child.status, GONE_WITHIN, "the end of a killed engine");
  }
}

/** True where no process has `folder` on its command line: Podman's own clean up after the service has ended. */
async function noneNames(folder: string): Promise<boolean> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(folder)) return false;
  }
  return true;
}

/** Both engines leave mounts behind: the network name space of the machine, containers' shared memory. */
async function unmountBelow(folder: string): Promise<void> {
  const points = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n")
    .map((line) => line.split(" ")[4] ?? "").filter((point) => point.startsWith(`${folder}/`));
  for (const point of points.toReversed()) await sh(`umount -l '${point}'`);
}
