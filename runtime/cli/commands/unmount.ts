/**
 * `omnifs unmount`
 *
 * @module
 */
import { sleep } from "../../base/clock.ts";
import { OmnifsError } from "../../base/errors.ts";
import { ControlClient } from "../../control/client.ts";
import { findDaemons, type FoundDaemon } from "../../control/places.ts";
import { type Command, command, type Context, flag, UsageError } from "../command.ts";
import { absolute, pickDaemon, serves, titleOf } from "../daemons.ts";
import { detach } from "../detach.ts";
import { forgetLaunch, noteJoined } from "../launches.ts";
import { parentResolved } from "../mount_point.ts";
import { omnifsMounts } from "../mount_table.ts";
import { isServing, kill, untilDead } from "../takeover.ts";

/** Milliseconds that a daemon has to end. */
const END_TIMEOUT = 20_000;

/** Milliseconds that it has where it is to be forced. */
const FORCE_TIMEOUT = 3_000;

/** Milliseconds that its process has to be gone once its mount is: a program that embeds omnifs goes on. */
const PROCESS_TIMEOUT = 2_000;

/** Milliseconds between two looks. */
const PAUSE = 20;

/** Ends a mount, and returns when it is gone. */
export const unmount: Command = command<{ force: boolean }>({
  name: "unmount",
  summary: "End a mount; returns when it is gone",
  arguments: [{ form: "[dir]", summary: "the mount, where there is more than one", values: "daemon" }],
  options: {
    force: flag("--force", "end it while it is in use, or detach one whose omnifs is dead or hangs"),
  },
  examples: [
    { line: "unmount /mnt/omnifs", summary: "cleanly" },
    { line: "unmount --force /mnt/omnifs", summary: "after a crash" },
  ],
  async run(context, { force }) {
    const [word] = context.words;
    const dir = word === undefined ? undefined : await parentResolved(absolute(word));
    const running = await findDaemons(context.environment);
    const alive = dir === undefined || running.some((daemon) => serves(daemon, dir, word ?? ""));
    if (!alive && (await omnifsMounts()).includes(dir)) {
      if (!force) throw dead(dir);
      await detach(dir);
      return tell(context, dir);
    }
    const daemon = await pickDaemon(context, daemonWord(dir, word, running));
    const some = dir ?? titleOf(daemon);
    if (daemon.dirs.length > 1) await leave(daemon, dir, context, force);
    else await end(daemon, context, force);
    tell(context, daemon.dir === null ? daemon.name : some);
  },
});

/** A directory by its path, a daemon without one by its name. */
function daemonWord(
  dir: string | undefined,
  word: string | undefined,
  running: readonly FoundDaemon[],
): string | undefined {
  return running.some((daemon) => dir !== undefined && daemon.dirs.includes(dir)) ? dir : word;
}

/** Ends one of several mounts of `daemon`. */
async function leave(
  daemon: FoundDaemon,
  dir: string | undefined,
  { environment, signal }: Context,
  force: boolean,
): Promise<void> {
  if (dir === undefined) {
    const mend = daemon.dirs.map((each) => `omnifs unmount ${each}`).join(", or ");
    throw new UsageError("this omnifs is mounted on more than one directory", mend);
  }
  const timeout = AbortSignal.any([signal, AbortSignal.timeout(END_TIMEOUT)]);
  await new ControlClient(daemon.socketPath).unmount(dir, force, timeout).catch(async (error) => {
    if (!force || signal.aborted) throw error;
    await detach(dir);
  });
  await noteJoined(environment, daemon.name, { left: dir });
}

/** Ends `daemon`. @throws {OmnifsError} where it does not end, unless `force` */
async function end(daemon: FoundDaemon, context: Context, force: boolean): Promise<void> {
  if (!await ask(daemon, context, force)) {
    if (!force) throw stays(daemon);
    await kill(daemon, context.clock);
  }
  await forgetLaunch(context.environment, daemon.name);
  await untilDead(daemon.pid, context.clock, PROCESS_TIMEOUT);
}

/** Asks the daemon to end; false where it is still there after its time. */
async function ask(daemon: FoundDaemon, context: Context, force: boolean): Promise<boolean> {
  const milliseconds = force ? FORCE_TIMEOUT : END_TIMEOUT;
  const deadline = context.clock.monotonic() + milliseconds;
  const timeout = AbortSignal.any([context.signal, AbortSignal.timeout(milliseconds)]);
  await new ControlClient(daemon.socketPath).shutdown(force, timeout).catch((error) => {
    if (context.signal.aborted || !timeout.aborted) throw error;
  });
  while (await isServing(daemon)) {
    if (context.clock.monotonic() > deadline) return false;
    await sleep(context.clock, PAUSE, context.signal);
  }
  return true;
}

function tell({ out, format }: Context, what: string): void {
  if (format === "human") out.line(`${what} is unmounted`);
  else out.line(JSON.stringify({ unmounted: what }));
}

function dead(dir: string): OmnifsError {
  return new OmnifsError("unavailable", `the omnifs that served ${dir} is gone, and its mount is left`, {
    path: dir,
    mend: `omnifs unmount --force ${dir}, or omnifs mount ${dir}, which takes its place`,
  });
}

function stays(daemon: FoundDaemon): OmnifsError {
  const title = titleOf(daemon);
  return new OmnifsError(
    "unavailable",
    `${title} is still there: its omnifs (pid ${daemon.pid}) does not answer`,
    {
      path: title,
      mend: `omnifs unmount --force ${title}`,
    },
  );
}
