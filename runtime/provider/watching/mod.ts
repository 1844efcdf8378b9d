/**
 * Watches: what makes the cache true without a time to live.
 *
 * @module
 */
export { Watching } from "./engine.ts";
export {
  type Effect,
  WATCH_LIMITS,
  type WatchHost,
  type WatchLimits,
  type WatchParts,
  type Word,
} from "./host.ts";
export type { SourceStatus, WatchStatus } from "./status.ts";
