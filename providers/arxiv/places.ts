/**
 * Directories: what each answers to a look-up and to a listing.
 *
 * @module
 */
import {
  decodeName,
  type DirEntry,
  entry,
  type ListingDefinition,
  type Node,
  notFound,
  whole,
} from "../sdk/mod.ts";
import { type Api, PAGE } from "./api.ts";
import type { Paper } from "./feed.ts";
import { isPaperId, mint, type Versioned, versionNumber } from "./ids.ts";
import {
  files,
  type Insides,
  insides,
  mayHold,
  paperNode,
  sourceEntry,
  versionEntries,
  versionsEntry,
} from "./papers.ts";

/** One directory of the tree. */
export interface Place {
  /** The child called `name`. */
  lookup(name: string): Node | undefined;
  /** One page of the children. */
  list(cursor: string | undefined): ListingDefinition;
}

/** A directory whose children are known without asking anybody. */
export function fixed(entries: DirEntry[]): Place {
  return { lookup: (name) => nodeOf(entries, name), list: () => whole(entries) };
}

/** A directory of more than could be listed: each is there when it is asked for. */
export function unlisted(lookup: Place["lookup"], entries: DirEntry[] = []): Place {
  return { lookup, list: () => ({ entries, exhaustive: false }) };
}

/** `papers`: arXiv has millions. */
export function papersPlace(api: Api): Place {
  return unlisted((name) => {
    const id = decodeName(name);
    const paper = id !== undefined && isPaperId(id) ? api.latest(id) : undefined;
    return paper && paperNode(paper);
  });
}

/** A paper: its latest version, and `versions`. */
export function paperPlace(api: Api, id: string): Place {
  return versionedPlace(api, {
    load: () => present(api.latest(id)),
    told: (paper) => [...files(api, paper), versionsEntry(paper)],
    mayHold: (name) => name === "versions" || mayHold(name),
    inside: withVersions,
  });
}

/** One version of a paper. */
export function versionPlace(api: Api, versioned: Versioned): Place {
  return versionedPlace(api, {
    load: () => api.version(versioned),
    told: (paper) => files(api, paper),
    mayHold,
    inside: () => ({ also: [], complete: [] }),
  });
}

/** A directory with the files of one version. */
interface Shown {
  /** Asks arXiv for the version. */
  readonly load: () => Paper;
  /** The children that the entry tells. */
  readonly told: (paper: Paper) => DirEntry[];
  /** False for a name that need not be asked for. */
  readonly mayHold: (name: string) => boolean;
  /** What the entry tells of other directories. */
  readonly inside: (paper: Paper) => Insides;
}

/** What a HEAD has to tell of the source comes as the second page, so that nobody waits for it who wants a title. */
function versionedPlace(api: Api, { load, told, mayHold, inside }: Shown): Place {
  return {
    lookup(name) {
      if (!mayHold(name)) return undefined;
      const paper = load();
      const known = nodeOf(told(paper), name);
      if (known !== undefined || !name.startsWith("source.") || paper.withdrawn) return known;
      return nodeOf(sourceEntries(api, paper), name);
    },
    list(cursor) {
      if (cursor !== undefined) return whole(sourceEntries(api, fromCursor(cursor)));
      const paper = load();
      const next = paper.withdrawn ? undefined : `${paper.version} ${paper.id}`;
      return { entries: told(paper), exhaustive: true, next, ...inside(paper) };
    },
  };
}

/** The entry of the latest version tells how many there are. */
function withVersions(paper: Paper): Insides {
  const parent = mint("versions", paper.id);
  return { also: versionEntries(paper).map((child) => ({ parent, entry: child })), complete: [parent] };
}

function sourceEntries(api: Api, versioned: Versioned): DirEntry[] {
  const source = api.source(versioned);
  return source === undefined ? [] : [sourceEntry(api, versioned, source)];
}

function fromCursor(cursor: string): Versioned {
  const [version = "", id = ""] = cursor.split(" ");
  const number = versionNumber(`v${version}`);
  if (number === undefined || !isPaperId(id)) throw notFound();
  return { id, version: number };
}

/** The versions of a paper. */
export function versionsPlace(api: Api, id: string): Place {
  return {
    lookup: (name) =>
      versionNumber(name) === undefined ? undefined : nodeOf(versionEntries(present(api.latest(id))), name),
    list: () => whole(versionEntries(present(api.latest(id)))),
  };
}

/** The papers that `query` finds, in the order of `sorting`, as many as the settings say. */
export function foundPlace(api: Api, query: string, sorting: Readonly<Record<string, string>>): Place {
  const list = (cursor: string | undefined): ListingDefinition => {
    const start = cursor === undefined ? 0 : Number(cursor);
    const feed = api.search(query, sorting, start, Math.min(PAGE, api.results - start));
    const after = start + PAGE;
    const next = after < Math.min(api.results, feed.total) ? String(after) : undefined;
    const entries = feed.papers.map((paper) => entry(paper.id, paperNode(paper)));
    return { entries, exhaustive: true, next, ...insides(api, feed.papers) };
  };
  return {
    list,
    lookup(name) {
      const id = decodeName(name);
      if (id === undefined || !isPaperId(id)) return undefined;
      for (let page = list(undefined);; page = list(page.next)) {
        const found = nodeOf(page.entries, name);
        if (found !== undefined || page.next === undefined) return found;
      }
    },
  };
}

function nodeOf(entries: readonly DirEntry[], name: string): Node | undefined {
  return entries.find((child) => child.name === name)?.node;
}

function present(paper: Paper | undefined): Paper {
  if (paper === undefined) throw notFound();
  return paper;
}
