/**
 * `omnifs restart`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { ControlClient, NoDaemonError } from "../../control/client.ts";
import { findDaemons, type FoundDaemon, nameOfDir } from "../../control/places.ts";
import type { StatusDocument } from "../../control/protocol.ts";
import { startInBackground } from "../background.ts";
import { type Command, command, type Context } from "../command.ts";
import { absolute, pickDaemon, serves, titleOf } from "../daemons.ts";
import { readLaunch, stillJoined } from "../launches.ts";
import { parentResolved } from "../mount_point.ts";
import { joinAgain } from "../join.ts";
import { announce } from "../mounted.ts";
import { withProgress } from "../progress.ts";

/** Starts an omnifs anew, with this very program and the options that it had. */
export const restart: Command = command({
  name: "restart",
  summary: "Put a new omnifs, of this version, in the place of one that runs; its options and drafts stay",
  arguments: [{ form: "[dir]", summary: "the mount, where more than one runs", values: "daemon" }],
  options: {},
  examples: [
    { line: "restart", summary: "after an upgrade, or with another token in the environment" },
    { line: "restart /mnt/omnifs", summary: "also where its omnifs was killed" },
  ],
  async run(context) {
    const [word] = context.words;
    const { daemon, name } = await meant(context, word);
    const launch = await readLaunch(context.environment, name);
    if (launch === undefined) throw unknown(daemon === undefined ? word : titleOf(daemon), daemon);
    if (launch.unit !== undefined) throw supervised(launch.dir, launch.unit);
    if (daemon !== undefined) await refuseLoss(context, daemon);
    if (daemon !== undefined && !daemon.dirs.includes(launch.dir)) throw left(launch.dir, titleOf(daemon));
    const again = daemon === undefined ? launch.joined : stillJoined(launch, daemon);
    const words = ["mount", "--foreground", "--replace", ...launch.words];
    const starting = startInBackground(context, { name, words, cwd: launch.cwd });
    announce(context, (await withProgress(context, `restarting ${launch.dir}`, () => starting)).status);
    return await joinAgain(context, launch.dir, again);
  },
});

/** The omnifs that `word` means: one that runs, or one that was killed. */
async function meant(
  context: Context,
  word: string | undefined,
): Promise<{ daemon: FoundDaemon | undefined; name: string }> {
  if (word !== undefined) {
    const dir = await parentResolved(absolute(word));
    const daemon = (await findDaemons(context.environment)).find((each) => serves(each, dir, word));
    return { daemon, name: daemon?.name ?? await nameOfDir(dir) };
  }
  const daemon = await pickDaemon(context, undefined);
  return { daemon, name: daemon.name };
}

/** Milliseconds that the old one has to tell of its credentials. */
const ANSWER_DEADLINE = 2_000;

/** A token that was in the environment of the old one has to be in this one, too: it is kept nowhere else. */
async function refuseLoss(context: Context, { socketPath }: FoundDaemon): Promise<void> {
  const patience = AbortSignal.any([context.signal, AbortSignal.timeout(ANSWER_DEADLINE)]);
  // One of another version, or one that hangs, does not tell.
  const status: StatusDocument | undefined = await new ControlClient(socketPath).status(patience).catch(
    () => undefined,
  );
  const lost = status?.credentials.find(({ source, name }) =>
    source === "environment" && !context.environment(name)
  );
  if (lost === undefined) return;
  throw new OmnifsError(
    "denied",
    `${lost.name} is in the environment of the omnifs that runs, and not here`,
    {
      path: status?.dir ?? socketPath,
      mend: `set ${lost.name}, or keep it: omnifs auth login`,
    },
  );
}

function supervised(dir: string, unit: string): OmnifsError {
  return new OmnifsError("unsupported", `systemd keeps the omnifs on ${dir}, so it has to restart it`, {
    path: dir,
    mend: `systemctl --user restart '${unit}'`,
  });
}

function left(dir: string, other: string): OmnifsError {
  return new OmnifsError("conflict", `the omnifs on ${other} was started on ${dir}, which it left`, {
    path: dir,
    mend: `omnifs mount ${dir} --join ${other}, and restart it then`,
  });
}

function unknown(what: string | undefined, daemon: FoundDaemon | undefined): OmnifsError {
  if (daemon === undefined) return new NoDaemonError(what);
  return new OmnifsError("unsupported", `how ${what} was started is not known`, {
    mend: `omnifs unmount ${what}, and start it again`,
  });
}
