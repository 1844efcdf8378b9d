/**
 * The arXiv provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import type { Gate } from "../../runtime/egress/callout.ts";
import { parseGrants, startEgress } from "../../runtime/egress/mod.ts";
import { loadProvider, type Projection, type Provider } from "../../runtime/provider/mod.ts";
import { ArxivStandIn, type StandInOptions } from "../fakes/arxiv/mod.ts";
import { pages, walk } from "../support/projection.ts";
import { tempDir } from "../support/temp.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider, mounted as `arxiv`. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly arxiv: ArxivStandIn;
  /** What stands between them. */
  readonly gate: Gate;
  /** Mounts it once more, behind the same gate. */
  again(mount: string): Promise<Provider>;
}

/** How a test differs from the usual. */
export interface MountOptions extends StandInOptions {
  /** More settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Runs `use` with a stand-in and the provider's component in front of it, and ends both. */
export async function withComponent(use: (mounted: Mounted) => Promise<void>, options: MountOptions = {}) {
  await using cleanup = new AsyncDisposableStack();
  const cache = cleanup.use(await tempDir());
  const arxiv = cleanup.use(new ArxivStandIn(options));
  const [bus, log] = [new Bus(systemClock), new Log(systemClock, () => {})];
  const grants = parseGrants({ allow: [arxiv.host] });
  const gate = await startEgress({
    grants,
    credentials: { find: () => Promise.resolve({ why: "it needs none", mend: "" }) },
    clock: systemClock,
    bus,
    log,
  });
  cleanup.defer(() => gate.close());
  const again = async (mount: string) => {
    const provider = await loadProvider({
      mount,
      source: { kind: "bundled", name: "arxiv" },
      settings: { ...arxiv.settings, pace_ms: options.pace ?? 0, ...options.settings },
      gate,
      log,
      bus,
      clock: systemClock,
      cacheDir: cache.path,
    });
    cleanup.defer(() => provider.close());
    return provider;
  };
  await use({ provider: await again("arxiv"), arxiv, gate, again });
}

/** The names in a directory. */
export async function names(projection: Projection, path: string): Promise<string[]> {
  const node = path === "" ? undefined : await walk(projection, path);
  const found = await pages(projection, node?.id ?? "");
  return found.flatMap(({ entries }) => entries.map(({ name }) => name));
}
