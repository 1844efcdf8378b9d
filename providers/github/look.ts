/**
 * What the parts of a look at a repository share.
 *
 * @module
 */
import type { Invalidation } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import type { Json } from "./json.ts";

/** What a look begins with. */
export interface Look {
  /** The API. */
  readonly api: Api;
  /** The repository's id. */
  readonly repo: number;
  /** From when on lists are compared of which nothing is remembered: milliseconds since the epoch, by GitHub's clock. */
  readonly from: number;
  /** From when on everything is still to be seen where a look gives up: its own beginning, by GitHub's clock. */
  readonly begun: number;
  /** When it was answered, by GitHub's clock, in milliseconds since the epoch. */
  readonly answered: number;
  /** The host's clock, in milliseconds since the Unix epoch. */
  readonly now: number;
}

/** GitHub's dates are whole seconds, told by more than one machine. */
const TICK = 1_000;

/** True where something may still happen at `date`, as GitHub writes it, that the look did not see. */
export function isFresh({ answered }: Look, date: string): boolean {
  return Date.parse(date) >= answered - TICK;
}

/** What one part of a look found, and what it remembers. */
export interface Change {
  /** What is no longer true, and what is. */
  readonly invalidations: readonly Invalidation[];
  /** Its part of the cursor. */
  readonly after: Json;
}

/** One part of a look; `before` is what the cursor holds, and empty for the first one. */
export type Check = (look: Look, before: Json) => Change;
