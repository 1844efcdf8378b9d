/**
 * What happened upstream, one event after the other: each is understood before the next one is looked at.
 *
 * @module
 */
import { asOmnifsError, type OmnifsError } from "../../base/errors.ts";
import type { Invalidation, UpstreamEvent } from "../events.ts";
import type { WatchParts } from "./host.ts";

/** Asks the provider what events mean, in the order in which they came. */
export class EventQueue {
  readonly #parts: WatchParts;
  readonly #abort = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** An empty queue. */
  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /**
   * Calls `understood` with what `event` means, or `failed` where the provider cannot say: then it is as good as lost.
   * Resolves after that; neither is called once the queue is closed.
   */
  add(
    event: UpstreamEvent,
    understood: (invalidations: readonly Invalidation[]) => void,
    failed: (error: OmnifsError) => void,
  ): Promise<void> {
    const { signal } = this.#abort;
    const turn = this.#last.then(async () => {
      if (signal.aborted) return;
      let meaning: readonly Invalidation[];
      try {
        meaning = await this.#parts.events.onEvent(event, signal);
      } catch (error) {
        if (!signal.aborted) failed(asOmnifsError(error, "on-event"));
        return;
      }
      if (!signal.aborted) understood(meaning);
    });
    // The host does not throw; should it, the next event is still looked at.
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Ends it; resolves when the provider is asked nothing any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#last;
  }
}
