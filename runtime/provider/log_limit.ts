/**
 * A bound on how much a provider may say.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import type { Level } from "../base/log.ts";

/** Takes a line. */
export type Say = (level: Level, message: string) => void;

/** Lines that may be said at once, and how many more are earned each second. */
const BURST = 50;
const RATE = 10;

/** `say`, which a chatty guest cannot flood; how many lines were lost is told with the next one. */
export function limited(say: Say): Say {
  let tokens = BURST;
  let last = systemClock.monotonic();
  let lost = 0;
  return (level, message) => {
    const now = systemClock.monotonic();
    tokens = Math.min(BURST, tokens + (now - last) * RATE / 1_000);
    last = now;
    if (tokens < 1) return void lost++;
    tokens--;
    const before = lost === 0 ? "" : `(${lost} lines before this one were too many) `;
    lost = 0;
    say(level, before + message);
  };
}
