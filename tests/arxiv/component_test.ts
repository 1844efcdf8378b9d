/**
 * The arXiv provider's component, behind the gate, over the stand-in.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { type PaperSeed, pdfOf, RECORDED_QUERY, sourceOf } from "../fakes/arxiv/mod.ts";
import { names, withComponent } from "./mounted.ts";
import { conforms } from "../conformance/conforms.ts";
import { bytesOf, pages, textAt, walk } from "../support/projection.ts";

const FORMATS = ["before", "after"] as const;

/** Papers of every sort. */
const PAPERS: readonly PaperSeed[] = [
  { id: "2201.13452", versions: 3 },
  { id: "hep-ex/0307015", source: "gz", categories: ["hep-ex"] },
  { id: "2201.00002", source: "pdf" },
  {
    id: "2201.00003",
    versions: 2,
    comment: "This paper has been withdrawn by the author",
    source: "none",
  },
  {
    id: "2201.00004",
    authors: Array.from({ length: 1_500 }, (_, i) => `Author Číslo ${i} of the Collaboration`),
  },
];

const METADATA = ["metadata.json", "title", "abstract", "authors"];

for (const format of FORMATS) {
  Deno.test(`the provider conforms over the format ${format}, and a paper is one wherever it is`, () =>
    withComponent(async ({ provider, again, arxiv }) => {
      // One format is enough for the paper whose list of authors takes seconds to read.
      const known = format === "before" ? PAPERS : PAPERS.filter(({ authors }) => authors === undefined);
      arxiv.add(...known);
      const papers = known.map(({ id }) => `papers/${id.replace("/", "%2F")}`);
      // There are more than 150 categories, most of them empty here.
      const paths = ["_search/2201 & more", "categories/cs.CL", "categories/hep-ex", ...papers];
      const seen = await conforms(provider, again, { paths, atLeast: 100, width: 8 });
      const recent = /^\/categories\/[\w.-]+\/_recent\/([^/]+)$/;
      const pairs = [...seen].filter(([path]) => recent.test(path));
      ok(pairs.length > 3);
      for (const [path, node] of pairs) {
        const other = path.replace(recent, "/papers/$1");
        if (seen.has(other)) equal(node.id, seen.get(other)?.id, `${path} and ${other}`);
      }
    }));
}

Deno.test("a paper's directory holds the files of its latest version, and the names of all of them", () =>
  withComponent(async ({ provider, arxiv }) => {
    arxiv.add(...PAPERS);
    deepStrictEqual(await names(provider, "papers/2201.13452"), [
      ...METADATA,
      "paper.pdf",
      "versions",
      "source.tar.gz",
    ]);
    deepStrictEqual(await names(provider, "papers/2201.13452/versions"), ["v1", "v2", "v3"]);
    for (const [path, version] of [["", 3], ["/versions/v3", 3], ["/versions/v1", 1]] as const) {
      const pdf = await walk(provider, `papers/2201.13452${path}/paper.pdf`);
      ok(pdf);
      deepStrictEqual(await bytesOf(provider, pdf), pdfOf("2201.13452", version), path);
      equal(pdf.freshness.tag, "immutable");
    }
    const latest = await walk(provider, "papers/2201.13452");
    deepStrictEqual(latest?.freshness, { tag: "watched", watch: "arxiv:2201.13452" });
    const recent = await walk(provider, "categories/cs.CL/_recent");
    deepStrictEqual(recent?.freshness, { tag: "watched", watch: "arxiv:cs.CL" });
    equal(await walk(provider, "papers/2201.13452/versions/v4"), undefined);
    equal(await textAt(provider, "papers/2201.13452/title"), "On 2201.13452 & its <consequences>\n");
  }));

Deno.test("a source keeps its type, and is called by it", () =>
  withComponent(async ({ provider, arxiv }) => {
    arxiv.add(...PAPERS);
    const kinds = [["2201.13452", 3, "tar.gz"], ["hep-ex/0307015", 1, "gz"], [
      "2201.00002",
      1,
      "pdf",
    ]] as const;
    for (const [id, version, kind] of kinds) {
      const path = `papers/${id.replace("/", "%2F")}`;
      const sources = (await names(provider, path)).filter((name) => name.startsWith("source"));
      deepStrictEqual(sources, [`source.${kind}`]);
      const node = await walk(provider, `${path}/source.${kind}`);
      const { bytes } = await sourceOf(id, version, kind);
      ok(node);
      equal(node.size, bytes.length);
      deepStrictEqual(await bytesOf(provider, node), bytes, id);
    }
    equal(await walk(provider, "papers/2201.00002/source.tar.gz"), undefined);
  }));

Deno.test("a withdrawn paper has its notice and its earlier versions, and neither PDF nor source", () =>
  withComponent(async ({ provider, arxiv }) => {
    arxiv.add(...PAPERS);
    deepStrictEqual(await names(provider, "papers/2201.00003"), [...METADATA, "versions"]);
    equal(JSON.parse(await textAt(provider, "papers/2201.00003/metadata.json") ?? "").withdrawn, true);
    deepStrictEqual(await names(provider, "papers/2201.00003/versions"), ["v1", "v2"]);
  }));

