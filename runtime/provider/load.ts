/**
 * From a name or a `.wasm` file to a provider that answers.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Gate } from "../egress/callout.ts";
import { type Artifact, ArtifactStore } from "./artifact.ts";
import { bundledArtifact, bundledDescribed, type Described } from "./bundled.ts";
import type { StartThread } from "./guest_thread.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { Workspaces } from "./packer_calls.ts";
import { Provider } from "./provider.ts";
import type { Settings } from "./settings.ts";

/** Where a provider's component comes from. */
export type ProviderSource =
  | { readonly kind: "bundled"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/** What {@linkcode loadProvider} needs. */
export interface LoadOptions {
  /** The first path segment. */
  readonly mount: string;
  /** Its component. */
  readonly source: ProviderSource;
  /** What the user set for it. */
  readonly settings: Settings;
  /** The way to the network. */
  readonly gate: Gate;
  /** Where its notes go. */
  readonly log: Log;
  /** Where events are published. */
  readonly bus: Bus;
  /** Where deadlines come from. */
  readonly clock: Clock;
  /** How much it may take; {@linkcode DEFAULT_LIMITS} for what is not told. */
  readonly limits?: Partial<Limits>;
  /** How its thread is started; as any other unless told. */
  readonly startThread?: StartThread | undefined;
  /** The workspaces that it may see; none unless told. */
  readonly workspaces?: Workspaces | undefined;
  /** The folder of transpiled components, such as `$XDG_CACHE_HOME/omnifs`. */
  readonly cacheDir: string;
}

/**
 * A provider that answers. One that is bundled and has no settings of the user's was described when it was built, and its
 * component is not run before it is first asked for something.
 *
 * @throws {OmnifsError} `not-found` without the component, `denied` for an import outside the contract, `invalid` for
 *   a component that is no provider or settings that it refuses, `internal` where it breaks down
 */
export async function loadProvider(options: LoadOptions): Promise<Provider> {
  const { mount, gate, log, bus, clock, settings, startThread, workspaces } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const described = await describedBefore(options, limits.memoryPages);
  const artifact = described?.artifact ??
    await artifactOf(options.source, options.cacheDir, limits.memoryPages);
  return await Provider.start(
    { mount, artifact, gate, log, bus, clock, limits, startThread, workspaces },
    settings,
    described?.manifest,
  );
}

/** What a provider says of itself may depend on its settings; without any it is known already. */
async function describedBefore(
  { source, settings, cacheDir }: LoadOptions,
  memoryPages: number,
): Promise<Described | undefined> {
  if (source.kind !== "bundled" || Object.keys(settings).length > 0) return undefined;
  return await bundledDescribed(source.name, new ArtifactStore(cacheDir), memoryPages);
}

/**
 * The component from `source`, ready to run.
 *
 * @throws {OmnifsError} as {@linkcode loadProvider}
 */
export async function artifactOf(
  source: ProviderSource,
  cacheDir: string,
  memoryPages: number,
): Promise<Artifact> {
  const store = new ArtifactStore(cacheDir);
  if (source.kind === "bundled") return await bundledArtifact(source.name, store, memoryPages);
  const component = await Deno.readFile(source.path).catch((cause) => {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : cause.message;
    throw new OmnifsError("not-found", `${source.path} cannot be read: ${why}`, {
      path: source.path,
      mend: "omnifs provider ls tells the names of those that are bundled",
      cause,
    });
  });
  return await store.of(component, source.path, memoryPages);
}
