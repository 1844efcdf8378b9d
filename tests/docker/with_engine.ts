/**
 * The Docker provider as users run it, up to the mount: its component, the gate, and a real engine behind it.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { parseGrants, startEgress } from "../../runtime/egress/mod.ts";
import { loadProvider, type Provider } from "../../runtime/provider/mod.ts";
import type { Engine } from "../fakes/docker/engine.ts";
import { tempDir } from "../support/temp.ts";

/** What a test gets. */
export interface Loaded {
  /** The provider. */
  readonly provider: Provider;
  /** Callouts until now. */
  readonly callouts: () => number;
}

/** Runs `use` with the provider's component in front of the engine at `socket`; `allow` is granted. */
export async function withComponent(
  { socket }: Pick<Engine, "socket">,
  use: (loaded: Loaded) => Promise<void>,
  allow: readonly string[] = [`unix:${socket}`],
): Promise<void> {
  await using cache = await tempDir();
  const [bus, log] = [new Bus(systemClock), new Log(systemClock, () => {})];
  const grants = parseGrants({ allow, apply: ["docker"] });
  const gate = await startEgress({
    grants,
    credentials: { find: () => Promise.resolve({ why: "it needs none", mend: "" }) },
    clock: systemClock,
    bus,
    log,
  });
  try {
    const provider = await loadProvider({
      mount: "docker",
      source: { kind: "bundled", name: "docker" },
      settings: { socket },
      gate,
      log,
      bus,
      clock: systemClock,
      cacheDir: cache.path,
    });
    try {
      await use({ provider, callouts: () => gate.counts.callouts });
    } finally {
      provider.close();
    }
  } finally {
    await gate.close();
  }
}
