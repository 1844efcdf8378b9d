/**
 * `omnifs mount`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { findDaemons, type FoundDaemon, nameOfDir, socketPathOf } from "../../control/places.ts";
import type { DaemonOptions } from "../../control/options.ts";
import type { MountDocument } from "../../control/protocol.ts";
import { startInBackground } from "../background.ts";
import { type Command, command, type Context } from "../command.ts";
import { consent } from "../consent.ts";
import { start, stayInFront } from "../foreground.ts";
import { daemonOptions, logSink, MOUNT_OPTIONS, MOUNT_PROMPTS, type MountValues } from "../grants.ts";
import { READY_VARIABLE } from "../handshake.ts";
import { sweep } from "../leftovers.ts";
import { parentResolved, readyPoint } from "../mount_point.ts";
import { join, joinAgain, refuseAnother } from "../join.ts";
import { announce } from "../mounted.ts";
import { withProgress } from "../progress.ts";
import { endForGood } from "../takeover.ts";
import { forgetLaunch, lasting, readLaunch, stillJoined, writeLaunch } from "../launches.ts";
import { UNIT_VARIABLE } from "../systemd.ts";
import { webhookOptions } from "../webhook_options.ts";
import { absolute } from "../daemons.ts";

/** Mounts the tree, and returns when it is ready. */
export const mount: Command = command<MountValues>({
  name: "mount",
  summary: "Mount the tree on a directory; returns when it is ready",
  arguments: [{ form: "<dir>", summary: "an empty directory; made where it is missing", values: "dir" }],
  options: MOUNT_OPTIONS,
  configured: true,
  prompts: MOUNT_PROMPTS,
  examples: [
    {
      line: "mount /mnt/omnifs --allow-net=api.github.com",
      summary: "GitHub, with GITHUB_TOKEN of the environment",
    },
    { line: "mount /mnt/omnifs --allow-net", summary: "all that the bundled providers need" },
    {
      line:
        "mount /mnt/gh --provider github,as=work --set work.api_url=https://ghe.example.com/api/v3 --allow-net=ghe.example.com",
      summary: "a GitHub Enterprise Server",
    },
    {
      line:
        "mount /mnt/omnifs --allow-net --webhook-listen 127.0.0.1:9911 --webhook-secret-file ~/.omnifs-webhook",
      summary: "told of changes by the upstreams themselves: see omnifs webhook url",
    },
    {
      line: "mount ~/github --join /mnt/omnifs --provider github",
      summary: "one more directory of the omnifs that runs, with GitHub alone",
    },
    { line: "mount -f /mnt/omnifs --log-level debug", summary: "in front, until Ctrl-C" },
  ],
  async run(context, values) {
    const [word = ""] = context.words;
    // Words that make no sense are refused before anything is asked or ended.
    webhookOptions(values);
    if (values.join !== undefined) return await join(context, values, values.join);
    const before = await runningAt(context, word, values.replace);
    await sweep(context.environment, context.clock);
    const dir = before?.dir ?? await readyPoint(context, word);
    const name = await nameOfDir(dir);
    if (before === undefined) await refuseAnother(context, name, dir);
    const granted = await consent(context, values);
    const words = [...granted.map((target) => `--allow-net=${target}`), ...context.argv];
    if (!values.foreground) {
      const joined = await joinedOf(context, before);
      const starting = startInBackground(context, { name, words: ["mount", "--foreground", ...words] });
      announce(context, (await withProgress(context, `mounting on ${dir}`, () => starting)).status);
      return await joinAgain(context, dir, joined);
    }
    await inFront(context, { ...values, allowNet: granted.length > 0 ? granted : values.allowNet }, {
      dir,
      name,
      before,
      words,
    });
  },
});

/** A mount that is about to begin. */
interface Beginning {
  /** Where. */
  readonly dir: string;
  /** What its daemon is called. */
  readonly name: string;
  /** Whose place it takes. */
  readonly before: FoundDaemon | undefined;
  /** All of its words, with what was granted on the terminal. */
  readonly words: readonly string[];
}

/** Mounts in this very process, until it ends. What it was started with is noted as long as it could be started so again. */
async function inFront(context: Context, values: MountValues, beginning: Beginning): Promise<void> {
  const { environment } = context;
  const { dir, name, before, words } = beginning;
  const unit = environment(UNIT_VARIABLE);
  const launch = {
    dir,
    words: lasting(words),
    cwd: Deno.cwd(),
    joined: await joinedOf(context, before),
    ...(unit === undefined ? {} : { unit }),
  };
  let isOurs = false;
  const noted = async () => {
    await writeLaunch(environment, name, launch);
    isOurs = true;
  };
  // The words of the old one go with its clean end; these are there in case that this one fails after it.
  const takeOver = before === undefined ? undefined : () => endForGood(before, context.clock).then(noted);
  const options = await optionsOf(context, values, { dir, name, takeOver });
  const begin = async () => {
    const daemon = await start(options);
    await noted();
    return { daemon };
  };
  try {
    await stayInFront(context, begin, (status) => announce(context, status));
  } catch (error) {
    // What is on record may be of one that was killed, or of one that was faster.
    if (before === undefined && isOurs) await forgetLaunch(environment, name);
    throw error;
  }
  await forgetLaunch(environment, name);
}

async function optionsOf(
  context: Context,
  values: MountValues,
  { dir, name, takeOver }: Pick<Beginning, "dir" | "name"> & { takeOver: (() => Promise<void>) | undefined },
): Promise<DaemonOptions> {
  const webhook = webhookOptions(values);
  const { allowOther, inotify, logSize } = values;
  return {
    ...daemonOptions(values, context),
    dir,
    allowOther,
    inotify,
    socketPath: await socketPathOf(name, context.environment),
    logSink: logSink(context, logSize),
    ...(webhook === undefined ? {} : { webhook }),
    ...(takeOver === undefined ? {} : { takeOver }),
  };
}

/** The further directories of the omnifs that is to be replaced. */
async function joinedOf(
  { environment }: Context,
  before: FoundDaemon | undefined,
): Promise<readonly MountDocument[]> {
  const launch = before === undefined ? undefined : await readLaunch(environment, before.name);
  return before === undefined || launch === undefined ? [] : stillJoined(launch, before);
}

/** The omnifs that is mounted on `word` and is to be replaced. @throws {OmnifsError} `conflict` where it is not to be */
async function runningAt(context: Context, word: string, replace: boolean): Promise<FoundDaemon | undefined> {
  const dir = await parentResolved(absolute(word));
  // What runs there has been looked at by the command that started the daemon.
  if (!replace && context.environment(READY_VARIABLE) !== undefined) return undefined;
  const there = (await findDaemons(context.environment)).find((daemon) => daemon.dirs.includes(dir));
  if (there === undefined || (replace && there.dir === dir)) return there;
  if (replace) {
    throw new OmnifsError("conflict", `${dir} was joined to the omnifs on ${there.dir}`, {
      path: dir,
      mend: `omnifs mount ${there.dir} --replace, or omnifs unmount ${dir}`,
    });
  }
  throw new OmnifsError("conflict", `an omnifs is mounted on ${dir} already (pid ${there.pid})`, {
    path: dir,
    mend: `omnifs status ${dir}, omnifs restart ${dir}, or omnifs unmount ${dir}`,
  });
}
