/**
 * A provider is held to the conformance suite, whole.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import type { Node, Provider } from "../../runtime/provider/mod.ts";
import { checkProvider } from "../../runtime/provider/conformance/mod.ts";

/** What a provider is held to. */
export interface Expected {
  /** Paths that are looked at beside what the root lists. */
  readonly paths?: readonly string[];
  /** Least nodes that are seen, so that a suite which looks at nothing does not pass. */
  readonly atLeast: number;
  /** Paths at which the advice on text and times does not count: bytes that the provider hands on as they are. */
  readonly raw?: RegExp;
  /** Children of one directory that are looked at; all of them unless told. */
  readonly width?: number;
}

/** A tree of tests is looked at whole: every child, every page. */
const WHOLE = { entries: 100_000, width: 10_000, pages: 10_000 };

/** Providers whose events are still to be written; the rule on watches is not held against them. */
const WITHOUT_EVENTS: readonly string[] = [];

/** Fails where any rule does not hold; answers every node that was seen, by its path (`/acme/api/topics`). */
export async function conforms(
  provider: Provider,
  again: () => Promise<Provider>,
  { paths = [], atLeast, raw, width }: Expected,
): Promise<ReadonlyMap<string, Node>> {
  const subject = { first: provider, second: await again() };
  const { rules, seen, walked, unreached } = await checkProvider(subject, {
    budget: { ...WHOLE, ...(width === undefined ? {} : { width }) },
    paths,
    now: Date.now(),
  });
  const broken = rules.flatMap(({ rule, level, findings }) =>
    findings.filter(({ path }) => level === "must" || !raw?.test(path)).map((finding) => ({
      rule,
      ...finding,
    }))
  ).filter(({ rule }) => rule !== "watches" || !WITHOUT_EVENTS.includes(provider.manifest.name));
  deepStrictEqual(broken, []);
  deepStrictEqual(unreached, []);
  ok(walked.whole || width !== undefined, "the whole tree was walked");
  ok(seen.size >= atLeast, `${seen.size} nodes, ${atLeast} were expected`);
  return seen;
}
