/**
 * Describes a provider without mounting it: it gets no network and its words go nowhere.
 *
 * @module
 */
import { Bus } from "../base/bus.ts";
import { systemClock } from "../base/clock.ts";
import { Log } from "../base/log.ts";
import type { Gate } from "../egress/callout.ts";
import type { Manifest } from "./answers.ts";
import type { Artifact } from "./artifact.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { artifactOf, type ProviderSource } from "./load.ts";
import { Provider } from "./provider.ts";
import type { Settings } from "./settings.ts";

/** What is known of a provider before it is mounted. */
export interface Inspection {
  /** What it is and asks for, with the settings given. */
  readonly manifest: Manifest;
  /** The full names of what it imports. */
  readonly imports: readonly string[];
  /** The full names of what it exports. */
  readonly exports: readonly string[];
  /** How much it may take. */
  readonly limits: Limits;
}

/** What a component gets while it is described: nothing. */
const noGate: Gate = {
  admit: () => Promise.resolve(),
  send: () => Promise.resolve({ ok: false, failure: { tag: "timeout" } }),
  subscribe: () => Promise.resolve({ tag: "timeout" }),
};

/**
 * The provider from `source`, called `name`. A component's imports are read and refused before it is compiled.
 *
 * @throws {OmnifsError} as `loadProvider`
 */
export async function inspectProvider(
  name: string,
  source: ProviderSource,
  settings: Settings,
  cacheDir: string,
): Promise<Inspection> {
  const artifact = await artifactOf(source, cacheDir, DEFAULT_LIMITS.memoryPages);
  const { imports, exports } = artifact;
  return { manifest: await manifestOf(name, artifact, settings), imports, exports, limits: DEFAULT_LIMITS };
}

/** What the provider of `artifact` says of itself. */
export async function manifestOf(name: string, artifact: Artifact, settings: Settings): Promise<Manifest> {
  const provider = await Provider.start({
    mount: name,
    artifact,
    gate: noGate,
    log: new Log(systemClock, () => {}),
    bus: new Bus(systemClock),
    clock: systemClock,
    limits: DEFAULT_LIMITS,
  }, settings);
  provider.close();
  return provider.manifest;
}
