/**
 * Papers: what the directory of a version holds, and what one answer tells of many of them.
 *
 * @module
 */
import {
  directory,
  type DirEntry,
  entry,
  immutable,
  jsonFile,
  jsonOf,
  type Node,
  type NodeId,
  type NodeOptions,
  type Projected,
  textFile,
  textOf,
  type TextValue,
  upstreamFile,
  watched,
} from "../sdk/mod.ts";
import type { Api, SourceFile } from "./api.ts";
import type { Paper } from "./feed.ts";
import { mint, type Versioned } from "./ids.ts";

/** The watch over which version of a paper is the latest. */
function paperWatch(id: string): string {
  return `arxiv:${id}`;
}

/** The files with text, by name. A version's own never change. */
const TEXTS: Readonly<Record<string, (paper: Paper) => TextValue>> = {
  title: (paper) => paper.title,
  abstract: (paper) => paper.abstract,
  authors: (paper) => paper.authors.map(({ name }) => name),
};

const METADATA = "metadata.json";

/** True for a name that the directory of a version has or may have. */
export function mayHold(name: string): boolean {
  return Object.hasOwn(TEXTS, name) || name === METADATA || name === "paper.pdf" ||
    name.startsWith("source.");
}

/** The directory of a paper: the files of its latest version, and `versions`. */
export function paperNode(paper: Paper): Node {
  return directory(mint("paper", paper.id), {
    modified: paper.updated,
    version: `v${paper.version}`,
    freshness: watched(paperWatch(paper.id)),
    listFirst: true,
  });
}

/** The files of a version that one entry tells; they are the same nodes in the paper's directory. */
export function files(api: Api, paper: Paper): DirEntry[] {
  const options: NodeOptions = {
    modified: paper.updated,
    version: `v${paper.version}`,
    freshness: immutable,
  };
  const id = (leaf: string) => mint("version", paper.id, paper.version, leaf);
  // A reference to a journal, or a DOI, may be added to a version later.
  const told = { ...options, freshness: watched(paperWatch(paper.id)) };
  const found = [entry(METADATA, jsonFile(id(METADATA), metadata(paper), told))];
  for (const [name, value] of Object.entries(TEXTS)) {
    found.push(entry(name, textFile(id(name), value(paper), options)));
  }
  if (paper.pdf !== undefined && !paper.withdrawn) {
    found.push(entry("paper.pdf", upstreamFile(id("paper.pdf"), api.pdfUrl(paper.pdf), options)));
  }
  return found;
}

/** The text of the leaf `name`, for one that is too long to travel with its node; undefined for no such leaf. */
export function leafText(paper: Paper, name: string): string | undefined {
  if (name === METADATA) return jsonOf(metadata(paper));
  return Object.hasOwn(TEXTS, name) ? textOf(TEXTS[name]?.(paper)) : undefined;
}

function metadata(paper: Paper): Readonly<Record<string, unknown>> {
  return {
    id: paper.id,
    version: paper.version,
    title: paper.title,
    authors: paper.authors,
    abstract: paper.abstract,
    primary_category: paper.primaryCategory ?? null,
    categories: paper.categories,
    published: paper.published ?? null,
    updated: paper.updated ?? null,
    comment: paper.comment ?? null,
    journal_ref: paper.journalRef ?? null,
    doi: paper.doi ?? null,
    withdrawn: paper.withdrawn,
  };
}

/** The source of a version, under the name that says what it is. */
export function sourceEntry(api: Api, versioned: Versioned, { name, size }: SourceFile): DirEntry {
  const id = mint("version", versioned.id, versioned.version, "source");
  const version = `v${versioned.version}`;
  return entry(name, upstreamFile(id, api.sourceUrl(versioned), { size, version, freshness: immutable }));
}

/** The directory `versions` of a paper. */
export function versionsEntry({ id, updated, version }: Paper): DirEntry {
  const options = {
    modified: updated,
    version: `v${version}`,
    freshness: watched(paperWatch(id)),
    listFirst: true,
  };
  return entry("versions", directory(mint("versions", id), options));
}

/** The directories of every version: arXiv counts them without a gap. Only two dates are in the entry. */
export function versionEntries(paper: Paper): DirEntry[] {
  return Array.from({ length: paper.version }, (_, index) => {
    const version = index + 1;
    const modified = version === paper.version ? paper.updated : version === 1 ? paper.published : undefined;
    const options = { modified, version: `v${version}`, freshness: immutable, listFirst: true };
    return entry(`v${version}`, directory(mint("version", paper.id, version), options));
  });
}

/** Children of other directories, and directories that are told whole. */
export interface Insides {
  /** The children. */
  readonly also: Projected[];
  /** The directories. */
  readonly complete: NodeId[];
}

/**
 * What the entries of `papers` tell of their insides. A paper's own directory is not told whole: what its source is
 * called takes a request for each.
 */
export function insides(api: Api, papers: readonly Paper[]): Insides {
  const also: Projected[] = [];
  const complete: NodeId[] = [];
  for (const paper of papers) {
    const [parent, versions] = [mint("paper", paper.id), mint("versions", paper.id)];
    const own = files(api, paper);
    for (const child of [...own, versionsEntry(paper)]) also.push({ parent, entry: child });
    for (const child of versionEntries(paper)) also.push({ parent: versions, entry: child });
    for (const child of own) also.push({ parent: mint("version", paper.id, paper.version), entry: child });
    complete.push(versions);
    if (paper.withdrawn) complete.push(parent, mint("version", paper.id, paper.version));
  }
  return { also, complete };
}
