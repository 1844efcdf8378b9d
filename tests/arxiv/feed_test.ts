/**
 * arXiv's answers in both formats, identities, settings and names of sources: all that needs no upstream.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { sourceOf } from "../../providers/arxiv/api.ts";
import { CATEGORIES, isCategoryName } from "../../providers/arxiv/categories.ts";
import { hostOf, manifestOf, settingsOf } from "../../providers/arxiv/config.ts";
import { type Feed, readFeed } from "../../providers/arxiv/feed.ts";
import { isPaperId, mint, parse, versionedOf, versionNumber } from "../../providers/arxiv/ids.ts";
import { decodeName, encodeName, ProviderError } from "../../providers/sdk/mod.ts";
import { errorFeed, feedOf } from "../../runtime/cli/demo/arxiv/atom.ts";
import { recording } from "../fakes/arxiv/mod.ts";

async function recorded(name: string): Promise<Feed> {
  return readFeed(await recording(name));
}

const FORMATS = ["before", "after"] as const;

for (const format of FORMATS) {
  Deno.test(`the recorded search of the format ${format} has ten papers, each with all of its fields`, async () => {
    const { total, entries, papers } = await recorded(`${format}-2025-11_query`);
    deepStrictEqual([total > 7_000, entries, papers.length], [true, 10, 10]);
    for (const paper of papers) {
      ok(isPaperId(paper.id) && paper.version >= 1, paper.id);
      equal(paper.pdf, `/pdf/${paper.id}v${paper.version}`);
      ok(paper.title !== "" && paper.abstract.length > 100 && paper.authors.length > 0, paper.id);
      for (const text of [paper.title, paper.abstract, paper.comment ?? ""]) {
        ok(!/\n| {2}|^ | $/.test(text), text);
      }
      ok(paper.categories.includes(paper.primaryCategory ?? ""), paper.id);
      ok(Date.parse(paper.updated ?? "") >= Date.parse(paper.published ?? ""), paper.id);
      equal(paper.withdrawn, false);
    }
  });

  Deno.test(`the recorded answer without papers of the format ${format} has none`, async () => {
    deepStrictEqual((await recorded(`${format}-2025-11_query_empty`)).papers, []);
  });

  Deno.test(`a feed that was written in the format ${format} is read back`, () => {
    const paper = {
      id: "hep-ex/0307015",
      versions: 3,
      title: "A <title> & more words than fit into a single line of the older format",
      comment: "9 pages",
    };
    const frame = { total: 7, start: 0, length: 10 };
    const { total, papers } = readFeed(feedOf(format, frame, [undefined, { paper, version: 3 }]));
    equal(total, 7);
    const [found] = papers;
    deepStrictEqual([papers.length, found?.id, found?.version], [1, "hep-ex/0307015", 3]);
    deepStrictEqual([found?.title, found?.comment, found?.pdf], [
      paper.title,
      paper.comment,
      "/pdf/hep-ex/0307015v3",
    ]);
    deepStrictEqual(found?.authors.map(({ name }) => name), ["Ada Lovelace", "Čeněk Šťastný"]);
  });
}

Deno.test("both formats tell the same of the same paper, and entries without an id are skipped", async () => {
  const [before, after] = await Promise.all(
    FORMATS.map((format) => recorded(`${format}-2025-11_query_missing_id`)),
  );
  deepStrictEqual([before?.entries, after?.entries], [4, 1]);
  const [[old], [now]] = [before?.papers ?? [], after?.papers ?? []];
  // The older format said "35" of a classification among the categories, and counted time to the submission.
  deepStrictEqual({ ...old, categories: ["math.AP"], updated: now?.updated }, now);
  equal(now?.id, "2201.13452");
});

Deno.test("a prefix on every element changes nothing", async () => {
  const text = await recording("after-2025-11_query");
  const prefixed = text.replace('xmlns="', 'xmlns:a="').replaceAll(/<(\/?)(\w+)(?=[\s>/])/g, "<$1a:$2");
  ok(prefixed.includes("<a:entry>"));
  deepStrictEqual(readFeed(prefixed), readFeed(text));
});

function failureOf(text: string): string {
  let told = "";
  throws(() => readFeed(text), (error) => {
    ok(error instanceof ProviderError);
    told = error.message;
    return true;
  });
  return told;
}

Deno.test("an error is told in arXiv's own words, and what is no feed is no empty one", async () => {
  equal(
    failureOf(errorFeed("max_results must be an integer")),
    "invalid: arXiv: max_results must be an integer",
  );
  for (const text of ["", "Rate exceeded.", "<html><body>down</body></html>", "<feed><entry>"]) {
    ok(failureOf(text).startsWith("unavailable"), text);
  }
  const titled = (await recording("after-2025-11_query")).replace(/(<entry>[^]*?<title>)[^<]*/, "$1Error");
  equal(readFeed(titled).papers[0]?.title, "Error", "a paper may have this title");
});

Deno.test("an entity that a document defines is not expanded", () => {
  const bomb =
    `<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><feed><title>&b;</title></feed>`;
  deepStrictEqual(readFeed(bomb).papers, []);
});

