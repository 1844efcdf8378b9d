/**
 * Every page of a directory, and what holds of pages.
 *
 * @module
 */
import { nameFault } from "../../base/path.ts";
import type { DirEntry, Listing } from "../node.ts";
import type { Provider } from "../provider.ts";
import { isImmutable, nodeDifference, pageDifference, quoted } from "./nodes.ts";
import { below, compare, first, type Run, second, type Visit } from "./run.ts";
import type { Outcome } from "./subject.ts";

/** One page, and what it was asked with. */
export interface Page {
  /** The cursor; undefined for the first one. */
  readonly cursor: string | undefined;
  /** What was told. */
  readonly listing: Listing;
  /** Requests that it took. */
  readonly cost: number;
}

/** A directory as its listing tells it. */
export interface Listed {
  /** The pages, in order; at least one. */
  readonly pages: readonly [Page, ...Page[]];
  /** Every entry, in order, with the page that it stands on. */
  readonly entries: readonly (DirEntry & { readonly page: Page })[];
  /** True where the last page was seen. */
  readonly whole: boolean;
  /** True where a name that is not here is known to be absent. */
  readonly exhaustive: boolean;
}

/** Pages that are asked for once more, of a new instance: the first ones. */
const REPLAYED = 3;

/** Lists a directory to its end, or as far as the budget goes; undefined where it cannot be listed. */
export async function list(run: Run, visit: Visit): Promise<Listed | undefined> {
  const pages: Page[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await pageOf(run, visit, cursor);
    if (page === undefined) break;
    pages.push(page);
    cursor = page.listing.next;
    if (cursor !== undefined && !isNew(run, visit, cursors, cursor)) break;
  } while (cursor !== undefined && pages.length < run.budget.pages);
  const [head, ...tail] = pages;
  if (head === undefined) return undefined;
  const listed = joined([head, ...tail]);
  checkNames(run, visit, listed);
  for (const page of listed.pages.slice(0, REPLAYED)) run.later.push(() => replay(run, visit, page));
  return listed;
}

async function pageOf(
  run: Run,
  { path, node }: Visit,
  cursor: string | undefined,
): Promise<Page | undefined> {
  const outcome = await first(run, (each) => each.listChildren(node.id, cursor, run.signal))();
  if (outcome.ok) return { cursor, listing: outcome.value, cost: outcome.cost };
  run.report.failed(path, "list-children", outcome.error);
  return undefined;
}

function isNew({ report }: Run, { path }: Visit, cursors: Set<string>, cursor: string): boolean {
  const fresh = !cursors.has(cursor);
  cursors.add(cursor);
  return report.check("pages", path, fresh, "a cursor that was not told before", () => quoted(cursor));
}

function joined(pages: readonly [Page, ...Page[]]): Listed {
  const last = pages.at(-1)?.listing;
  const whole = last?.next === undefined;
  return {
    pages,
    entries: pages.flatMap((page) => page.listing.entries.map((entry) => ({ ...entry, page }))),
    whole,
    exhaustive: whole && last?.exhaustive === true,
  };
}

/** Within a page the host looks at names itself; between pages nobody else does. */
function checkNames({ report }: Run, { path }: Visit, { entries }: Listed): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    report.check("names", path, !names.has(name), "every name once", () => `${quoted(name)} twice`);
    report.check("names", path, nameFault(name) === undefined, "a legal name", () => quoted(name));
    names.add(name);
  }
}

/** Asks a new instance for the same page. */
async function replay(run: Run, { path, node }: Visit, { cursor, listing }: Page): Promise<void> {
  const ask = (provider: Provider) => provider.listChildren(node.id, cursor, run.signal);
  const what = cursor === undefined ? "the same first page" : `the same page at ${quoted(cursor)}`;
  const other = await second(run, ask)();
  if (other.ok) checkImmutable(run, path, listing, other.value);
  let told: Outcome<Listing> | undefined = other;
  await compare(run, "stable", path, what, {
    told: listing,
    one: first(run, ask),
    two: async () => {
      const answer = told ?? await second(run, ask)();
      told = undefined;
      return answer;
    },
    differ: pageDifference,
  });
}

function checkImmutable({ report }: Run, path: string, { entries }: Listing, other: Listing): void {
  const again = new Map(other.entries.map(({ name, node }) => [name, node]));
  for (const { name, node } of entries) {
    const now = again.get(name);
    if (now === undefined || !isImmutable(node) || now.id !== node.id) continue;
    const difference = nodeDifference(node, now);
    report.check(
      "immutable",
      below(path, name),
      difference === undefined,
      "the same node",
      () => difference ?? "",
    );
  }
}
