/**
 * arXiv's answers: Atom in either of its two formats, before and after 2025-11-11. They differ in the order of
 * elements, where namespaces are declared, how text is wrapped and what marks the link to the PDF.
 *
 * @module
 */
import { invalid, unavailable } from "../sdk/mod.ts";
import { type Versioned, versionedOf } from "./ids.ts";
import { attributeOf, childrenOf, collapsed, localName, rootOf, textOf, type XmlElement } from "./xml.ts";

/** An author. */
export interface Author {
  /** As arXiv writes it. */
  readonly name: string;
  /** Where arXiv tells it, which is rare. */
  readonly affiliations: readonly string[];
}

/** One version of a paper, as an entry tells of it. Every text is one line. */
export interface Paper extends Versioned {
  /** Its title. */
  readonly title: string;
  /** Its authors, in order. */
  readonly authors: readonly Author[];
  /** Its abstract. */
  readonly abstract: string;
  /** The category that it was submitted to. */
  readonly primaryCategory: string | undefined;
  /** Every category, the primary one among them. */
  readonly categories: readonly string[];
  /** When the first version was submitted, as an ISO date. */
  readonly published: string | undefined;
  /** When this version was submitted, as an ISO date. */
  readonly updated: string | undefined;
  /** The authors' remark, such as the number of pages. */
  readonly comment: string | undefined;
  /** Where it was published. */
  readonly journalRef: string | undefined;
  /** Its DOI. */
  readonly doi: string | undefined;
  /** The path of its PDF on arXiv; undefined where it has none. */
  readonly pdf: string | undefined;
  /** True where this version is no paper but the notice that there is none any more. */
  readonly withdrawn: boolean;
}

/** One answer. */
export interface Feed {
  /** How many papers match in all. */
  readonly total: number;
  /** How many entries this answer holds, those without an id too. */
  readonly entries: number;
  /** The papers among them, each once. */
  readonly papers: readonly Paper[];
}

/**
 * Reads an answer.
 *
 * @throws a `ProviderError`: `invalid` with arXiv's own words where the answer is an error, `unavailable` where it is
 *   no Atom
 */
export function readFeed(text: string): Feed {
  const feed = rootOf(text);
  if (localName(feed) !== "feed") throw unavailable("the upstream answered something that is not Atom");
  const entries = childrenOf(feed, "entry");
  for (const entry of entries) {
    if (isError(entry)) throw invalid(`arXiv: ${textOf(entry, "summary") ?? "Error"}`);
  }
  const papers = new Map<string, Paper>();
  for (const entry of entries) {
    const paper = paperOf(entry);
    if (paper !== undefined && !papers.has(paper.id)) papers.set(paper.id, paper);
  }
  const total = Number(textOf(feed, "totalResults") ?? entries.length);
  return {
    total: Number.isSafeInteger(total) ? total : 0,
    entries: entries.length,
    papers: [...papers.values()],
  };
}

/** An error is an entry like any other but for its title and its id. */
function isError(entry: XmlElement): boolean {
  return textOf(entry, "title") === "Error" &&
    (textOf(entry, "id")?.includes("/api/errors") ?? textOf(entry, "summary") !== undefined);
}

/** The paper of an entry. One without an id stands for an id that arXiv does not have. */
function paperOf(entry: XmlElement): Paper | undefined {
  const versioned = versionedOf(textOf(entry, "id") ?? "");
  if (versioned === undefined) return undefined;
  const [abstract, comment] = [textOf(entry, "summary") ?? "", textOf(entry, "comment")];
  return {
    ...versioned,
    title: textOf(entry, "title") ?? "",
    authors: childrenOf(entry, "author").map(authorOf),
    abstract,
    primaryCategory: attributeOf(childrenOf(entry, "primary_category")[0], "term"),
    categories: childrenOf(entry, "category").map((one) => attributeOf(one, "term")).filter((term) =>
      term !== undefined
    ),
    published: textOf(entry, "published"),
    updated: textOf(entry, "updated"),
    comment,
    journalRef: textOf(entry, "journal_ref"),
    doi: textOf(entry, "doi"),
    pdf: pdfPath(entry),
    withdrawn: saysWithdrawn(comment) || saysWithdrawn(abstract),
  };
}

function authorOf(author: XmlElement): Author {
  const affiliations = childrenOf(author, "affiliation").map((one) => collapsed(one.text));
  return { name: textOf(author, "name") ?? "", affiliations: affiliations.filter((one) => one !== "") };
}

/** The link to the PDF has a title in the older format, and nothing but its path in the newer one. */
function pdfPath(entry: XmlElement): string | undefined {
  const links = childrenOf(entry, "link");
  const titled = links.find((link) => attributeOf(link, "title") === "pdf");
  const paths = [titled, ...links].map((link) =>
    /^https?:\/\/[^/]+(\/pdf\/[^?#]+)$/.exec(attributeOf(link, "href") ?? "")
  );
  return paths.find((path) => path !== null)?.[1];
}

/** Nothing but the words of the notice marks a withdrawal, and only where they come first. */
function saysWithdrawn(text: string | undefined): boolean {
  return /^(?:(?:this|the) [\w-]+(?: \w+)? (?:has been|is|was) )?(?:temporarily )?withdrawn\b/i.test(
    text ?? "",
  );
}
