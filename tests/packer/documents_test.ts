/**
 * `asset.json` and `index.json` against the published schemas: what is wrong is told with path, line, rule and mend, and
 * keys that no schema names are nobody's business.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readDeclaration } from "../../runtime/packer/declaration.ts";
import type { Reading } from "../../runtime/packer/fault.ts";
import { readRegistry } from "../../runtime/packer/registry.ts";
import { declaration, registry, uuid } from "./workspace.ts";

/** What is done to a valid document, and the fault that is told: `LINE RULE: MESSAGE; MEND`. */
type Row = readonly [what: string, change: (text: string) => string, ...faults: string[]];

const replaced = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);

const DECLARATIONS: readonly Row[] = [
  ["nothing", (text) => text],
  ["keys of the author's own", replaced('"name"', '"mine": { "root": 1 },\n  "name"')],
  [
    "a comma that is missing",
    replaced('"image",', '"image"'),
    "6 json: not JSON: a comma was expected; edit line 6",
  ],
  [
    "a comma too many",
    replaced(/\n\}\n$/, ",\n}\n"),
    "14 json: not JSON: a property's name in double quotes was expected; edit line 14",
  ],
  ["a comment", replaced("{\n", "{ // mine\n"), "1 json: not JSON: comments are not JSON; edit line 1"],
  ["an empty file", () => "", "1 json: not JSON: a value was expected; edit line 1"],
  ["a list", () => "[]", "1 schema: the document must be an object; change it"],
  [
    "another version",
    replaced('"schema_version": 1', '"schema_version": 2'),
    "2 schema: schema_version must be 1; change schema_version",
  ],
  [
    "no asset_uuid",
    replaced(/ {2}"asset_uuid".*\n/, ""),
    '1 schema: the document has no asset_uuid; add "asset_uuid"',
  ],
  [
    "an asset_uuid that is none",
    replaced(uuid(1), "hero-1"),
    "3 schema: asset_uuid must be a UUID, such as 5b1f6a0e-9c1d-4a53-8f0e-2d8f1f1c7a44; change asset_uuid",
  ],
  ["an empty name", replaced('"hero"', '""'), "4 schema: name must not be empty; change name"],
  [
    "a name that is too long",
    replaced('"hero"', JSON.stringify("x".repeat(256))),
    "4 schema: name must have at most 255 characters; change name",
  ],
  ["inputs that are a list", replaced("{}", "[]"), "6 schema: inputs must be an object; change inputs"],
  ["no codec", replaced(/,\n *"codec": "raw"/, ""), '7 schema: output has no codec; add "codec"'],
  [
    "preload that is no answer",
    replaced('"enabled": false', '"enabled": "no"'),
    "12 schema: preload.enabled must be a boolean; change enabled",
  ],
  ...["asset_id", "included_in_build", "root", "generation"].map((key): Row => [
    `what the registry knows: ${key}`,
    replaced('"name"', `"${key}": 1,\n  "name"`),
    `4 schema: ${key} has no place here; take ${key} out: it belongs in index.json`,
  ]),
  [
    "two things at once",
    (text) => text.replace('"hero"', "7").replace('"image"', '""'),
    "4 schema: name must be a string; change name",
    "5 schema: type must not be empty; change type",
  ],
];

const REGISTRIES: readonly Row[] = [
  ["nothing", (text) => text],
  ["keys of others", replaced('"root": "hero"', '"root": "hero",\n      "tags": ["x"]')],
  [
    "an asset_id twice",
    replaced('"asset_id": 2', '"asset_id": 1'),
    "12 id-twice: asset_id 1 stands twice; give one of them 3",
  ],
  [
    "an asset_uuid twice, in other letters",
    replaced(uuid(2), uuid(1).toUpperCase()),
    `13 uuid-twice: asset_uuid ${uuid(1).toUpperCase()} stands twice; remove one of the two entries`,
  ],
  [
    "a root that leads out",
    replaced('"villain"', '"../villain"'),
    '14 root: "../villain" is no root: a part of it is no name: it means a directory to every tool; change root',
  ],
  [
    "an asset_id that is none",
    replaced('"asset_id": 1', '"asset_id": 0'),
    "6 schema: assets.0.asset_id must be at least 1; change asset_id",
  ],
  [
    "an answer that is none",
    replaced('"included_in_build": true', '"included_in_build": "yes"'),
    "9 schema: assets.0.included_in_build must be a boolean; change included_in_build",
  ],
];

function told(reading: Reading<unknown>, path: string): string[] {
  if (reading.ok) return [];
  return reading.faults.map((fault) => {
    strictEqual(fault.path, path);
    return `${fault.line} ${fault.rule}: ${fault.message}; ${fault.mend}`;
  });
}

for (const [what, change, ...faults] of DECLARATIONS) {
  Deno.test(`an asset.json with ${what} ${faults.length === 0 ? "is well" : "is told with its line"}`, () => {
    const text = change(declaration(1, "hero"));
    deepStrictEqual(told(readDeclaration("hero/asset.json", text), "hero/asset.json"), faults);
  });
}

for (const [what, change, ...faults] of REGISTRIES) {
  Deno.test(`an index.json with ${what} ${faults.length === 0 ? "is well" : "is told with its line"}`, () => {
    const text = change(registry("hero", "villain"));
    deepStrictEqual(told(readRegistry(text), ".prometeu/index.json"), faults);
  });
}

Deno.test("the published schemas are schemas of draft 2020-12, and each names itself", async () => {
  const folder = new URL("../../runtime/packer/schemas/", import.meta.url);
  const ids: string[] = [];
  for (const name of ["asset", "index"]) {
    const schema = JSON.parse(await Deno.readTextFile(new URL(`${name}.schema.json`, folder)));
    ok(new Ajv2020({ strict: true }).validateSchema(schema), name);
    ids.push(schema.$id);
  }
  deepStrictEqual(ids, ["urn:omnifs:packer:asset:1", "urn:omnifs:packer:index:1"]);
});
