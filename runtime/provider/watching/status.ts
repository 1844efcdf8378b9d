/**
 * What can be told of a watch at any moment.
 *
 * @module
 */

/** One watch that is alive or lost. */
export interface WatchStatus {
  /** The mount name. */
  readonly mount: string;
  /** Its key. */
  readonly watch: string;
  /**
   * `kept`: what it guards is true as of the last word. `troubled`: no source answers, and its promise is believed for a
   * while. `lost`: nothing that it guards is kept.
   */
  readonly state: "kept" | "troubled" | "lost";
  /** When it came into this state, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** When everything that it guards was last known to be true, in milliseconds since the Unix epoch. */
  readonly confirmedAt: number;
  /** Why it is troubled or lost. */
  readonly trouble: string | undefined;
  /** Its sources, best first; empty while they are not known, and while it is lost. */
  readonly sources: readonly SourceStatus[];
}

/** One source of a watch. */
export interface SourceStatus {
  /** Its kind. */
  readonly kind: "webhook" | "stream" | "poll";
  /** When it was last heard of, in milliseconds since the Unix epoch: a delivery, a line or the opening, an answer. */
  readonly lastWord: number | undefined;
  /** True while it can be relied upon: deliveries are taken, the stream is open, the last poll succeeded. */
  readonly up: boolean;
  /** When the next poll is due, in milliseconds since the Unix epoch. */
  readonly next?: number;
}
