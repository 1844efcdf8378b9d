/**
 * What listings tell of other directories, held against what those tell of themselves.
 *
 * @module
 */
import type { DirEntry, Listing, Node } from "../node.ts";
import { presentDifference } from "./directory.ts";
import type { Listed } from "./listing.ts";
import { quoted } from "./nodes.ts";
import { compare, first, type Run, type Visit } from "./run.ts";

/** What one answer told of a directory that it did not list. */
interface Claim {
  /** The path of the directory that was listed. */
  readonly by: string;
  /** What it was asked, to ask it again. */
  readonly source: { readonly id: string; readonly cursor: string | undefined };
  readonly entries: readonly DirEntry[];
  /** True where these are said to be all of its children. */
  readonly complete: boolean;
}

/** Entries of one claim that are looked at by themselves where the directory's own listing does not tell them. */
const LOOKED_UP = 8;

/** Claims by the directory that they are about. */
export class Claims {
  readonly #byParent = new Map<string, Claim[]>();

  /** Takes down what `listed` tells of other directories. */
  note({ path, node }: Visit, { pages }: Listed): void {
    for (const { listing, cursor } of pages) {
      const also = Map.groupBy(listing.also, ({ parent }) => parent);
      const complete = new Set(listing.complete);
      for (const parent of new Set([...also.keys(), ...complete])) {
        const entries = (also.get(parent) ?? []).map(({ entry }) => entry);
        const claim = { by: path, source: { id: node.id, cursor }, entries, complete: complete.has(parent) };
        this.#byParent.set(parent, [...this.#byParent.get(parent) ?? [], claim]);
      }
    }
  }

  /** The directories that something was told of and that were not held against it yet. */
  get open(): readonly string[] {
    return [...this.#byParent.keys()];
  }

  /** Holds everything that was told of the directory `id` against its own listing. */
  async settle(run: Run, id: string, listed: Listed): Promise<void> {
    const claims = this.#byParent.get(id) ?? [];
    this.#byParent.delete(id);
    const own = new Map(listed.entries.map(({ name, node }) => [name, node]));
    for (const claim of claims) {
      await checkEntries(run, id, claim, own, listed);
      if (claim.complete) checkComplete(run, id, claim, own, listed);
    }
  }
}

async function checkEntries(
  run: Run,
  id: string,
  claim: Claim,
  own: ReadonlyMap<string, Node>,
  { exhaustive }: Listed,
): Promise<void> {
  let lookedUp = 0;
  for (const { name, node } of claim.entries) {
    const listed = own.get(name);
    const expected = `the same node as ${quoted(name)} of ${quoted(id)} tells itself`;
    if (listed !== undefined && presentDifference(node, listed) === undefined) {
      run.report.check("also", claim.by, true, expected, () => "");
      continue;
    }
    if (lookedUp++ >= LOOKED_UP) continue;
    if (exhaustive && listed === undefined) await checkListed(run, id, claim, name);
    await compare<Node | undefined>(run, "also", claim.by, expected, {
      told: node,
      one: () => tellAgain(run, claim, id, name),
      two: first(run, (each) => each.lookupChild(id, name, run.signal)),
      differ: presentDifference,
    });
  }
}

/** A name that another directory's answer told and that its own exhaustive listing does not. */
async function checkListed(run: Run, id: string, { by }: Claim, name: string): Promise<void> {
  const found = await first(run, (each) => each.lookupChild(id, name, run.signal))();
  const hidden = found.ok && found.value !== undefined;
  run.report.check(
    "exhaustive",
    by,
    !hidden,
    `${quoted(name)} in the listing of ${quoted(id)}`,
    () => "it is not there",
  );
}

async function tellAgain(run: Run, { source }: Claim, id: string, name: string) {
  const told = await first(run, (each) => each.listChildren(source.id, source.cursor, run.signal))();
  return told.ok ? { ...told, value: claimed(told.value, id, name) } : told;
}

function claimed({ also }: Listing, id: string, name: string): Node | undefined {
  return also.find(({ parent, entry }) => parent === id && entry.name === name)?.entry.node;
}

function checkComplete(
  { report }: Run,
  id: string,
  { by, entries }: Claim,
  own: ReadonlyMap<string, Node>,
  { whole, exhaustive }: Listed,
): void {
  if (!whole) return;
  const told = new Set(entries.map(({ name }) => name));
  const untold = [...own.keys()].find((name) => !told.has(name));
  const expected = `every child of ${quoted(id)}`;
  report.check("complete", by, untold === undefined, expected, () => `not ${quoted(untold ?? "")}`);
  const got = () => "its own listing is not exhaustive";
  report.check("complete", by, exhaustive || own.size < told.size, `${quoted(id)} to be exhaustive`, got);
}
