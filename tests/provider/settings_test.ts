/**
 * Settings against the schema that a component wrote: what it may say, and what it cannot do to its host.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { checkedSettings } from "../../runtime/provider/settings.ts";
import { readSchema } from "../../runtime/provider/settings_schema.ts";
import { deviant } from "../hostile/component.ts";
import { tempDir } from "../support/temp.ts";
import { fails, mountProbe } from "./harness.ts";

const check = (properties: object, settings: Record<string, unknown>, more: object = {}) =>
  checkedSettings(
    "m",
    JSON.stringify({ type: "object", properties, additionalProperties: false, ...more }),
    settings,
  );

Deno.test("defaults are filled in, and a text is taken for what it can only be meant as", () => {
  const properties = {
    host: { type: "string", default: "example.test" },
    pages: { type: "integer", minimum: 1, default: 3 },
    quick: { type: "boolean" },
    hosts: { type: ["array", "string"], items: { type: "string" }, default: ["a", "b"] },
  };
  assert.deepEqual(check(properties, {}), { host: "example.test", pages: 3, hosts: ["a", "b"] });
  assert.deepEqual(check(properties, { pages: "7", quick: "true", host: 5, hosts: "a,b" }), {
    pages: 7,
    quick: true,
    host: "5",
    hosts: "a,b",
  });
  assert.deepEqual(checkedSettings("m", "{}", { any: [1] }), { any: [1] });
});

Deno.test("each refusal names the flag that set it, and what would be right", () => {
  const rows: [object, unknown, RegExp][] = [
    [{ type: "integer" }, "x", /^--set m\.k: must be integer$/],
    [{ type: "integer" }, 1.5, /must be integer/],
    [{ type: ["array", "string"] }, true, /^$/],
    [{ type: ["array", "null"] }, true, /must be array or null/],
    [{ enum: ["red", "green"] }, "blue", /one of the allowed values \(red, green\)/],
    [{ const: 1 }, 2, /must be 1/],
    [{ minimum: 1 }, 0, /must be >= 1/],
    [{ maximum: 1 }, 2, /must be <= 1/],
    [{ exclusiveMinimum: 1 }, 1, /must be > 1/],
    [{ exclusiveMaximum: 1 }, 1, /must be < 1/],
    [{ multipleOf: 5 }, 7, /multiple of 5/],
    [{ minLength: 2 }, "é", /2 characters or more/],
    [{ maxLength: 1 }, "ab", /1 characters or fewer/],
    [{ pattern: "^a+$" }, "b", /must match the pattern \^a\+\$/],
    [{ pattern: "a" }, "a".repeat(5_000), /4096 characters or fewer/],
    [{ minItems: 1 }, [], /1 items or more/],
    [{ maxItems: 1 }, [1, 2], /1 items or fewer/],
    [{ uniqueItems: true }, [1, 1], /no item twice/],
    [{ items: { type: "integer" } }, [1, "x"], /^--set m\.k\.1: must be integer$/],
    [{ properties: { in: { type: "integer" } } }, { in: "x" }, /^--set m\.k\.in: must be integer$/],
    [{ required: ["in"] }, {}, /^--set m\.k\.in: it must be set$/],
    [{ additionalProperties: false }, { in: 1 }, /^--set m\.k\.in: there is no such setting$/],
    [{ additionalProperties: { type: "integer" } }, { in: "x" }, /^--set m\.k\.in: must be integer$/],
  ];
  for (const [schema, value, words] of rows) {
    const told = readSchema(JSON.stringify({ properties: { k: schema } })).apply({ k: value }).faults
      .map(({ path, what }) => `--set ${["m", ...path].join(".")}: ${what}`);
    assert.match(told.join("; "), words, JSON.stringify(schema));
  }
  assert.throws(
    () => check({ a: { type: "integer" } }, { a: "x", b: 1 }),
    fails("invalid", "--set m.a: must be integer; --set m.b: there is no such setting"),
  );
});

Deno.test("a key that every object has is a setting like another one", () => {
  const properties = { a: { type: "integer" } };
  for (const key of ["constructor", "__proto__", "toString"]) {
    const settings = JSON.parse(`{"${key}": 1}`);
    assert.throws(
      () => check(properties, settings),
      fails("invalid", `--set m.${key}: there is no such setting`),
    );
  }
  const schema = '{"properties": {"__proto__": {"type": "integer"}}}';
  assert.throws(
    () => checkedSettings("m", schema, JSON.parse('{"__proto__": "x"}')),
    fails("invalid", "__proto__"),
  );
});

/** By chance: schemas of what settings take, and values beside them. */
const scalar = fc.constantFrom<unknown>(0, 1, 2.5, -3, "", "a", "ab", "5", true, null);
const schemaOf = fc.oneof(
  fc.record({ type: fc.constantFrom("string", "integer", "boolean", "number") }),
  fc.record({ enum: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
  fc.record({ minimum: fc.integer({ min: -1, max: 2 }), maximum: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ minLength: fc.integer({ min: 0, max: 2 }), pattern: fc.constantFrom("^a", "b$", "^[ab]*$") }),
  fc.record({ type: fc.constant("array"), items: fc.record({ type: fc.constantFrom("string", "integer") }) }),
);

Deno.test("by chance, settings get the verdict that ajv gives", () => {
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }));
  fc.assert(
    fc.property(schemaOf, value, fc.boolean(), (inner, given, required) => {
      const schema = { type: "object", properties: { k: inner }, required: required ? ["k", "l"] : [] };
      const { faults, settings } = readSchema(JSON.stringify(schema)).apply({ k: given });
      // A text that is taken for a number is right here and wrong there.
      fc.pre(JSON.stringify(settings) === JSON.stringify({ k: given }));
      assert.equal(faults.length === 0, new Ajv2020({ strict: false }).validate(schema, { k: given }));
    }),
    { numRuns: 100 },
  );
});