Deno.test("a withdrawal is told by the first words of the comment or the abstract, and by nothing else", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["This paper has been withdrawn by the author due to an error", true],
    ["This paper has been withdrawn", true],
    ["The manuscript was withdrawn", true],
    ["Withdrawn, because of a gap in Lemma 3", true],
    ["This submission has been withdrawn by arXiv administrators", true],
    ["12 pages; replaces a paper that has been withdrawn", false],
    ["Withdrawnness of states", false],
    ["This paper shows why money is withdrawn", false],
  ];
  for (const [comment, withdrawn] of cases) {
    const frame = { total: 1, start: 0, length: 1 };
    const text = feedOf("after", frame, [{ paper: { id: "2201.00001", comment }, version: 1 }]);
    equal(readFeed(text).papers[0]?.withdrawn, withdrawn, comment);
  }
});

Deno.test("identifiers of both kinds are told from everything else", () => {
  for (const id of ["2201.13452", "0704.0001", "hep-ex/0307015", "math.GT/0309136", "cs/0001001"]) {
    ok(isPaperId(id), id);
  }
  for (
    const id of [
      "",
      ".git",
      "2201.13452v1",
      "2201.123",
      "hep-ex",
      "hep-ex/030701",
      "HEP-EX/0307015",
      "../x/0307015",
    ]
  ) {
    ok(!isPaperId(id), id);
  }
  deepStrictEqual(versionedOf("http://arxiv.org/abs/hep-ex/0307015v12"), {
    id: "hep-ex/0307015",
    version: 12,
  });
  equal(versionedOf("http://arxiv.org/abs/hep-ex/0307015"), undefined);
  equal(decodeName(encodeName("hep-ex/0307015")), "hep-ex/0307015");
  equal(encodeName("hep-ex/0307015"), "hep-ex%2F0307015");
  deepStrictEqual(["v1", "v10", "v0", "v01", "1", "v"].map(versionNumber), [
    1,
    10,
    ...Array(4).fill(undefined),
  ]);
});

Deno.test("an identity that was minted is taken apart into what it was made of", () => {
  const part = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(fc.property(part, fc.integer({ min: 1, max: 999 }), part, (id, version, leaf) => {
    deepStrictEqual(parse(mint("version", id, version, leaf)), {
      kind: "version",
      parts: [id, String(version), leaf],
    });
    deepStrictEqual(parse(mint("search", id)), { kind: "search", parts: [id] });
  }));
  for (
    const id of ["paper", "paper/", "paper/a/b", "paper/%", "paper/%41", "toString/a", "version/a", "Paper/a"]
  ) {
    equal(parse(id), undefined, id);
  }
});

Deno.test("every category of the table is one by its name", () => {
  deepStrictEqual(CATEGORIES.filter((name) => !isCategoryName(name)), []);
  equal(new Set(CATEGORIES).size, CATEGORIES.length);
  for (const name of [".git", "cs.", "CS.CL", "cs/CL", "a b", "cat:cs", ""]) ok(!isCategoryName(name), name);
});

Deno.test("arXiv itself is asked at its own pace whatever the settings say, at both of its hosts", () => {
  const needs = manifestOf(settingsOf({ pace_ms: 10 })).needs ?? [];
  deepStrictEqual(needs.map(({ target, pace }) => [target, pace]), [["export.arxiv.org", 3_000], [
    "arxiv.org",
    3_000,
  ]]);
  ok(needs.every(({ write, credential }) => !write && credential === undefined));
  const own = settingsOf({
    api_url: "http://127.0.0.1:1/api/query/",
    content_url: "http://127.0.0.1:2/",
    pace_ms: 10,
  });
  deepStrictEqual([own.api, own.content], ["http://127.0.0.1:1/api/query", "http://127.0.0.1:2"]);
  deepStrictEqual(manifestOf(own).needs?.map(({ target, pace }) => [target, pace]), [["127.0.0.1:2", 10], [
    "127.0.0.1:1",
    10,
  ]]);
  equal(
    settingsOf({ api_url: "https://notarxiv.org/q", content_url: "https://x.test", pace_ms: 10 }).pace,
    10,
  );
  throws(() => hostOf("https://u:p@arxiv.org/"), /not an address/);
});

Deno.test("a source is called what its headers say", () => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{
      "content-disposition": 'attachment; filename="arXiv-2201.1v1.tar.gz"',
      "content-type": "application/gzip",
    }, ".tar.gz"],
    [{
      "content-disposition": 'attachment; filename="arXiv-2201.1v1.gz"',
      "content-type": "application/gzip",
    }, ".gz"],
    [{ "content-disposition": "attachment; filename=arXiv-2201.1v1.tex.gz" }, ".gz"],
    [{ "content-disposition": 'attachment; filename="x.pdf"', "content-type": "application/pdf" }, ".pdf"],
    [{ "content-type": "application/x-eprint-tar" }, ".tar.gz"],
    [{ "content-type": "application/x-eprint" }, ".gz"],
    [{ "content-type": "Application/PDF; charset=binary" }, ".pdf"],
    [{ "content-type": "text/html" }, ".html"],
    [{ "content-disposition": 'attachment; filename="../../etc/passwd"', "content-type": "x/y" }, ".bin"],
    [{}, ".bin"],
  ];
  for (const [headers, ending] of cases) {
    equal(sourceOf({ header: (name) => headers[name] }).name, `source${ending}`, JSON.stringify(headers));
  }
  const sized = (headers: Record<string, string>) => sourceOf({ header: (name) => headers[name] }).size;
  equal(sized({ "content-length": "17" }), 17);
  equal(sized({ "content-length": "17", "content-encoding": "x-gzip" }), undefined);
});
