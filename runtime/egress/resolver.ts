/**
 * From names to addresses, for the check that a name leads to the public internet.
 *
 * The check and the connection resolve a name each for itself: a name that answers differently to the two (DNS
 * rebinding) is not caught here yet.
 *
 * @module
 */
import { lookup as systemLookup } from "node:dns/promises";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { canonicalAddress } from "./address.ts";

/** All addresses of a name, in canonical text; rejects where there are none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** How long an answer is believed, in milliseconds: long enough for a burst of callouts, and no longer. */
const BELIEVED = 5_000;

/** The system's own resolver, as `fetch` uses it too. */
async function lookupSystem(name: string): Promise<readonly string[]> {
  const found = await systemLookup(name, { all: true });
  return found.flatMap(({ address }) => canonicalAddress(address) ?? []);
}

/** Remembers for {@linkcode BELIEVED} what a lookup answered, and asks once for everybody who waits. */
export class Resolver {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #known = new LRUCache<
    string,
    { readonly until: number; readonly addresses: Promise<readonly string[]> }
  >({
    max: 256,
  });

  /** A resolver that asks `lookup`. */
  constructor(clock: Clock, lookup: Lookup = lookupSystem) {
    this.#clock = clock;
    this.#lookup = lookup;
  }

  /** The addresses of `name`. A failure is not remembered. */
  resolve(name: string): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known !== undefined && known.until > this.#clock.monotonic()) return known.addresses;
    const addresses = this.#lookup(name);
    this.#known.set(name, { until: this.#clock.monotonic() + BELIEVED, addresses });
    addresses.catch(() => this.#known.delete(name));
    return addresses;
  }
}
