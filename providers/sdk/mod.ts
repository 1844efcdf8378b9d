/**
 * The provider SDK: what a provider is made of. This part needs no capability; `./http.ts`, `./console.ts`,
 * `./time.ts` and `./settings.ts` are for worlds that import those interfaces.
 *
 * @module
 */
export * from "./contract.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./marks.ts";
export * from "./names.ts";
export * from "./mutations.ts";
export * from "./nodes.ts";
export * from "./staged.ts";
export * from "./url.ts";
export {
  defineProvider,
  type EventsDefinition,
  type ListingDefinition,
  type ManifestDefinition,
  type MutationsDefinition,
  PlanRefused,
  type ProviderDefinition,
  type ProviderExports,
} from "./define.ts";
