/**
 * The Linear provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import type { Gate } from "../../runtime/egress/callout.ts";
import type { Provider } from "../../runtime/provider/mod.ts";
import { type LinearStandIn, startLinear } from "../fakes/linear/mod.ts";
import { alwaysFound } from "../egress/fixture.ts";
import { withBundled } from "../support/component.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly linear: LinearStandIn;
  /** Loads the provider once more. */
  again(): Promise<Provider>;
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
  const linear = await startLinear();
  const allow = options.allow ?? [new URL(linear.url).host];
  const credentials = alwaysFound(() => options.key?.(linear) ?? linear.key);
  try {
    await withBundled(
      { name: "linear", settings: { endpoint: linear.url }, allow, apply: ["linear"], credentials },
      (component) => use({ ...component, linear }),
    );
  } finally {
    await linear.close();
  }
}
