/**
 * Regular expressions of strangers: the same verdicts as JavaScript's own, and none that takes long.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { textPattern } from "../../runtime/provider/text_pattern.ts";

/** Parts that an expression is put together from by chance. */
const ATOMS = ["a", "b", "-", ".", "\\d", "\\S", "[ab]", "[^a]", "[a-b-]", "\\.", "\\u0061", "é", "(?:)"];
const QUANTIFIERS = ["", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?"];

const { expression } = fc.letrec<{ expression: string; sequence: string; part: string }>((tie) => ({
  expression: fc.array(tie("sequence"), { minLength: 1, maxLength: 2 }).map((all) => all.join("|")),
  sequence: fc.array(tie("part"), { maxLength: 3 }).map((all) => all.join("")),
  part: fc.tuple(
    fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(...ATOMS),
      tie("expression").map((inner) => `(${inner})`),
    ),
    fc.constantFrom(...QUANTIFIERS),
  ).map(([atom, quantifier]) => atom + quantifier),
}));

Deno.test("by chance, an expression and a text get the verdict that JavaScript gives", () => {
  const anchored = fc.tuple(fc.constantFrom("", "^"), expression, fc.constantFrom("", "$"))
    .map(([start, inner, end]) => start + inner + end);
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-", "1", " ", "\n", "é", "😀"), maxLength: 6 });
  fc.assert(
    fc.property(anchored, text, (source, candidate) => {
      let pattern;
      try {
        pattern = textPattern(source);
      } catch (error) {
        // What is repeated in what is repeated may be too large.
        return assert.match(String(error), /more than 256 steps/);
      }
      assert.equal(pattern.matches(candidate), new RegExp(source, "u").test(candidate));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("what providers ask of their settings is matched as it is meant", () => {
  const rows = [
    ["^https?://[^/?#@]+(/[^?#]*)?$", "https://api.github.com", true],
    ["^https?://[^/?#@]+(/[^?#]*)?$", "http://127.0.0.1:80/x/y", true],
    ["^https?://[^/?#@]+(/[^?#]*)?$", "ftp://host", false],
    ["^https?://[^/?#@]+(/[^?#]*)?$", "https://user@host/", false],
    ["^(unix://)?/[^\\s:?#%\\\\]+$", "/var/run/docker.sock", true],
    ["^(unix://)?/[^\\s:?#%\\\\]+$", "/var/run/docker sock", false],
    ["^[A-Za-z_][\\w-]{0,9}$", "a-name_1", true],
    ["^[A-Za-z_][\\w-]{0,9}$", "a-name-that-is-longer", false],
    ["b", "abc", true],
    ["", "", true],
    ["^$", "x", false],
    ["^.$", "😀", true],
  ] as const;
  for (const [source, text, verdict] of rows) {
    assert.equal(textPattern(source).matches(text), verdict, source);
  }
});

Deno.test("an expression over which JavaScript would sit for ever is answered", () => {
  const text = `${"a".repeat(4_000)}c`;
  for (
    const source of ["^(a+)+$", "^(a|a)*$", "^(a*)*b$", "(.*)(.*)(.*)(.*)x$", "^((a?){10}){10}$", "(a+a+)+b"]
  ) {
    assert.equal(textPattern(source).matches(text), false, source);
  }
});

Deno.test("what cannot be matched in step with the text is refused, and so is what is no expression", () => {
  for (
    const source of [
      "(?=a)b",
      "(?<!a)b",
      "(?<name>a)",
      "(a)\\1",
      "\\bword",
      "\\p{L}",
      "a{2000}",
      "(a{100}){100}",
      "a{3,2}",
      "a**",
      "*a",
      "a{",
      "(a",
      "a)",
      "[a",
      "[b-a]",
      "a\\",
      "(".repeat(20) + "a" + ")".repeat(20),
    ]
  ) assert.throws(() => textPattern(source), /pattern/, source);
});
