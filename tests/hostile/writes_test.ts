/**
 * A component that changes its upstream whenever it is asked anything: only a step that is performed or taken back lets it,
 * and only with the grant.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Provider } from "../../runtime/provider/mod.ts";
import { Bench, need, Upstream } from "../egress/fixture.ts";
import { mountProbe } from "../provider/harness.ts";
import { builtComponent } from "../support/build.ts";

const WRITER = `${import.meta.dirname}/fixtures/writer`;
const STEP = { id: "a/1", summary: "harm", payload: new Uint8Array(), reversible: true };

/** Asks everything there is of a provider, one after the other. */
async function askAll(provider: Provider): Promise<void> {
  const { events, mutations } = provider;
  await provider.lookupChild("", "x").catch(() => {});
  await provider.listChildren("", undefined).catch(() => {});
  await provider.readFile("x", 0, 10).catch(() => {});
  await events.poll("w", undefined, 0).catch(() => {});
  await events.onEvent({ tag: "line", line: new Uint8Array() }).catch(() => {});
  const change = { tag: "create", parent: "", name: "x", content: new Uint8Array() } as const;
  await mutations.check(change).catch(() => {});
  await mutations.plan([change]).catch(() => {});
  await mutations.probe(STEP).catch(() => {});
}

/** The requests that reached the upstream, as `POST /when`. */
const asked = ({ requests }: Upstream) =>
  requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

/** A mount of the component before an upstream. */
async function scene(apply: readonly string[]) {
  await using cleanup = new AsyncDisposableStack();
  const upstream = cleanup.use(new Upstream(() => new Response("done")));
  const needs = [{ ...need("127.0.0.1"), write: true }];
  const bench = cleanup.use(new Bench({ allow: [upstream.target], apply, needs }));
  const mounted = cleanup.use(
    await mountProbe({
      mount: "m",
      source: { kind: "file", path: await builtComponent(WRITER) },
      settings: { url: upstream.url("/") },
      gate: bench.gate,
    }),
  );
  const kept = cleanup.move();
  return { upstream, bench, provider: mounted.provider, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

Deno.test("a component that changes its upstream while it is only asked is denied, and check may not even read", async () => {
  await using scenery = await scene(["m"]);
  const { upstream, provider, bench } = scenery;
  await askAll(provider);
  assert.deepEqual(asked(upstream), [
    "GET /lookup",
    "GET /list",
    "GET /read",
    "GET /poll",
    "GET /event",
    "GET /plan",
    "GET /probe",
  ]);
  const denied = bench.events.filter(({ type }) => type === "mutation.sent");
  assert.equal(denied.length, 7, "each try is told, but those of check, which reach nothing");
  assert(denied.every(({ data }) => "outcome" in data && data.outcome === "denied"));
  const told = await provider.mutations.check({
    tag: "create",
    parent: "",
    name: "x",
    content: new Uint8Array(),
  })
    .then(() => "", (error) => String(error.message));
  assert.match(told, /check may not ask for anything.*check may not ask for anything/);
});

Deno.test("a step lets it change the upstream with the grant, and without it nothing does", async () => {
  for (const apply of [[], ["m"]]) {
    await using scenery = await scene(apply);
    const { upstream, provider } = scenery;
    await provider.mutations.perform(STEP);
    await provider.mutations.undo(STEP, new Uint8Array());
    const reads = ["GET /perform", "GET /undo"];
    const wanted = apply.length === 0 ? reads : ["POST /perform", "GET /perform", "POST /undo", "GET /undo"];
    assert.deepEqual(asked(upstream), wanted);
  }
});

Deno.test("what is asked while a step is performed is no step", async () => {
  await using scenery = await scene(["m"]);
  const { upstream, provider } = scenery;
  const performs = Array.from({ length: 4 }, () => provider.mutations.perform(STEP));
  await Promise.all([...performs, ...Array.from({ length: 4 }, () => askAll(provider))]);
  const posts = asked(upstream).filter((request) => request.startsWith("POST"));
  assert.deepEqual(posts, Array(4).fill("POST /perform"));
});
