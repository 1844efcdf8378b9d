/**
 * Feeds as arXiv writes them, in the format before 2025-11-11 and in the one after it.
 *
 * @module
 */

/** Which of the two formats. */
export type Format = "before" | "after";

/** One paper of the stand-in. */
export interface PaperSeed {
  /** Its identifier without a version. */
  readonly id: string;
  /** How many versions there are; 1 unless told. */
  readonly versions?: number;
  /** Its title; made of the identifier unless told. */
  readonly title?: string;
  /** Its abstract. */
  readonly abstract?: string;
  /** The names of its authors. */
  readonly authors?: readonly string[];
  /** Its categories, the primary one first; `cs.CL` unless told. */
  readonly categories?: readonly string[];
  /** The authors' remark. */
  readonly comment?: string;
  /** What its sources are; a `.tar.gz` unless told, and none for a withdrawn paper. */
  readonly source?: "tar.gz" | "gz" | "pdf" | "none";
}

/** What stands around the entries. */
export interface FeedFrame {
  /** How many papers match in all. */
  readonly total: number;
  /** Where this slice begins. */
  readonly start: number;
  /** How many it holds at most. */
  readonly length: number;
}

/** One entry: a paper in one version; undefined for an identifier that there is no paper for. */
export type Entry = { readonly paper: PaperSeed; readonly version: number } | undefined;

const ARXIV = `xmlns:arxiv="http://arxiv.org/schemas/atom"`;
const OPENSEARCH = `xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"`;

/** When a version was submitted: a day for each. */
function submitted(version: number): string {
  return new Date(Date.UTC(2022, 0, version, 18, 59, 34)).toISOString().replace(".000", "");
}

/** A feed with `entries`. */
export function feedOf(format: Format, frame: FeedFrame, entries: readonly Entry[]): string {
  return format === "before" ? before(frame, entries) : after(frame, entries);
}

/** An error as arXiv tells it: a feed with one entry. */
export function errorFeed(why: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" ${OPENSEARCH}>
  <opensearch:totalResults>1</opensearch:totalResults>
  <entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_1234.12345</id>
    <title>Error</title>
    <summary>${escaped(why)}</summary>
    <link href="http://arxiv.org/api/errors" rel="alternate" type="text/html"/>
  </entry>
</feed>
`;
}

function after({ total, start, length }: FeedFrame, entries: readonly Entry[]): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<feed ${OPENSEARCH} ${ARXIV} xmlns="http://www.w3.org/2005/Atom">
  <opensearch:itemsPerPage>${length}</opensearch:itemsPerPage>
  <opensearch:totalResults>${total}</opensearch:totalResults>
  <opensearch:startIndex>${start}</opensearch:startIndex>
${entries.map((entry) => entry === undefined ? "" : afterEntry(entry)).join("")}</feed>
`;
}

function afterEntry({ paper, version }: NonNullable<Entry>): string {
  const { categories = ["cs.CL"] } = paper;
  return `  <entry>
    <id>http://arxiv.org/abs/${paper.id}v${version}</id>
    <title>${escaped(titleOf(paper))}</title>
    <updated>${submitted(version)}</updated>
    <link href="https://arxiv.org/abs/${paper.id}v${version}"/>
    <link href="https://arxiv.org/pdf/${paper.id}v${version}"/>
    <summary>${escaped(abstractOf(paper))}</summary>
${
    categories.map((term) => `    <category term="${term}" scheme="http://arxiv.org/schemas/atom"/>\n`).join(
      "",
    )
  }\
    <published>${submitted(1)}</published>
${paper.comment === undefined ? "" : `    <arxiv:comment>${escaped(paper.comment)}</arxiv:comment>\n`}\
    <arxiv:primary_category term="${categories[0]}"/>
${
    authorsOf(paper).map((name) => `    <author>\n      <name>${escaped(name)}</name>\n    </author>\n`).join(
      "",
    )
  }\
  </entry>
`;
}

function before({ total, start, length }: FeedFrame, entries: readonly Entry[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <opensearch:totalResults ${OPENSEARCH}>${total}</opensearch:totalResults>
  <opensearch:startIndex ${OPENSEARCH}>${start}</opensearch:startIndex>
  <opensearch:itemsPerPage ${OPENSEARCH}>${length}</opensearch:itemsPerPage>
${entries.map(beforeEntry).join("")}</feed>
`;
}

function beforeEntry(entry: Entry): string {
  if (entry === undefined) {
    return `  <entry>
    <arxiv:primary_category ${ARXIV} term="" scheme="http://arxiv.org/schemas/atom"/>
    <category term="" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
`;
  }
  const { paper, version } = entry;
  const { id, comment, categories = ["cs.CL"] } = paper;
  return `  <entry>
    <id>http://arxiv.org/abs/${id}v${version}</id>
    <updated>${submitted(version)}</updated>
    <published>${submitted(1)}</published>
    <title>${wrapped(escaped(titleOf(paper)))}</title>
    <summary>  ${wrapped(escaped(abstractOf(paper)))}
</summary>
${
    authorsOf(paper).map((name) => `    <author>\n      <name>${escaped(name)}</name>\n    </author>\n`).join(
      "",
    )
  }\
${comment === undefined ? "" : `    <arxiv:comment ${ARXIV}>${wrapped(escaped(comment))}</arxiv:comment>\n`}\
    <link href="http://arxiv.org/abs/${id}v${version}" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/${id}v${version}" rel="related" type="application/pdf"/>
    <arxiv:primary_category ${ARXIV} term="${categories[0]}" scheme="http://arxiv.org/schemas/atom"/>
${
    categories.map((term) => `    <category term="${term}" scheme="http://arxiv.org/schemas/atom"/>\n`).join(
      "",
    )
  }\
  </entry>
`;
}

function titleOf({ id, title = `On ${id} & its <consequences>` }: PaperSeed): string {
  return title;
}

function abstractOf(
  { id, abstract = `We study ${id} at length, and find what is to be found.` }: PaperSeed,
): string {
  return abstract;
}

function authorsOf({ authors = ["Ada Lovelace", "Čeněk Šťastný"] }: PaperSeed): readonly string[] {
  return authors;
}

/** The older format broke lines wherever its source did. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{30,60}?) /g, "$1\n  ");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
