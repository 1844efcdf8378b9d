/**
 * Has every component of `offenders.ts` do its harm, one after the other, and prints the memory of the process in
 * bytes: before, at most in between, and where it returns to. Runs with `--v8-flags=--expose-gc`, and with
 * `MALLOC_ARENA_MAX=1`; with the argument `leak` the host keeps ten mebibytes for each of the first few.
 *
 * What is measured is memory in use. V8 hands the pages of threads that have ended back to the system little by little, so
 * this collects garbage until the memory is where it was, or until it is sure that it never will be. The C library's
 * allocator keeps what was freed, as much as chance has it over the arenas of its threads; so there is one arena,
 * and it is told to give back what it can.
 *
 * @module
 */
import { LIBC_CANDIDATES } from "../../fuse/mod.ts";
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
  /** Kept on purpose. */
  readonly kept: number;
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

/** Bytes that the host keeps of each offender where it is told to leak, and of how many. */
const LEAK = 10 * 2 ** 20;
const LEAKING = 8;

/** Gives freed memory back to the system, malloc_trim(3); a C library without it keeps none. */
const trim = trimmer();

function trimmer(): () => void {
  for (const path of LIBC_CANDIDATES) {
    try {
      const library = Deno.dlopen(path, { malloc_trim: { parameters: ["usize"], result: "i32" } });
      return () => void library.symbols.malloc_trim(0n);
    } catch {
      // The next one, or none.
    }
  }
  return () => {};
}

/** Bytes in memory after up to `rounds` collections: fewer as soon as they are no more than `enough`. */
async function resident(rounds: number, enough = 0): Promise<number> {
  let rss = Infinity;
  for (let round = 0; round < rounds && rss > enough; round++) {
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    trim();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    rss = Math.min(rss, Deno.memoryUsage().rss);
  }
  return rss;
}

async function account(leaks: boolean): Promise<Account> {
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
  const kept: Uint8Array[] = [];
  for (const offender of Object.values(OFFENDERS).slice(0, leaks ? LEAKING : undefined)) {
    try {
      using hostile = await mountDeviant(offender.deviation, limitsOf(offender));
      await provoke(hostile.provider, offender.operation);
    } catch {
      // `offenders_test.ts` says how it has to fail.
    }
    await neighbour.provider.lookupChild("", "full");
    if (leaks) kept.push(new Uint8Array(LEAK).fill(1));
    most = Math.max(most, await resident(1));
  }
  const after = await resident(leaks ? 20 : MOST_ROUNDS, before * MARGIN);
  return { before, most, after, kept: kept.length * LEAK };
}

if (import.meta.main) console.log(JSON.stringify(await account(Deno.args[0] === "leak")));
