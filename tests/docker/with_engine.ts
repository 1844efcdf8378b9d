/**
 * The Docker provider as users run it, up to the mount: its component, the gate, and a real engine behind it.
 *
 * @module
 */
import type { Gate } from "../../runtime/egress/callout.ts";
import type { Provider } from "../../runtime/provider/mod.ts";
import type { Engine } from "../fakes/docker/engine.ts";
import { withBundled } from "../support/component.ts";

/** What a test gets. */
export interface Loaded {
  /** The provider. */
  readonly provider: Provider;
  /** What stands between it and the engine. */
  readonly gate: Gate;
  /** Callouts until now. */
  readonly callouts: () => number;
  /** Loads the provider once more. */
  again(): Promise<Provider>;
}

/** Runs `use` with the provider's component in front of the engine at `socket`; `allow` is granted. */
export async function withComponent(
  { socket }: Pick<Engine, "socket">,
  use: (loaded: Loaded) => Promise<void>,
  allow: readonly string[] = [`unix:${socket}`],
): Promise<void> {
  await withBundled(
    { name: "docker", settings: { socket }, allow, apply: ["docker"] },
    (component) => use({ ...component, callouts: () => component.gate.counts.callouts }),
  );
}
