/**
 * The sizes of what crosses from a component to its host: what is just small enough passes, and one more does not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { CalloutReply } from "../../runtime/provider/protocol.ts";
import { checkedListing, checkedLookup, checkedManifest } from "../../runtime/provider/answers.ts";
import { answerCallout } from "../../runtime/provider/callouts.ts";
import { providerFailure } from "../../runtime/provider/failures.ts";
import { readMessage } from "../../runtime/provider/guest_messages.ts";
import { builtComponent } from "../support/build.ts";
import { fails, FakeGate, mountProbe } from "./harness.ts";

const MANIFEST = { name: "p", version: "1", summary: "", needs: [], settingsSchema: "{}" };
const NEED = { target: "example.test", write: false, why: "", credential: undefined, pace: undefined };
const NODE = { id: "n", kind: "file", freshness: { tag: "immutable" }, listFirst: false, writable: false };
const LISTING = { entries: [], exhaustive: true, also: [], complete: [] };
const HEADER = { name: "a", value: "b" };

const many = (length: number, item: unknown) => Array.from({ length }, () => item);
const long = (length: number) => "x".repeat(length);

const manifest = (change: object) => () => checkedManifest("m", { ...MANIFEST, ...change });
const need = (change: object) => manifest({ needs: [{ ...NEED, ...change }] });
const listing = (change: object) => () => checkedListing("m", { ...LISTING, ...change });
const upstream = (change: object) => () =>
  checkedLookup("m", { ...NODE, content: { tag: "upstream", val: { url: "u", headers: [], ...change } } });

/** How each limit is met and passed: an answer of a size, the largest size, and the words of the refusal. */
const ANSWERS: readonly (readonly [(size: number) => () => unknown, number, string])[] = [
  [(n) => manifest({ needs: many(n, NEED) }), 64, "its needs are 65, more than 64"],
  [(n) => manifest({ settingsSchema: long(n) }), 65_536, "schema of its settings is longer than 65536 bytes"],
  [(n) => manifest({ version: long(n) }), 256, "its version is longer than 256 bytes"],
  [(n) => manifest({ summary: long(n) }), 1_024, "its summary is longer than 1024 bytes"],
  [(n) => need({ target: long(n) }), 8_192, "a need's target is longer than 8192 bytes"],
  [(n) => need({ why: long(n) }), 8_192, "a need's reason is longer than 8192 bytes"],
  [(n) => need({ credential: long(n) }), 256, "a credential's name is longer than 256 bytes"],
  [(n) => need({ pace: BigInt(n) }), 60_000, "a pace of 60001 ms is longer than 60000"],
  [(n) => upstream({ headers: many(n, HEADER) }), 64, "its headers are 65, more than 64"],
  [
    (n) => upstream({ headers: [{ name: long(n), value: "" }] }),
    8_192,
    "a header's name is longer than 8192 bytes",
  ],
  [
    (n) => upstream({ headers: [{ name: "a", value: long(n) }] }),
    8_192,
    "a header's value is longer than 8192 bytes",
  ],
  [(n) => upstream({ url: long(n) }), 8_192, "its URL is longer than 8192 bytes"],
  [(n) => listing({ next: long(n) }), 8_192, "its cursor is longer than 8192 bytes"],
  [(n) => listing({ complete: many(n, "n") }), 10_000, "complete are 10001, more than 10000"],
  [
    (n) =>
      listing({
        also: many(n, { parent: "p", entry: { name: "n", node: { ...NODE, content: { tag: "ask" } } } }),
      }),
    10_000,
    "also are 10001, more than 10000",
  ],
];

for (const [answer, most, words] of ANSWERS) {
  Deno.test(`an answer is refused where ${words}`, () => {
    answer(most)();
    assert.throws(answer(most + 1), fails("internal", words));
  });
}

Deno.test("a text is measured in bytes, not in characters", () => {
  manifest({ version: "é".repeat(128) })();
  assert.throws(manifest({ version: "é".repeat(129) }), fails("internal", "longer than 256 bytes"));
});

Deno.test("what a component says of its failure is told in 2,000 characters, and its wait in a day", () => {
  const failed = (failure: unknown) => providerFailure("m", "lookup-child", failure);
  assert.equal(failed({ tag: "unavailable", val: long(2_000) }).message, `m: ${long(2_000)}`);
  assert.equal(failed({ tag: "unavailable", val: long(2_001) }).message, `m: ${long(2_000)}`);
  assert.equal(failed({ tag: "rate-limited", val: 2n ** 63n }).retryAfter, 86_400_000);
  assert.equal(failed({ tag: "rate-limited", val: -1n }).retryAfter, 0);
  const heard = readMessage({ type: "trapped", id: 1, fault: long(5_000) });
  assert(heard?.type === "trapped");
  assert.equal(heard.fault.length, 2_000);
});

/** Sends a request of the guest; what it hears, and what the gate got. */
async function asked(change: object): Promise<{ reply: CalloutReply; passed: number }> {
  const gate = new FakeGate();
  const request = { method: "get", url: "https://example.test/", headers: [], expect: "text", ...change };
  const reply = await answerCallout(
    gate,
    "m",
    { name: "http.fetch", args: [request], op: "" },
    new AbortController().signal,
  );
  return { reply, passed: gate.callouts.length };
}

Deno.test("a request of the guest beyond its limits never reaches the gate", async () => {
  const url = (length: number) => `https://example.test/${long(length - 21)}`;
  const rows: readonly (readonly [object, object, string])[] = [
    [{ url: url(8_192) }, { url: url(8_193) }, "the URL is longer than 8192 characters"],
    [{ headers: many(64, HEADER) }, { headers: many(65, HEADER) }, "more than 64 headers"],
    [
      { headers: [{ name: "a", value: long(8_192) }] },
      { headers: [{ name: "a", value: long(8_193) }] },
      "a header's value is longer than 8192 bytes",
    ],
    [{}, { method: "connect" }, "not one of the contract"],
    [{}, { expect: "everything" }, "not one of the contract"],
    [{ body: { tag: "text", val: "x" } }, { body: { tag: "text", val: 1 } }, "neither text nor bytes"],
  ];
  for (const [least, beyond, words] of rows) {
    assert.equal((await asked(least)).passed, 1, words);
    const { reply, passed } = await asked(beyond);
    assert.equal(passed, 0, words);
    assert.match(JSON.stringify(reply), new RegExp(words));
  }
});

Deno.test("a component meets those limits too", async () => {
  const path = await builtComponent(`${import.meta.dirname}/../hostile/fixtures/requester`);
  using requester = await mountProbe({ mount: "m", source: { kind: "file", path } });
  const { provider, gate } = requester;
  const ask = (order: object) => provider.lookupChild("", JSON.stringify(order)).catch((error) => error);
  const headers = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, "1"]));
  const url = "https://127.0.0.1/";
  for (const order of [{ url: url + long(8_192 - url.length) }, { url, headers: headers(64) }]) {
    assert(!(await ask(order) instanceof Error));
  }
  assert.equal(gate.callouts.length, 2);
  for (const order of [{ url: url + long(8_193 - url.length) }, { url, headers: headers(65) }]) {
    const error = await ask(order);
    assert(error instanceof OmnifsError && error.kind === "unavailable", String(error));
  }
  assert.equal(gate.callouts.length, 2);
});
