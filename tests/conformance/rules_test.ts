/**
 * Each rule of the conformance suite catches a provider that breaks it, and leaves one alone that does not.
 *
 * @module
 */
import { deepStrictEqual, match, ok } from "node:assert/strict";
import { checkProvider, type Conformance } from "../../runtime/provider/conformance/mod.ts";
import { RULE_NAMES, type RuleName } from "../../runtime/provider/conformance/rules.ts";
import { FakeGate, mountProbe, ok as answer } from "../provider/harness.ts";
import { builtComponent } from "../support/build.ts";

const BROKEN = `${import.meta.dirname}/fixtures/broken`;

/** Holds the component to the suite that breaks the rule `fault`, or none. */
async function run(fault: string): Promise<Conformance> {
  const change = {
    mount: "broken",
    source: { kind: "file", path: await builtComponent(BROKEN) },
    settings: { fault },
  } as const;
  using first = await mountProbe(change, saying("earlier"));
  using second = await mountProbe(change, saying("later"));
  return await checkProvider({ first: first.provider, second: second.provider }, {
    now: Date.UTC(2026, 0, 1),
  });
}

/** A gate behind which the upstream says `text`. */
function saying(text: string): FakeGate {
  const gate = new FakeGate();
  gate.answer = () => Promise.resolve(answer(text));
  return gate;
}

function broken({ rules }: Conformance): RuleName[] {
  return rules.filter(({ failures }) => failures > 0).map(({ rule }) => rule);
}

/** Where a fault is found, and in what words. */
const FOUND: Readonly<Record<RuleName, { readonly path: string; readonly got: RegExp }>> = {
  "manifest": { path: "/", got: /"Broken Provider"/ },
  "contract": { path: "/", got: /the directory texts has content/ },
  "limits": { path: "/", got: /65537 bytes are inline, more than 65536/ },
  "answers": { path: "/texts", got: /^internal: .*nobody thought of this/ },
  "names": { path: "/items", got: /^"1" twice$/ },
  "agree": { path: "/time", got: /modified is 1700000000000/ },
  "absent": { path: "/no such name", got: /^not-found/ },
  "errors": { path: "/long", got: /^an answer$/ },
  "pages": { path: "/items", got: /^"2"$/ },
  "exhaustive": { path: "/items", got: /look-up finds one/ },
  "also": { path: "/", got: /byte 0 is|its size is/ },
  "complete": { path: "/", got: /^not "a\.txt"$/ },
  "list-first": { path: "/items", got: /^2 for a page, 1 for a look-up$/ },
  "ids": { path: "/texts/b.txt", got: /byte 0 is 98, not 97/ },
  "loops": { path: "/texts/again", got: /a directory that it lies in/ },
  "stable": { path: "/items", got: /^not-found/ },
  "immutable": { path: "/fixed", got: /^its size is 6, not 8$/ },
  "watches": { path: "/texts", got: /^none$/ },
  "sizes": { path: "/long", got: /^1300$/ },
  "parts": { path: "/long", got: /byte \d+ is|its length is/ },
  "text": { path: "/texts/data.json", got: /an end in "\{\}"/ },
  "times": { path: "/time", got: /1970/ },
};

Deno.test("a provider that keeps every rule passes, and every rule was tried on it", async () => {
  const conformance = await run("none");
  deepStrictEqual(conformance.rules.flatMap(({ findings }) => findings), []);
  deepStrictEqual(conformance.unreached, []);
  deepStrictEqual(conformance.rules.filter(({ checks }) => checks === 0).map(({ rule }) => rule), []);
  ok(conformance.walked.whole);
});

for (const rule of RULE_NAMES) {
  Deno.test(`a provider that breaks the rule ${rule} is caught by it, and told where`, async () => {
    const conformance = await run(rule);
    const finding = conformance.rules.find((each) => each.rule === rule)?.findings[0];
    deepStrictEqual(
      broken(conformance),
      [rule],
      JSON.stringify(conformance.rules.flatMap((r) => r.findings)),
    );
    const { path, got } = FOUND[rule];
    deepStrictEqual(finding?.path, path);
    match(finding?.got ?? "", got);
  });
}
