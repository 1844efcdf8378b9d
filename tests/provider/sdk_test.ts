/**
 * The provider SDK's own rules, without a component.
 *
 * @module
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { Answer, HttpClient } from "../../providers/sdk/client.ts";
import { defineProvider } from "../../providers/sdk/define.ts";
import {
  at,
  compare,
  decodeName,
  deliveryOf,
  encodeName,
  findName,
  jsonFile,
  jsonOf,
  linkTarget,
  marksFrom,
  marksIn,
  notADirectory,
  notFound,
  orAbsent,
  precise,
  ProviderError,
  slice,
  textFile,
  textOf,
  withQuery,
} from "../../providers/sdk/mod.ts";
import { byteLength, cut, decode, encode } from "../../providers/sdk/utf8.ts";
import { nameFault } from "../../runtime/base/path.ts";

const encoder = new TextEncoder();
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("/", "%", ".", "\0", "2", "F", "5", "E", "~", "0", "é") }),
  fc.constantFrom("", ".", "..", "...", "%2F", "%2e", "%~", "a%", "%%2F"),
);

Deno.test("every name becomes a legal segment and decodes to itself", () => {
  fc.assert(fc.property(anyText, (name) => {
    const segment = encodeName(name);
    assert.equal(nameFault(segment), undefined);
    if (byteLength(name) < 80) assert.equal(decodeName(segment), name);
    assert.equal(findName(segment, ["other", name], String), name);
  }));
});

Deno.test("two names never share a segment", () => {
  fc.assert(fc.property(anyText, anyText, (a, b) => (encodeName(a) === encodeName(b)) === (a === b)));
});

Deno.test("a segment that no name is encoded as stands for nothing", () => {
  for (const segment of ["%2f", "%41", "%2Ea", "a%2F%2", "%25"]) {
    const name = decodeName(segment);
    assert.equal(name === undefined || encodeName(name) === segment, true, segment);
  }
  assert.equal(decodeName("%41"), undefined);
  assert.equal(decodeName("%2Ea"), undefined);
});

Deno.test("a name of more than 255 bytes is cut, marked, and found again among its like", () => {
  const long = fc.string({ unit: "grapheme", minLength: 256, maxLength: 400 });
  fc.assert(fc.property(long, long, (a, b) => {
    const segment = encodeName(a);
    assert.equal(nameFault(segment), undefined);
    assert.equal(decodeName(segment), undefined);
    assert.equal(findName(segment, [b, a], String), a);
  }));
});

Deno.test("UTF-8 is counted, written and cut as the platform's own encoder does it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, limit) => {
    const bytes = encoder.encode(text);
    assert.equal(byteLength(text), bytes.length);
    assert.deepEqual(encode(text), bytes);
    assert(text.startsWith(cut(text, limit)) && byteLength(cut(text, limit)) <= limit);
  }));
  assert.deepEqual(encode("a\ud800b\udc00"), encoder.encode("a\ud800b\udc00"));
  assert.equal(byteLength("a\ud800b\udc00"), 8);
});

Deno.test("text ends in exactly one newline, and nothing is an empty file", () => {
  for (const nothing of [undefined, null, "", [], "\n", "\n\n"]) {
    assert.equal(textOf(nothing), "", String(nothing));
  }
  for (const one of ["a", "a\n", "a\n\n\n", ["a"]]) assert.equal(textOf(one), "a\n");
  assert.equal(textOf(["a", "b"]), "a\nb\n");
  assert.equal(textOf(0), "0\n");
  assert.equal(textOf(false), "false\n");
  assert.equal(jsonOf({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}\n');
  assert.equal(jsonOf(undefined), "null\n");
});

Deno.test("a file of text is inline up to 64 KiB and asked for beyond, with its exact size", () => {
  const inline = textFile("t", "é".repeat(32_767));
  assert.equal(inline.content.tag, "inline");
  const asked = textFile("t", "é".repeat(32_768));
  assert.deepEqual([asked.content.tag, asked.size], ["ask", 65_537]);
  assert.equal(jsonFile("j", "x".repeat(70_000)).size, 70_003);
});

Deno.test("a part of a text is the part of its bytes", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(50), fc.nat(50), (text, offset, length) => {
    const part = slice(text, offset, length);
    const bytes = part.tag === "text" ? encoder.encode(part.val) : part.val;
    assert.deepEqual([...bytes], [...encoder.encode(text).slice(offset, offset + length)]);
  }));
});

Deno.test("dates are milliseconds, and what is no date is not told", () => {
  assert.equal(
    textFile("t", "", { modified: "2024-01-02T03:04:05Z" }).modified,
    Date.UTC(2024, 0, 2, 3, 4, 5),
  );
  assert.equal(textFile("t", "", { modified: 12.7 }).modified, 12);
  for (const none of ["soon", null, undefined, -5, NaN]) {
    assert.equal("modified" in textFile("t", "", { modified: none }), false, String(none));
  }
});

Deno.test("Link headers are read as RFC 8288 writes them", () => {
  const github =
    '<https://api.github.com/repositories/1/issues?page=2>; rel="next", <https://x/?page=5>; rel="last"';
  assert.equal(linkTarget(github, "next"), "https://api.github.com/repositories/1/issues?page=2");
  assert.equal(linkTarget(github, "last"), "https://x/?page=5");
  assert.equal(linkTarget(github, "prev"), undefined);
  assert.equal(linkTarget(undefined, "next"), undefined);
  assert.equal(linkTarget('<a,b;c>; title="x; rel=no"; rel=next', "next"), "a,b;c");
  assert.equal(linkTarget('<a>; rel="prev next"', "next"), "a");
});

Deno.test("URLs are made of encoded segments and queries", () => {
  assert.equal(at`/repos/${"a/b"}/${"ü"}/${7}`, "/repos/a%2Fb/%C3%BC/7");
  assert.equal(withQuery("https://x/y", { a: 1, b: undefined, c: "&" }), "https://x/y?a=1&c=%26");
  assert.equal(withQuery("https://x/y?z=1", { a: true }), "https://x/y?z=1&a=true");
  assert.equal(withQuery("https://x/y", {}), "https://x/y");
});

Deno.test("an answer tells its headers and its next page", () => {
  const client = new HttpClient(({ url }) => ({
    status: 200,
    headers: [{ name: "link", value: `<${url}?page=2>; rel="next"` }],
    body: { tag: "text", val: "[1]" },
  }));
  const { value, next, answer } = client.getJson<number[]>("https://x/");
  assert.deepEqual(value, [1]);
  assert.equal(next, "https://x/?page=2");
  assert(answer instanceof Answer);
  assert.equal(answer.status, 200);
});

Deno.test("an answer that is not JSON is unavailable, and an absent object is absent", () => {
  const answering = (status: number, val: string) =>
    new HttpClient(() => ({ status, headers: [], body: { tag: "text", val } }));
  assert.throws(
    () => answering(200, "<html>").getJson("https://x/"),
    (error) => error instanceof ProviderError && error.failure.tag === "unavailable",
  );
  assert.equal(orAbsent(() => answering(404, "").getJson("https://x/")), undefined);
  assert.throws(() => orAbsent(() => answering(500, "").getJson("https://x/")), ProviderError);
});

Deno.test("a provider without readFile tells directories, files and what is not there apart", () => {
  const { provider } = defineProvider({
    manifest: { name: "p", version: "1", summary: "s" },
    lookupChild: () => undefined,
    listChildren(id) {
      if (id === "directory") return { entries: [], exhaustive: true };
      throw id === "file" ? notADirectory() : notFound();
    },
  });
  const tagOf = (id: string): string => {
    try {
      provider.readFile(id, 0, 1);
    } catch (thrown) {
      return thrown instanceof Object && "tag" in thrown ? String(thrown.tag) : String(thrown);
    }
    return "none";
  };
  assert.deepEqual(["directory", "file", "nothing"].map(tagOf), ["is-a-directory", "internal", "not-found"]);
});

Deno.test("the exports throw the contract's cases and nothing else", () => {
  const { provider, events, manifest } = defineProvider({
    manifest: { name: "p", version: "1", summary: "s" },
    lookupChild: (_, name) => {
      throw name === "gone" ? notFound() : new RangeError("too far");
    },
    listChildren: () => ({ entries: [], exhaustive: true }),
  });
  assert.throws(
    () => provider.lookupChild("", "gone"),
    (thrown) => assert.deepEqual(thrown, { tag: "not-found" }) ?? true,
  );
  assert.throws(
    () => provider.lookupChild("", "x"),
    (thrown: { tag: string; val: string }) =>
      thrown.tag === "internal" && thrown.val.startsWith("RangeError: too far"),
  );
  assert.throws(
    () => provider.readFile("d", 0, 1),
    (thrown) => assert.deepEqual(thrown, { tag: "is-a-directory" }) ?? true,
  );
  assert.deepEqual(provider.listChildren("", undefined), {
    entries: [],
    exhaustive: true,
    also: [],
    complete: [],
  });
  assert.deepEqual(events.sources("w"), []);
  assert.deepEqual(events.poll("w", undefined, 0), { invalidations: [] });
  assert.deepEqual(JSON.parse(manifest.describe().settingsSchema), {
    type: "object",
    properties: {},
    additionalProperties: false,
  });
});

Deno.test("bytes in UTF-8 are the text that they were, and no bytes at all do harm", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.equal(decode(encode(text)), text.toWellFormed());
  }));
  const long = "añ\u{1f600}".repeat(20_000);
  assert.equal(decode(encode(long)), long);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const text = decode(bytes);
    const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    // Of bytes that are no UTF-8 the standard's decoder makes fewer U+FFFD than one for each.
    assert.equal(text.replace(/\ufffd+/g, "\ufffd"), expected.replace(/\ufffd+/g, "\ufffd"));
  }));
});

Deno.test("a delivery is read by its headers in any case; a body that is no JSON is none", () => {
  const body = (text: string) => ({
    tag: "webhook" as const,
    val: { headers: [["X-GitHub-Event", "push"]] as [string, string][], body: encode(text) },
  });
  const read = deliveryOf(body('{"a":1}'));
  assert.equal(read?.header("x-github-event"), "push");
  assert.deepEqual(read?.body, { a: 1 });
  assert.equal(deliveryOf(body("{"))?.body, undefined);
  assert.equal(deliveryOf({ tag: "line", val: encode("{}") }), undefined);
});

/** Items with a state and a date, as an upstream lists those that changed since one. */
interface Dated {
  readonly state: number;
  readonly at: number;
}

Deno.test("every change of a dated list is told once, whatever happens within one date, and nothing else is", () => {
  const step = fc.record({ item: fc.nat(5), pause: fc.constantFrom(0, 0, 1, 500, 120_000) });
  fc.assert(fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 30 }), (rounds) => {
    let [now, state] = [Date.UTC(2026, 0, 1), 0];
    let marks = marksFrom(now, precise);
    const items = new Map<number, Dated>();
    for (const round of rounds) {
      const expected = new Set<number>();
      for (const { item, pause } of round) {
        now += pause;
        items.set(item, { state: ++state, at: now });
        expected.add(item);
      }
      // The cursor goes to the host and comes back.
      marks = marksIn(JSON.parse(JSON.stringify(marks))) ?? marks;
      const listed = [...items].filter(([, { at }]) => precise(at) >= marks.since).map(([key, item]) => ({
        key,
        updated: precise(item.at),
        shown: String(item.state),
        item: key,
      }));
      const { changed, after } = compare(marks, listed, precise, now);
      assert.deepEqual(new Set(changed), expected);
      assert.equal(changed.length, expected.size);
      marks = after;
    }
  }));
});
