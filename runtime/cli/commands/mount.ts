/**
 * `omnifs mount`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { findDaemons, nameOfDir, socketPathOf } from "../../control/places.ts";
import type { StatusDocument } from "../../control/protocol.ts";
import type { WebhookDocument } from "../../control/webhook_documents.ts";
import { startInBackground } from "../background.ts";
import { type Command, command, type Context } from "../command.ts";
import { consent } from "../consent.ts";
import { start, stayInFront } from "../foreground.ts";
import { daemonOptions, joined, MOUNT_OPTIONS, type MountValues } from "../grants.ts";
import { READY_VARIABLE } from "../handshake.ts";
import { prepareMountPoint } from "../mount_point.ts";
import { printable } from "../output.ts";
import { asTyped } from "../self.ts";
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
    { line: "mount -f /mnt/omnifs --log-level debug", summary: "in front, until Ctrl-C" },
  ],
  async run(context, values) {
    const [word = ""] = context.words;
    const webhook = webhookOptions(values);
    await refuseTwice(context, absolute(word));
    const dir = await prepareMountPoint(word);
    const name = await nameOfDir(dir);
    const granted = await consent(context, values);
    if (!values.foreground) {
      const words = [
        "mount",
        "--foreground",
        ...granted.map((target) => `--allow-net=${target}`),
        ...context.argv,
      ];
      return announce(context, (await startInBackground(context, { name, words })).status);
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
      ...(webhook === undefined ? {} : { webhook }),
    };
    const begin = async () => ({ daemon: await start(options) });
    await stayInFront(context, begin, (status) => announce(context, status));
  },
});

async function refuseTwice(context: Context, dir: string): Promise<void> {
  // The daemon itself was started by a command that has looked already.
  if (context.environment(READY_VARIABLE) !== undefined) return;
  const there = (await findDaemons(context.environment)).find((daemon) => daemon.dir === dir);
  if (there === undefined) return;
  throw new OmnifsError("conflict", `an omnifs is mounted on ${dir} already (pid ${there.pid})`, {
    path: dir,
    mend: `omnifs status ${dir}, or omnifs unmount ${dir}`,
  });
}

function announce({ out, format }: Context, status: StatusDocument): void {
  if (format === "json") return out.document(status);
  if (format === "jsonl") return out.line(JSON.stringify(status));
  const ready = status.providers.filter(({ state }) => state === "ready").map(({ mount }) => mount);
  out.line(
    `mounted on ${printable(status.dir ?? "")}: ${ready.length > 0 ? ready.join(", ") : "nothing yet"}`,
  );
  for (const { mount, state, needs, lastError } of status.providers) {
    if (state === "failed") out.line(`  ${mount} failed: ${printable(lastError ?? "no reason given")}`);
    if (state !== "withheld") continue;
    const flags = needs.filter(({ granted }) => !granted).map(({ flag }) => printable(flag));
    out.line(`  ${mount} is withheld; to allow it: ${joined(flags)}`);
  }
  if (status.webhook !== null) out.line(asTyped(`  ${listens(status.webhook)}`));
  out.line(asTyped(`  to end it: omnifs unmount ${printable(status.dir ?? "")}`));
}

function listens({ address, routes }: WebhookDocument): string {
  const mounts = routes.map(({ mount }) => mount).join(", ");
  return `listens for webhooks on http://${address}: ${
    printable(mounts) || "no mount takes any"
  } (omnifs webhook url)`;
}
