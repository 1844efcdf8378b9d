/**
 * One more directory for an omnifs that runs: one process, one cache, and the grants that it has.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { ControlClient } from "../control/client.ts";
import { findDaemons } from "../control/places.ts";
import type { MountDocument } from "../control/protocol.ts";
import { type Context, type ExitCode, UsageError } from "./command.ts";
import { pickDaemon, titleOf } from "./daemons.ts";
import { type MountValues, saysAnything } from "./grants.ts";
import { noteJoined } from "./launches.ts";
import { parentResolved, readyPoint } from "./mount_point.ts";
import { printable } from "./output.ts";
import { asTyped } from "./self.ts";
import { Tally } from "./several.ts";

/** `omnifs mount DIR --join OTHER`. */
export async function join(context: Context, values: MountValues, other: string): Promise<void> {
  const { given } = context;
  // What a configuration file says is for a new omnifs.
  const shows = given.has("provider") ? values.provider.map(({ mount }) => mount) : null;
  if (saysAnything(given.difference(new Set(["provider"]))) || given.has("webhookListen")) {
    throw new UsageError(
      "--join takes the grants and settings that the omnifs that runs has",
      "--provider alone",
    );
  }
  const daemon = await pickDaemon(context, await parentResolved(other));
  const dir = await readyPoint(context, context.words[0] ?? "");
  const client = new ControlClient(daemon.socketPath);
  const status = await client.mount(dir, shows, context.signal);
  await noteJoined(context.environment, daemon.name, { joined: { dir, shows } });
  if (context.format === "json") return context.out.document(status);
  if (context.format === "jsonl") return context.out.line(JSON.stringify(status));
  const ready = status.providers.filter(({ state }) => state === "ready").map(({ mount }) => mount);
  context.out.line(
    `mounted on ${printable(dir)}: ${(shows ?? ready).join(", ")}, by the omnifs on ${titleOf(daemon)}`,
  );
  context.out.line(asTyped(`  to end it: omnifs unmount ${printable(dir)}`));
}

/** Mounts the new omnifs on `first` on the further directories that the old one had. */
export async function joinAgain(
  context: Context,
  first: string,
  joined: readonly MountDocument[],
): Promise<ExitCode> {
  const tally = new Tally(context);
  tally.succeeded();
  for (const { dir, shows } of joined) {
    await tally.attempt(async () => {
      const daemon = await pickDaemon(context, first);
      await readyPoint(context, dir);
      await new ControlClient(daemon.socketPath).mount(dir, shows, context.signal);
      await noteJoined(context.environment, daemon.name, { joined: { dir, shows } });
      if (context.format === "human") context.out.line(`mounted on ${printable(dir)}, too`);
    });
  }
  return tally.code;
}

/**
 * Sees that no omnifs of the name that one on `dir` would have runs already.
 *
 * @throws {OmnifsError} `conflict` where the omnifs called `name` left `dir`, and serves other directories still
 */
export async function refuseAnother({ environment }: Context, name: string, dir: string): Promise<void> {
  const daemon = (await findDaemons(environment)).find((each) =>
    each.name === name && !each.dirs.includes(dir)
  );
  if (daemon === undefined) return;
  throw new OmnifsError("conflict", `the omnifs that served ${dir} serves ${daemon.dirs.join(", ")} still`, {
    path: dir,
    mend: `omnifs mount ${dir} --join ${titleOf(daemon)}`,
  });
}
