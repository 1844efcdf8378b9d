/**
 * The arXiv provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import type { Gate } from "../../runtime/egress/callout.ts";
import type { Projection, Provider } from "../../runtime/provider/mod.ts";
import { ArxivStandIn, type StandInOptions } from "../fakes/arxiv/mod.ts";
import { withBundled } from "../support/component.ts";
import { pages, walk } from "../support/projection.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider, mounted as `arxiv`. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly arxiv: ArxivStandIn;
  /** What stands between them. */
  readonly gate: Gate;
  /** Mounts it once more, behind the same gate. */
  again(mount?: string): Promise<Provider>;
}

/** How a test differs from the usual. */
export interface MountOptions extends StandInOptions {
  /** More settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Runs `use` with a stand-in and the provider's component in front of it, and ends both. */
export async function withComponent(use: (mounted: Mounted) => Promise<void>, options: MountOptions = {}) {
  await using arxiv = new ArxivStandIn(options);
  const settings = { ...arxiv.settings, pace_ms: options.pace ?? 0, ...options.settings };
  await withBundled(
    { name: "arxiv", settings, allow: [arxiv.host] },
    (component) => use({ ...component, arxiv }),
  );
}

/** The names in a directory. */
export async function names(projection: Projection, path: string): Promise<string[]> {
  const node = path === "" ? undefined : await walk(projection, path);
  const found = await pages(projection, node?.id ?? "");
  return found.flatMap(({ entries }) => entries.map(({ name }) => name));
}
