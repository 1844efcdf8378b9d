/**
 * `omnifs mount`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { findDaemons, type FoundDaemon, nameOfDir, socketPathOf } from "../../control/places.ts";
import { startInBackground } from "../background.ts";
import { type Command, command, type Context } from "../command.ts";
import { consent } from "../consent.ts";
import { start, stayInFront } from "../foreground.ts";
import { daemonOptions, logSink, MOUNT_OPTIONS, type MountValues } from "../grants.ts";
import { READY_VARIABLE } from "../handshake.ts";
import { sweep } from "../leftovers.ts";
import { parentResolved, readyPoint } from "../mount_point.ts";
import { join, refuseAnother } from "../join.ts";
import { announce } from "../mounted.ts";
import { withProgress } from "../progress.ts";
import { endForGood } from "../takeover.ts";
import { forgetLaunch, lasting, writeLaunch } from "../launches.ts";
import { UNIT_VARIABLE } from "../systemd.ts";
import { webhookOptions } from "../webhook_options.ts";
import { absolute } from "../daemons.ts";

/** Mounts the tree, and returns when it is ready. */
export const mount: Command = command<MountValues>({
  name: "mount",
  summary: "Mount the tree on a directory; returns when it is ready",
  arguments: [{ form: "<dir>", summary: "an empty directory; made where it is missing" }],
  options: MOUNT_OPTIONS,
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
    const webhook = webhookOptions(values);
    if (values.join !== undefined) return await join(context, values, values.join);
    const before = await runningAt(context, word, values.replace);
    await sweep(context.environment, context.clock);
    const dir = before?.dir ?? await readyPoint(context, word);
    const name = await nameOfDir(dir);
    if (before === undefined) await refuseAnother(context, name, dir);
    const granted = await consent(context, values);
    const words = [...granted.map((target) => `--allow-net=${target}`), ...context.argv];
    if (!values.foreground) {
      const starting = startInBackground(context, { name, words: ["mount", "--foreground", ...words] });
      return announce(context, (await withProgress(context, `mounting on ${dir}`, () => starting)).status);
    }
    const socketPath = await socketPathOf(name, context.environment);
    const allowNet = granted.length > 0 ? granted : values.allowNet;
    const { allowOther, inotify } = values;
    const options = {
      ...daemonOptions({ ...values, allowNet }, context),
      dir,
      allowOther,
      inotify,
      socketPath,
      logSink: logSink(context, values.logSize),
      ...(webhook === undefined ? {} : { webhook }),
      ...(before === undefined ? {} : { takeOver: () => endForGood(before, context.clock) }),
    };
    const unit = context.environment(UNIT_VARIABLE);
    const launch = {
      dir,
      words: lasting(words),
      cwd: Deno.cwd(),
      joined: [],
      ...(unit === undefined ? {} : { unit }),
    };
    const begin = async () => {
      const daemon = await start(options);
      await writeLaunch(context.environment, name, launch);
      return { daemon };
    };
    await stayInFront(context, begin, (status) => announce(context, status));
    await forgetLaunch(context.environment, name);
  },
});

/** The omnifs that is mounted on `word` and is to be replaced. @throws {OmnifsError} `conflict` where it is not to be */
async function runningAt(context: Context, word: string, replace: boolean): Promise<FoundDaemon | undefined> {
  const dir = await parentResolved(absolute(word));
  // What runs there has been looked at by the command that started the daemon.
  if (!replace && context.environment(READY_VARIABLE) !== undefined) return undefined;
  const there = (await findDaemons(context.environment)).find((daemon) => daemon.dirs.includes(dir));
  if (there === undefined || replace) return there;
  throw new OmnifsError("conflict", `an omnifs is mounted on ${dir} already (pid ${there.pid})`, {
    path: dir,
    mend: `omnifs status ${dir}, omnifs restart ${dir}, or omnifs unmount ${dir}`,
  });
}