/** Schemas that would keep their host busy, or make it do something, were they run; and why they are refused. */
const HOSTILE: Readonly<Record<string, readonly [string, RegExp]>> = {
  "that is no JSON": ["{", /no usable settings schema/],
  "that is no object": ["[]", /a schema is no object/],
  "that refers to itself": ['{"$ref": "#"}', /do not take the keyword "\$ref"/],
  "that refers to others, twice each": [
    JSON.stringify({
      $defs: Object.fromEntries(
        Array.from(
          { length: 64 },
          (_, i) => [`d${i}`, { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] }],
        ),
      ),
    }),
    /keyword "\$defs"/,
  ],
  "that goes deep": [`${'{"items":'.repeat(5_000)}{}${"}".repeat(5_000)}`, /more than 8 schemas deep/],
  "that is deep in what it allows": [`{"enum":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, /no usable|^$/],
  "whose pattern looks ahead": ['{"properties":{"k":{"pattern":"(?=(a+)+)b"}}}', /only plain groups/],
  "whose pattern refers back": ['{"properties":{"k":{"pattern":"(a*)\\\\1*b"}}}', /is not matched/],
  "whose pattern is large": ['{"properties":{"k":{"pattern":"((a{9}){9}){9}"}}}', /more than 256 steps/],
  "with patterns for names": ['{"patternProperties":{"(a+)+$":{}}}', /keyword "patternProperties"/],
};

for (const [what, [schema, words]] of Object.entries(HOSTILE)) {
  Deno.test(`a schema ${what} is refused, or harmless`, () => {
    let told = "";
    try {
      checkedSettings("m", schema, {});
    } catch (error) {
      told = String(error);
    }
    assert.match(told, words);
  });
}

Deno.test("a schema that holds a pattern which JavaScript would sit over for ever is answered", async () => {
  const evil = "a".repeat(4_000) + "!";
  const schema = JSON.stringify({ properties: { k: { type: "string", pattern: "^(a+)+$", default: evil } } });
  assert.throws(() => checkedSettings("m", schema, {}), fails("invalid", "must match the pattern ^(a+)+$"));
  // The same as a component tells it.
  await using folder = await tempDir();
  const path = `${folder.path}/evil.wasm`;
  await Deno.writeFile(path, await deviant({ schema: schema.replace(evil, "a".repeat(3_000) + "!") }));
  await assert.rejects(
    mountProbe({ mount: "hostile", source: { kind: "file", path } }),
    fails("invalid", "--set hostile.k: must match the pattern ^(a+)+$"),
  );
});

Deno.test("a schema of the largest size with the largest patterns is answered", () => {
  const properties: Record<string, unknown> = {};
  for (let i = 0; JSON.stringify({ properties }).length < 63_000; i++) {
    properties[`k${i}`] = { pattern: "(.*){60}x", default: "a".repeat(2_000) };
  }
  assert.throws(
    () => checkedSettings("m", JSON.stringify({ properties }), {}),
    fails("invalid", "must match"),
  );
});
