/**
 * The Linear provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import type { Gate } from "../../runtime/egress/callout.ts";
import { parseGrants, startEgress } from "../../runtime/egress/mod.ts";
import { loadProvider, type Provider } from "../../runtime/provider/mod.ts";
import { type LinearStandIn, startLinear } from "../fakes/linear/mod.ts";
import { alwaysFound } from "../egress/fixture.ts";
import { ensureBuilt } from "../support/build.ts";
import { tempDir } from "../support/temp.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly linear: LinearStandIn;
  /** What stands between them. */
  readonly gate: Gate;
}

/** How a test differs from the usual. */
export interface MountOptions {
  /** The credential; the stand-in's API key unless told. */
  readonly key?: (linear: LinearStandIn) => string;
  /** The entries of `--allow-net`; the stand-in's address unless told. */
  readonly allow?: readonly string[];
}

/** Runs `use` with a stand-in and the provider's component in front of it, and ends both. */
export async function withComponent(use: (mounted: Mounted) => Promise<void>, options: MountOptions = {}) {
  await ensureBuilt();
  await using cache = await tempDir();
  const linear = await startLinear();
  const [bus, log] = [new Bus(systemClock), new Log(systemClock, () => {})];
  const gate = await startEgress({
    grants: parseGrants({ allow: options.allow ?? [new URL(linear.url).host] }),
    credentials: alwaysFound(() => options.key?.(linear) ?? linear.key),
    clock: systemClock,
    bus,
    log,
  });
  try {
    const provider = await loadProvider({
      mount: "linear",
      source: { kind: "bundled", name: "linear" },
      settings: { endpoint: linear.url },
      gate,
      log,
      bus,
      clock: systemClock,
      cacheDir: cache.path,
    });
    try {
      await use({ provider, linear, gate });
    } finally {
      provider.close();
    }
  } finally {
    await gate.close();
    await linear.close();
  }
}