Deno.test("one page of a hundred papers fills all of their text in one request, well within a guest's time", () =>
  withComponent(async ({ provider, arxiv }) => {
    const abstract = "All work and no play makes a very long abstract with a formula $x^2$. ".repeat(25);
    arxiv.add(
      ...Array.from({ length: 250 }, (_, i) => ({ id: `2202.${10_000 + i}`, versions: 2, abstract })),
    );
    const recent = await walk(provider, "categories/cs.CL/_recent");
    ok(recent?.listFirst);
    const listed = await pages(provider, recent.id);
    deepStrictEqual(arxiv.asked(), [
      "GET /api/query?search_query=cat:cs.CL&sortBy=submittedDate&sortOrder=descending&start=0&max_results=100",
    ]);
    const entries = listed.flatMap((page) => page.entries);
    deepStrictEqual([entries.length, entries[0]?.name, entries[99]?.name], [100, "2202.10249", "2202.10150"]);
    const also = Map.groupBy(listed.flatMap((page) => page.also), ({ parent }) => parent);
    for (const { node } of entries) {
      const leaves = also.get(node.id)?.map(({ entry }) => entry.name);
      deepStrictEqual(leaves, [...METADATA, "paper.pdf", "versions"], node.id);
    }
  }));

Deno.test("a list goes on for as many papers as the settings say", () =>
  withComponent(async ({ provider, arxiv }) => {
    arxiv.add(...Array.from({ length: 250 }, (_, i) => ({ id: `2202.${10_000 + i}` })));
    equal((await names(provider, "categories/cs.CL/_recent")).length, 230);
    deepStrictEqual(arxiv.asked().map((path) => path.replace(/.*start=/, "")), [
      "0&max_results=100",
      "100&max_results=100",
      "200&max_results=30",
    ]);
    ok(await walk(provider, "categories/cs.CL/_recent/2202.10021"));
    equal(await walk(provider, "categories/cs.CL/_recent/2202.10001"), undefined);
  }, { settings: { results: 230 } }));

for (const format of FORMATS) {
  Deno.test(`the recorded search in the format ${format} reads as a directory`, () =>
    withComponent(async ({ provider }) => {
      const search = await walk(provider, `_search/${RECORDED_QUERY}`);
      const { entries, also } = await provider.listChildren(search?.id ?? "", undefined);
      equal(entries.length, 10);
      const old = entries.find(({ name }) => name.includes("%2F"))?.node.id ?? "";
      const title = also.find(({ parent, entry }) => parent === old && entry.name === "title")?.entry.node;
      ok(title);
      ok((await bytesOf(provider, title)).length > 10, old);
    }, { format, settings: { results: 10 } }));
}

Deno.test("names that arXiv cannot have cost no request", () =>
  withComponent(async ({ provider, arxiv }) => {
    for (
      const path of [
        "papers/.git",
        "papers/2201.13452v1",
        "papers/hep-ex",
        "categories/.git",
        "_search/.git",
        "x",
      ]
    ) {
      equal(await walk(provider, path), undefined, path);
    }
    equal((await names(provider, "")).join(), "papers,categories,_search");
    ok((await names(provider, "categories")).length > 150);
    deepStrictEqual(arxiv.asked(), []);
    equal(await walk(provider, "categories/cs.ZZ"), undefined);
    arxiv.add({ id: "2201.00009", categories: ["cs.ZZ"] });
    ok(await walk(provider, "categories/cs.ZZ"));
  }));

/** How a call fails, as one of the kinds of omnifs. */
async function kindOf(call: Promise<unknown>): Promise<string> {
  let kind = "it did not fail";
  await rejects(call, (error) => {
    kind = error instanceof OmnifsError ? error.kind : String(error);
    return true;
  });
  return kind;
}

for (const format of FORMATS) {
  Deno.test(`errors of the format ${format} are told apart`, () =>
    withComponent(async ({ provider, arxiv }) => {
      equal(await walk(provider, "papers/2201.99999"), undefined, "no such paper");
      equal(await walk(provider, "papers/2213.00001"), undefined, "no such month");
      equal(await kindOf(names(provider, "_search/((")), "invalid");
      arxiv.fault({ status: 500 });
      equal(await kindOf(walk(provider, "papers/2201.13452")), "unavailable");
      arxiv.fault({ status: 200, body: "<html>down for maintenance</html>" });
      equal(await kindOf(walk(provider, "papers/2201.13452")), "unavailable");
    }, { format }));
}

Deno.test("an empty slice in the middle of a list is no end of it", () =>
  withComponent(async ({ provider, arxiv }) => {
    const total = (n: number) => `<feed><totalResults>${n}</totalResults></feed>`;
    arxiv.fault({ status: 200, body: total(500) });
    equal(await kindOf(names(provider, "_search/x")), "unavailable");
    arxiv.fault({ status: 200, body: total(0) });
    deepStrictEqual(await names(provider, "_search/x"), []);
  }));

Deno.test("after a 429 arXiv is not asked again before its time", () =>
  withComponent(async ({ provider, arxiv }) => {
    arxiv.fault({ status: 429 });
    equal(await kindOf(walk(provider, "papers/2201.13452")), "rate-limited");
    equal(await kindOf(walk(provider, "papers/2201.13452")), "rate-limited");
    equal(arxiv.requests.length, 1);
  }));

Deno.test("two mounts with eight readers never ask arXiv twice within its pace, and all are answered", () =>
  withComponent(async ({ provider, arxiv, again }) => {
    arxiv.add(...PAPERS);
    const other = await again("other");
    const ids = ["2201.13452", "2201.00002", "2201.00003", "2201.00004"];
    const found = await Promise.all(
      [provider, other].flatMap((one) => ids.map((id) => walk(one, `papers/${id}`))),
    );
    deepStrictEqual(found.map((node) => node?.id), [...ids, ...ids].map((id) => `paper/${id}`));
    deepStrictEqual([arxiv.requests.length, arxiv.violations], [8, 0]);
  }, { pace: 200 }));
