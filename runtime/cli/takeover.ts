/**
 * One omnifs in the place of another: the old one goes on until the new one is ready to mount, and a new one that
 * cannot start leaves it as it is.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { ControlClient } from "../control/client.ts";
import { type FoundDaemon, isAlive, isListening, removeTraces } from "../control/places.ts";
import { detach } from "./detach.ts";
import { omnifsMounts } from "./mount_table.ts";

/** Milliseconds that the old one has to end by itself. */
const END_TIMEOUT = 10_000;

/** Milliseconds between two looks. */
const PAUSE = 10;

/**
 * Ends `daemon`, of whatever version, and resolves when nothing of it is left: its process, its mount, its socket. Whoever
 * reads from the mount gets an error rather than waiting. What it was applying is in its journal.
 */
export async function endForGood(
  daemon: FoundDaemon,
  clock: Clock,
  milliseconds = END_TIMEOUT,
): Promise<void> {
  const deadline = clock.monotonic() + milliseconds;
  const late = AbortSignal.timeout(milliseconds);
  // An answer that does not come, or makes no sense, is no reason to wait less.
  await new ControlClient(daemon.socketPath).shutdown(true, late).catch(() => {});
  while (!await isGone(daemon)) {
    if (clock.monotonic() > deadline) return await kill(daemon, clock);
    await sleep(clock, PAUSE);
  }
}

/** Milliseconds that the kernel has to take a killed process away. */
const KILL_TIMEOUT = 2_000;

/** Ends a daemon that does not end by itself: its process, its mounts, and what lies beside its socket. */
export async function kill({ pid, dirs, socketPath }: FoundDaemon, clock: Clock): Promise<void> {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
  for (const dir of dirs) await detach(dir);
  await removeTraces(socketPath);
  await untilDead(pid, clock, KILL_TIMEOUT);
}

/** Waits for the end of the process `pid`, at most so many milliseconds. */
export async function untilDead(pid: number, clock: Clock, milliseconds: number): Promise<void> {
  const deadline = clock.monotonic() + milliseconds;
  while (await isAlive(pid) && clock.monotonic() < deadline) await sleep(clock, PAUSE);
}

async function isGone(daemon: FoundDaemon): Promise<boolean> {
  return !await isAlive(daemon.pid) && !await isServing(daemon);
}

/** True while `daemon` listens, or one of its mounts is there. */
export async function isServing({ dirs, socketPath }: FoundDaemon): Promise<boolean> {
  if (await isListening(socketPath)) return true;
  const mounts = await omnifsMounts();
  return dirs.some((dir) => mounts.includes(dir));
}
