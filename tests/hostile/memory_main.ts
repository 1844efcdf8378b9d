/**
 * Has every component of `offenders.ts` do its harm, one after the other, and prints the memory of the process in
 * bytes: before, at most in between, and where it returns to. Runs with `--v8-flags=--expose-gc`.
 *
 * V8 hands the pages of threads that have ended back to the system little by little, so this collects garbage until
 * the memory is where it was, or until it is sure that it never will be.
 *
 * @module
 */
import { mountProbe } from "../provider/harness.ts";
import { OFFENDERS, pagesOfNames } from "./offenders.ts";
import { limitsOf, mountDeviant, provoke } from "./scene.ts";

/** What is printed. */
export interface Account {
  /** With the neighbour mounted, and all that the host loads once. */
  readonly before: number;
  /** The most after one of them. */
  readonly most: number;
  /** At the end. */
  readonly after: number;
}

/** How much more than before counts as where it was. */
export const MARGIN = 1.1;

declare const gc: (
  options: { readonly type: "major"; readonly execution: "sync"; readonly flavor: "last-resort" },
) => void;

/** Milliseconds between two collections, in which threads end. */
const PAUSE = 50;

/** Collections after which what is still there is taken to stay. */
const MOST_ROUNDS = 400;

/** Bytes in memory after up to `rounds` collections: fewer as soon as they are no more than `enough`. */
async function resident(rounds: number, enough = 0): Promise<number> {
  let rss = Infinity;
  for (let round = 0; round < rounds && rss > enough; round++) {
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    rss = Math.min(rss, Deno.memoryUsage().rss);
  }
  return rss;
}

async function account(): Promise<Account> {
  using neighbour = await mountProbe({ mount: "neighbour" });
  // A daemon that has been in use: it has transpiled, and listed a large directory that does end.
  for (const _ of [1, 2, 3]) {
    const unseen = `(data (i32.const 700) "${crypto.randomUUID()}")`;
    const large = pagesOfNames(200_000);
    using honest = await mountDeviant({ ...large, more: `${large.more} ${unseen}` }, {});
    await provoke(honest.provider, "list");
  }
  const before = await resident(20);
  let most = before;
  for (const offender of Object.values(OFFENDERS)) {
    try {
      using hostile = await mountDeviant(offender.deviation, limitsOf(offender));
      await provoke(hostile.provider, offender.operation);
    } catch {
      // `offenders_test.ts` says how it has to fail.
    }
    await neighbour.provider.lookupChild("", "full");
    most = Math.max(most, await resident(1));
  }
  return { before, most, after: await resident(MOST_ROUNDS, before * MARGIN) };
}

if (import.meta.main) console.log(JSON.stringify(await account()));
