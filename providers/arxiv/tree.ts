/**
 * The tree: from an identity to the directory or file behind it.
 *
 * @module
 */
import {
  decodeName,
  directory,
  type DirEntry,
  entry,
  immutable,
  isADirectory,
  type Node,
  notADirectory,
  notFound,
  watched,
} from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { CATEGORIES, isCategoryName } from "./categories.ts";
import { type Kind, mint, parse, type Versioned, versionNumber } from "./ids.ts";
import { leafText } from "./papers.ts";
import {
  fixed,
  foundPlace,
  paperPlace,
  papersPlace,
  type Place,
  unlisted,
  versionPlace,
  versionsPlace,
} from "./places.ts";

/** Newest first: what `_recent` means. */
const NEWEST = { sortBy: "submittedDate", sortOrder: "descending" };

/** The longest query whose identity stays within the contract's 1,024 bytes however it is encoded. */
const LONGEST_QUERY = 255;

/** The directory with each kind of identity. */
const PLACES: Readonly<Record<Kind, (api: Api, first: string, second: string) => Place | undefined>> = {
  papers: (api) => papersPlace(api),
  categories: categoriesPlace,
  searches: () => unlisted(searchNode),
  paper: paperPlace,
  versions: versionsPlace,
  version: (api, id, number) => {
    const versioned = versionedOf(id, number);
    return versioned && versionPlace(api, versioned);
  },
  category: (_api, category) => fixed(categoryEntries(category)),
  recent: (api, category) => foundPlace(api, `cat:${category}`, NEWEST),
  search: (api, query) => foundPlace(api, query, {}),
};

/** The directory with this identity. */
export function placeOf(api: Api, id: string): Place {
  if (id === "") return fixed(rootEntries());
  const parsed = parse(id);
  if (parsed === undefined) throw notFound();
  const { kind, parts: [first = "", second = "", leaf] } = parsed;
  if (leaf !== undefined) throw notADirectory();
  const place = PLACES[kind](api, first, second);
  if (place === undefined) throw notFound();
  return place;
}

/** The text of the file with this identity, from arXiv. */
export function readLeaf(api: Api, id: string): string {
  const parsed = parse(id);
  if (parsed === undefined && id !== "") throw notFound();
  const [paper = "", number = "", leaf] = parsed?.parts ?? [];
  const versioned = versionedOf(paper, number);
  if (leaf === undefined || versioned === undefined) throw isADirectory();
  const text = leafText(api.version(versioned), leaf);
  if (text === undefined) throw notFound();
  return text;
}

function versionedOf(id: string, number: string): Versioned | undefined {
  const version = versionNumber(`v${number}`);
  return version === undefined ? undefined : { id, version };
}

function rootEntries(): DirEntry[] {
  const roots: readonly [string, Kind][] = [["papers", "papers"], ["categories", "categories"], [
    "_search",
    "searches",
  ]];
  return roots.map(([name, kind]) => entry(name, directory(mint(kind), { freshness: immutable })));
}

function categoriesPlace(api: Api): Place {
  const lookup = (name: string): Node | undefined => {
    if (CATEGORIES.includes(name)) return categoryNode(name);
    if (!isCategoryName(name)) return undefined;
    return api.search(`cat:${name}`, NEWEST, 0, 1).papers.length > 0 ? categoryNode(name) : undefined;
  };
  return unlisted(lookup, CATEGORIES.map((category) => entry(category, categoryNode(category))));
}

function categoryNode(category: string): Node {
  return directory(mint("category", category), { freshness: immutable });
}

function categoryEntries(category: string): DirEntry[] {
  const freshness = watched(`arxiv:${category}`);
  return [entry("_recent", directory(mint("recent", category), { freshness, listFirst: true }))];
}

/** Any query at all, as arXiv's API takes it; what begins with a dot is a tool that looks for its own files. */
function searchNode(name: string): Node | undefined {
  const query = decodeName(name);
  if (query === undefined || query.length > LONGEST_QUERY || /^\s*$|^\./.test(query)) return undefined;
  const id = mint("search", query);
  return id.length > 1_024
    ? undefined
    : directory(id, { freshness: watched("arxiv:_search"), listFirst: true });
}
