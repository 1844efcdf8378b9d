/**
 * How much a provider may take: memory, time, places in the queue. The sizes of its answers are in `answers.ts`.
 *
 * @module
 */
import type { Need } from "../egress/callout.ts";
import { LANE_PLACES } from "../egress/pace.ts";

/** The limits of one mounted provider. */
export interface Limits {
  /** Most pages of 64 KiB that the memories of one instance may have in all. */
  readonly memoryPages: number;
  /** Milliseconds that an instance may compute without a callout. */
  readonly guestMilliseconds: number;
  /** Milliseconds that one call may take in all. */
  readonly deadlineMilliseconds: number;
  /** Calls that may wait for an instance. */
  readonly waiting: number;
  /** Instances of the component, each of which serves one call at a time. */
  readonly instances: number;
  /** Bytes that one call may hand to the host, answer and requests together, as `answer_meter.ts` counts them. */
  readonly answerBytes: number;
  /** Milliseconds without a call after which the thread is ended; the next call starts another one. */
  readonly idleMilliseconds: number;
}

/** What a provider gets unless told otherwise: 256 MiB, 2 s, 30 s, 1,024 calls, 4 instances, a file of 64 MiB, 2 min. */
export const DEFAULT_LIMITS: Limits = {
  memoryPages: 4_096,
  guestMilliseconds: 2_000,
  deadlineMilliseconds: 30_000,
  waiting: 1_024,
  instances: 4,
  answerBytes: 65 * 2 ** 20,
  idleMilliseconds: 120_000,
};

/**
 * `limits` for a provider with `needs`: where one of them has a pace, a call may wait through a full lane before its
 * own time begins, and no more calls may wait than a lane has places.
 */
export function pacedLimits(limits: Limits, needs: readonly Need[]): Limits {
  const pace = Math.max(0, ...needs.map((need) => need.pace ?? 0));
  if (pace === 0) return limits;
  return {
    ...limits,
    deadlineMilliseconds: limits.deadlineMilliseconds + LANE_PLACES * pace,
    waiting: Math.min(limits.waiting, LANE_PLACES),
  };
}
