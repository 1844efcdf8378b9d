/**
 * What holds of one directory: its names lead to its nodes, and no other name leads anywhere.
 *
 * @module
 */
import { nameFault } from "../../base/path.ts";
import type { Node } from "../node.ts";
import type { Listed, Page } from "./listing.ts";
import type { Provider } from "../provider.ts";
import { isImmutable, nodeDifference, quoted } from "./nodes.ts";
import { isOutside } from "./report.ts";
import { below, compare, first, type Run, second, type Visit } from "./run.ts";

/** An entry of a directory that is looked at by itself. */
export type Sample = Listed["entries"][number];

/** A name that hardly any directory has. */
const NOBODY = "no such name";

/** The children that are looked at one by one: all, or as many as the budget has, spread from the first to the last. */
export function sample({ entries }: Listed, width: number): Sample[] {
  if (entries.length <= width) return [...entries];
  const step = (entries.length - 1) / Math.max(1, width - 1);
  const chosen = new Set(Array.from({ length: width }, (_, index) => Math.round(index * step)));
  return entries.filter((_, index) => chosen.has(index));
}

/** Looks each of `samples` up; the most requests that one of the look-ups took, undefined where none was answered. */
export async function checkNamed(
  run: Run,
  visit: Visit,
  samples: readonly Sample[],
): Promise<number | undefined> {
  const costs: number[] = [];
  for (const { name, node, page } of samples) {
    const cost = await compare(run, "agree", below(visit.path, name), "the node that was listed", {
      told: node,
      one: async () => {
        const told = await first(run, (each) => each.listChildren(visit.node.id, page.cursor, run.signal))();
        if (!told.ok) return told;
        return { ...told, value: told.value.entries.find((entry) => entry.name === name)?.node };
      },
      two: first(run, (each) => each.lookupChild(visit.node.id, name, run.signal)),
      differ: presentDifference,
    });
    if (cost !== undefined) costs.push(cost);
  }
  const [chosen] = samples;
  if (chosen !== undefined) run.later.push(() => checkUnprepared(run, visit, chosen));
  return costs.length === 0 ? undefined : Math.max(...costs);
}

/** What differs between two look-ups. */
export function presentDifference(a: Node | undefined, b: Node | undefined): string | undefined {
  if (a === undefined || b === undefined) return a === b ? undefined : b === undefined ? "none" : "a node";
  return nodeDifference(a, b);
}

/** A look-up of an instance that never listed the directory. */
async function checkUnprepared(run: Run, { path, node }: Visit, chosen: Sample): Promise<void> {
  const lasting = isImmutable(chosen.node);
  const ask = (provider: Provider) => provider.lookupChild(node.id, chosen.name, run.signal);
  const at = below(path, chosen.name);
  await compare<Node | undefined>(run, lasting ? "immutable" : "stable", at, "the same node", {
    told: chosen.node,
    one: first(run, ask),
    two: second(run, ask),
    differ: presentDifference,
    lasting,
  });
}

/** Looks names up that are not there. */
export async function checkAbsent(run: Run, visit: Visit, listed: Listed): Promise<void> {
  const { exhaustive, entries } = listed;
  const names = new Set(entries.map(({ name }) => name));
  const candidates = exhaustive ? [NOBODY, ...nearMisses(entries[0]?.name)] : [NOBODY];
  for (const name of candidates) {
    if (!names.has(name) && nameFault(name) === undefined) await checkNobody(run, visit, name, exhaustive);
  }
}

/** Names that a careless reading takes for `name`: a number with a zero before it, another case, something after it. */
function nearMisses(name: string | undefined): string[] {
  if (name === undefined) return [];
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  return [...(/^\d+$/.test(name) ? [`0${name}`] : []), `${name}~`, ...(other === name ? [] : [other])];
}

async function checkNobody(run: Run, { path, node }: Visit, name: string, exhaustive: boolean) {
  const { report, signal } = run;
  const outcome = await first(run, (each) => each.lookupChild(node.id, name, signal))();
  const at = below(path, name);
  if (outcome.ok) {
    report.check("absent", at, true, "none", () => "");
    if (!exhaustive) return;
    const absent = outcome.value === undefined;
    report.check("exhaustive", path, absent, `no child ${quoted(name)}`, () => "look-up finds one");
    return;
  }
  const { error } = outcome;
  // A directory that takes any name, such as a query, may say that this one makes no sense.
  if (error.kind === "invalid" && !exhaustive) return;
  if (isOutside(error) || error.kind === "internal") return report.failed(at, "lookup-child", error);
  report.check("absent", at, false, "none", () => `${error.kind}: ${error.message}`);
}

/** A directory has no bytes. */
export async function checkNoBytes(run: Run, { path, node }: Visit): Promise<void> {
  const outcome = await first(run, (each) => each.readFile(node.id, 0, 1, run.signal))();
  if (!outcome.ok && isOutside(outcome.error)) return;
  const holds = !outcome.ok && outcome.error.kind === "is-a-directory";
  const got = () => outcome.ok ? "bytes" : `${outcome.error.kind}: ${outcome.error.message}`;
  run.report.check("errors", path, holds, "is-a-directory from read-file", got);
}

/** What a list-first directory promises of its price. */
export function checkPrice(run: Run, { path, node }: Visit, page: Page, lookup: number | undefined): void {
  if (!node.listFirst || lookup === undefined) return;
  const got = () => `${page.cost} for a page, ${lookup} for a look-up`;
  run.report.check(
    "list-first",
    path,
    page.cost <= lookup,
    "a page for no more requests than a look-up",
    got,
  );
}
