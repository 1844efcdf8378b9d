/**
 * What a component asks for that it was not granted: hosts in disguise, headers with line breaks, requests without end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Bench, RawUpstream, Upstream } from "../egress/fixture.ts";
import { fails, type Mounted, mountProbe, ok } from "../provider/harness.ts";
import { builtComponent } from "../support/build.ts";
import { until } from "../support/deadline.ts";

const REQUESTER = `${import.meta.dirname}/fixtures/requester`;

async function source() {
  return { kind: "file", path: await builtComponent(REQUESTER) } as const;
}

/** What became of a request: the kind of the failure, or the text of the answer. */
async function outcomeOf({ provider }: Mounted, order: unknown): Promise<string> {
  try {
    const node = await provider.lookupChild("", JSON.stringify(order));
    assert(node?.content.tag === "inline");
    return new TextDecoder().decode(node.content.bytes);
  } catch (error) {
    if (error instanceof OmnifsError) return error.kind;
    throw error;
  }
}

/** Ways to write the port `vault` of this machine, some of them behind the `granted` one. */
function disguises(vault: string, granted: string): string[] {
  return [
    `http://127.0.0.1:${vault}/`,
    `http://localhost:${vault}/`,
    `http://LOCALHOST.:${vault}/`,
    `http://0x7f000001:${vault}/`,
    `http://0x7f.0.0.1:${vault}/`,
    `http://2130706433:${vault}/`,
    `http://0177.0.0.1:${vault}/`,
    `http://127.1:${vault}/`,
    `http://127.0.0.1.:${vault}/`,
    `http://0:${vault}/`,
    `http://0.0.0.0:${vault}/`,
    `http://[::]:${vault}/`,
    `http://[::1]:${vault}/`,
    `http://[::ffff:127.0.0.1]:${vault}/`,
    `http://[::ffff:7f00:1]:${vault}/`,
    `http://[64:ff9b::7f00:1]:${vault}/`,
    `http://１２７.０.０.１:${vault}/`,
    `http://127。0。0。1:${vault}/`,
    `http://%31%32%37.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}@127.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}%40127.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}\\@127.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}#@127.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}?@127.0.0.1:${vault}/`,
    `http://127.0.0.1:${granted}/\r\nHost: 127.0.0.1:${vault}\r\n\r\n`,
    `http://127.0.0.1\t:${vault}/`,
    ` http://127.0.0.1:${vault}/`,
    `HTTP://127.0.0.1:${vault}/`,
    `http:/127.0.0.1:${vault}/`,
    `http:127.0.0.1:${vault}/`,
    `//127.0.0.1:${vault}/`,
    `https://127.0.0.1:${vault}/`,
    `ws://127.0.0.1:${vault}/`,
    `file:///etc/hostname`,
    `data:text/plain,vault`,
    `unix:/var/run/docker.sock:/info`,
    `unix:/../../var/run/docker.sock:http://127.0.0.1:${vault}/`,
  ];
}

Deno.test("a host that was not granted is not reached, however it is written", async (t) => {
  await using granted = new Upstream(() => new Response("granted"));
  await using vault = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nvault", false);
  const [port = "", vaultPort = ""] = [granted, vault].map(({ target }) => target.split(":")[1]);
  await using bench = new Bench({ allow: [granted.target], needs: [] });
  using requester = await mountProbe({ mount: "m", source: await source(), gate: bench.gate });
  assert.equal(await outcomeOf(requester, { url: granted.url() }), "200 granted\n");
  for (const url of disguises(vaultPort, port)) {
    await t.step(JSON.stringify(url), async () => {
      const outcome = await outcomeOf(requester, { url });
      assert(["denied", "unavailable", "200 granted\n"].includes(outcome), outcome);
    });
  }
  assert.equal(vault.asked, 0);
});

Deno.test("a redirect does not lead to a host that was not granted", async () => {
  await using vault = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nvault", false);
  await using granted = new Upstream(() =>
    new Response(null, { status: 302, headers: { location: `http://${vault.target}/` } })
  );
  await using bench = new Bench({ allow: [granted.target], needs: [] });
  using requester = await mountProbe({ mount: "m", source: await source(), gate: bench.gate });
  assert.equal(await outcomeOf(requester, { url: granted.url() }), "denied");
  assert.equal(vault.asked, 0);
});

Deno.test("a header cannot end its line, nor speak for the gate", async () => {
  await using upstream = new Upstream(() => new Response("granted"));
  await using bench = new Bench({ allow: [upstream.target], needs: [] });
  using requester = await mountProbe({ mount: "m", source: await source(), gate: bench.gate });
  const smuggled: Record<string, string>[] = [
    { "x-a": "1\r\nx-smuggled: 1" },
    { "x-a": "1\nx-smuggled: 1" },
    { "x-a": "1\rx-smuggled: 1" },
    { "x-a": "1\u0000x-smuggled: 1" },
    { "x-a": "1\u010d\u010ax-smuggled: 1" },
    { "x-a\r\nx-smuggled": "1" },
    { "x-a: 1\r\nx-smuggled": "1" },
    { "": "1" },
    { "x smuggled": "1" },
  ];
  for (const headers of smuggled) {
    assert.notEqual(
      await outcomeOf(requester, { url: upstream.url(), headers }),
      "200 granted\n",
      JSON.stringify(headers),
    );
  }
  assert.equal(upstream.requests.length, 0);
  const spoken = [
    "Host",
    "authorization",
    "Cookie",
    "content-length",
    "Transfer-Encoding",
    "connection",
    "proxy-authorization",
  ];
  for (const name of spoken) {
    await outcomeOf(requester, { url: upstream.url("/spoken"), headers: { [name]: "7" } });
  }
  assert.equal(upstream.requests.length, spoken.length);
  for (const { headers } of upstream.requests) {
    assert.equal([...headers.values()].includes("7"), false);
  }
});

Deno.test("a component that asks without end is given up, and its instance serves the next call", async () => {
  using requester = await mountProbe({
    source: await source(),
    limits: { instances: 1, deadlineMilliseconds: 500 },
  });
  const { provider, gate, events } = requester;
  gate.answer = () => Promise.resolve(ok("answer"));
  const order = JSON.stringify({ url: "https://127.0.0.1/", forever: true });
  await assert.rejects(provider.lookupChild("", order), fails("unavailable", "no answer after"));
  await until(
    () => events.some(({ type }) => type === "provider.poisoned"),
    10_000,
    "the end of the instance",
  );
  const asked = gate.callouts.length;
  assert.equal(await outcomeOf(requester, { url: "https://127.0.0.1/" }), "200 answer\n");
  assert.equal(gate.callouts.length, asked + 1);
});
