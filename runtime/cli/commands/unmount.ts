/**
 * `omnifs unmount`
 *
 * @module
 */
import { sleep } from "../../base/clock.ts";
import { OmnifsError } from "../../base/errors.ts";
import { ControlClient } from "../../control/client.ts";
import { findDaemons, type FoundDaemon, isListening } from "../../control/places.ts";
import { type Command, command, type Context, flag } from "../command.ts";
import { absolute, pickDaemon, titleOf } from "../daemons.ts";
import { omnifsMounts } from "../mount_point.ts";

/** Milliseconds that a daemon has to end. */
const END_TIMEOUT = 20_000;

/** Milliseconds that it has where it is to be forced. */
const FORCE_TIMEOUT = 3_000;

/** Milliseconds between two looks. */
const PAUSE = 20;

/** Ends a mount, and returns when it is gone. */
export const unmount: Command = command<{ force: boolean }>({
  name: "unmount",
  summary: "End a mount; returns when it is gone",
  arguments: [{ form: "[dir]", summary: "the mount, where more than one runs", values: "daemon" }],
  options: { force: flag("--force", "detach a mount whose omnifs is dead or hangs") },
  examples: [
    { line: "unmount /mnt/omnifs", summary: "cleanly" },
    { line: "unmount --force /mnt/omnifs", summary: "after a crash" },
  ],
  async run(context, { force }) {
    const [word] = context.words;
    const dir = word === undefined ? undefined : absolute(word);
    const running = await findDaemons(context.environment);
    const alive = running.some((daemon) => daemon.dir === dir || daemon.name === word) || dir === undefined;
    if (!alive && dir !== undefined && (await omnifsMounts()).includes(dir)) {
      if (!force) throw dead(dir);
      return tell(context, await detach(dir));
    }
    const daemon = await pickDaemon(context, word);
    const gone = await ask(daemon, context, force);
    if (!gone && force && daemon.dir !== null) await detach(daemon.dir);
    else if (!gone) throw stays(daemon);
    tell(context, titleOf(daemon));
  },
});

/** Asks the daemon to end; false where it is still there after its time. */
async function ask(daemon: FoundDaemon, context: Context, force: boolean): Promise<boolean> {
  const milliseconds = force ? FORCE_TIMEOUT : END_TIMEOUT;
  const deadline = context.clock.monotonic() + milliseconds;
  const timeout = AbortSignal.any([context.signal, AbortSignal.timeout(milliseconds)]);
  await new ControlClient(daemon.socketPath).shutdown(force, timeout).catch((error) => {
    if (context.signal.aborted || !timeout.aborted) throw error;
  });
  while (await isListening(daemon.socketPath) || await isMounted(daemon.dir)) {
    if (context.clock.monotonic() > deadline) return false;
    await sleep(context.clock, PAUSE, context.signal);
  }
  return true;
}

async function isMounted(dir: string | null): Promise<boolean> {
  return dir !== null && (await omnifsMounts()).includes(dir);
}

/** Takes the mount out of the tree even while somebody uses it; `umount -l` as root, otherwise `fusermount3 -uz`. */
async function detach(dir: string): Promise<string> {
  const [program, ...args] = Deno.uid() === 0
    ? ["umount", "-l", dir]
    : ["fusermount3", "-u", "-z", "--", dir];
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" });
  const { success, stderr } = await child.output();
  if (success) return dir;
  const said = new TextDecoder().decode(stderr).trim();
  throw new OmnifsError("unavailable", `cannot detach ${dir}: ${said || `${program} failed`}`, { path: dir });
}

function tell({ out, format }: Context, what: string): void {
  if (format === "human") out.line(`${what} is unmounted`);
  else out.line(JSON.stringify({ unmounted: what }));
}

function dead(dir: string): OmnifsError {
  return new OmnifsError("unavailable", `the omnifs that served ${dir} is gone, and its mount is left`, {
    path: dir,
    mend: `omnifs unmount --force ${dir}`,
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
