/**
 * What holds of a provider as a whole: its manifest, its watches, and ids that it never told.
 *
 * @module
 */
import { parsePattern } from "../../egress/pattern.ts";
import type { Need } from "../../egress/callout.ts";
import type { Node } from "../node.ts";
import { quoted } from "./nodes.ts";
import { isOutside } from "./report.ts";
import { first, type Run } from "./run.ts";

/** What `--provider NAME` can say. */
const NAME = /^[a-z][a-z0-9-]*$/;

/** Watches that are asked for their sources. */
const MOST_WATCHES = 64;

/** An identity that no provider has told. */
const NOTHING = "no such id";

/** A day in milliseconds: clocks differ, and so do time zones. */
const DAY = 86_400_000;

/** 1990. What lies before it is a time in seconds rather than a date. */
const EARLIEST = Date.UTC(1990);

/** Looks at what the provider says of itself. */
export function checkManifest({ report, subject }: Run): void {
  const { name, version, summary, needs } = subject.first.manifest;
  const check = (holds: boolean, expected: string, got: string) =>
    report.check("manifest", "/", holds, expected, () => got);
  check(NAME.test(name), "a name of small letters, digits and dashes", quoted(name));
  check(version.trim() !== "", "a version", quoted(version));
  check(/\S/.test(summary) && !summary.includes("\n"), "a summary of one line", quoted(summary));
  for (const need of needs) checkNeed(need, check);
  const again = JSON.stringify(subject.second.manifest);
  check(again === JSON.stringify(subject.first.manifest), "the same from every instance", "another one");
}

function checkNeed(
  { target, why }: Need,
  check: (holds: boolean, expected: string, got: string) => unknown,
): void {
  const pattern = parsePattern(target);
  const fault = pattern.kind === "wrong" && target !== "dns" ? pattern.why : undefined;
  check(fault === undefined, "a target that --allow-net takes", `${quoted(target)}: ${fault}`);
  check(/\S/.test(why), `a reason for ${quoted(target)}`, "none");
}

/** Asks about an object that there is not. */
export async function checkUnknown(run: Run): Promise<void> {
  const asks = {
    "list-children": first<unknown>(run, (each) => each.listChildren(NOTHING, undefined, run.signal)),
    "lookup-child": first<unknown>(run, (each) => each.lookupChild(NOTHING, "x", run.signal)),
    "read-file": first<unknown>(run, (each) => each.readFile(NOTHING, 0, 1, run.signal)),
  };
  for (const [op, ask] of Object.entries(asks)) {
    const outcome = await ask();
    if (!outcome.ok && isOutside(outcome.error)) continue;
    const holds = !outcome.ok && outcome.error.kind === "not-found";
    const got = () => outcome.ok ? "an answer" : `${outcome.error.kind}: ${outcome.error.message}`;
    run.report.check("errors", "/", holds, `not-found from ${op} of the id ${quoted(NOTHING)}`, got);
  }
}

/** Asks for the sources of every watch that a node names. */
export async function checkWatches(run: Run): Promise<void> {
  const watches = new Map<string, string>();
  for (const [path, { freshness }] of run.seen) {
    if (freshness.tag === "watched" && !watches.has(freshness.watch)) watches.set(freshness.watch, path);
  }
  for (const [watch, path] of [...watches].slice(0, MOST_WATCHES)) await checkWatch(run, watch, path);
}

async function checkWatch(run: Run, watch: string, path: string): Promise<void> {
  const expected = `a source for the watch ${quoted(watch)}`;
  if (!run.report.check("watches", path, watch !== "", "a watch with a name", () => "an empty one")) return;
  const outcome = await first(run, (each) => each.events.sources(watch, run.signal))();
  if (!outcome.ok) return run.report.failed(path, "sources", outcome.error);
  run.report.check("watches", path, outcome.value.length > 0, expected, () => "none");
  for (const source of outcome.value) {
    const holds = source.tag !== "poll" || source.milliseconds > 0;
    run.report.check("watches", path, holds, "a poll with a pace", () => "one without an end");
  }
}

/** Looks at when a node says that it changed. */
export function checkTime({ report, now }: Run, path: string, { modified }: Node): void {
  if (modified === undefined) return;
  const holds = modified >= EARLIEST && modified <= now + DAY;
  report.check("times", path, holds, "a date since 1990 that is not in the future", () => dateOf(modified));
}

function dateOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms` : date.toISOString();
}
