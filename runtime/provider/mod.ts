/**
 * The wasm host: providers as components in workers of their own.
 *
 * @module
 */
export type { Manifest } from "./answers.ts";
export { type Artifact, type ArtifactCounts, ArtifactStore } from "./artifact.ts";
export { bundledFolder, bundledProviders } from "./bundled.ts";
export type { Invalidation, Polled, ProviderEvents, Source, UpstreamEvent } from "./events.ts";
export { type Inspection, inspectProvider } from "./inspect.ts";
export { plainThread, type StartThread } from "./guest_thread.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { type LoadOptions, loadProvider, type ProviderSource } from "./load.ts";
export { CHANGES_LIMIT } from "./mutation_answers.ts";
export {
  type Mutation,
  type Outcome,
  PlanRefused,
  type ProviderMutations,
  type Receipt,
  type Refusal,
  type Step,
} from "./mutations.ts";
export {
  type Content,
  type DirEntry,
  type Freshness,
  HOST_PREFIX,
  type Listing,
  type Measure,
  type Node,
  type Projection,
} from "./node.ts";
export type { Workspaces } from "./packer_calls.ts";
export { Provider, type ProviderCounts, type ProviderOptions } from "./provider.ts";
export type { Settings } from "./settings.ts";
export type { Range, UpstreamBody } from "./upstream.ts";
