/**
 * Name servers that lose datagrams, answer beside the question, know no EDNS, live at IPv6 addresses or speak HTTP/1.1.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { CalloutResult, Question } from "../../runtime/egress/callout.ts";
import type { Lookup } from "../../runtime/egress/resolver.ts";
import { Bench } from "../egress/fixture.ts";
import { LocalGate, type LocalOptions } from "../egress/local_gate.ts";
import {
  type Behaviour,
  type NameServer,
  RIGHTLY,
  type Seen,
  startHttps,
  startUdp,
} from "../fakes/dns/mod.ts";
import { until } from "../support/deadline.ts";

const DEADLINE = 20_000;

/** Milliseconds until a datagram is sent again, and until it is given up. */
const [FIRST_WAIT, SECOND_WAIT] = [1_500, 3_500];

const NAME = "api.example.test";
const TLS = new URL("../egress/tls/", import.meta.url);

const silent: Behaviour = () => [];

function bench(allow: readonly string[], more: Partial<LocalOptions> = {}): Bench {
  const needs = [{ target: "dns", write: false, why: "a test" }];
  return new Bench({ allow, needs }, (options) => new LocalGate({ ...options, ...more }));
}

function ask(bench: Bench, rest: Partial<Question> = {}): Promise<CalloutResult> {
  const question = { name: "lighthouse.example", type: "A", resolver: undefined, ...rest };
  return bench.send("dns:", { expect: "none", question });
}

/** The data of the records that an answer holds. */
function dataOf(result: CalloutResult): string[] {
  assert.ok(result.ok, JSON.stringify(result));
  return result.response.reply?.answers.map(({ data }) => data) ?? [];
}

const arrived = ({ seen }: NameServer, count: number) =>
  until(() => seen.length >= count, DEADLINE, `${count} queries`);

Deno.test("a datagram that gets lost is sent again once, after 1.5 seconds", async () => {
  await using server = await startUdp("127.0.0.1", (_query, turn, usual) => turn === 1 ? [] : [usual]);
  const resolver = `127.0.0.1:${server.port}`;
  await using gate = bench([resolver]);
  const asked = ask(gate, { resolver });
  await arrived(server, 1);
  gate.clock.advance(FIRST_WAIT - 1);
  assert.equal(server.seen.length, 1);
  gate.clock.advance(1);
  assert.deepEqual(dataOf(await asked), ["192.0.2.18"]);
  assert.equal(server.seen.length, 2);
  assert.equal(new Set(server.seen.map(({ id }) => id)).size, 1, "it is the same query");
});

Deno.test("a server that says nothing is given up after 5 seconds, and the next one of the system is asked", async () => {
  await using mute = await startUdp("127.0.0.1", silent);
  await using other = await startUdp("127.0.0.1", RIGHTLY);
  const servers = [mute, other].map(({ port }) => ({ host: "127.0.0.1", port }));
  await using gate = bench(["dns"], { nameservers: servers });
  const asked = ask(gate);
  await arrived(mute, 1);
  gate.clock.advance(FIRST_WAIT);
  await arrived(mute, 2);
  assert.equal(other.seen.length, 0);
  gate.clock.advance(SECOND_WAIT);
  assert.deepEqual(dataOf(await asked), ["192.0.2.18"]);
  assert.deepEqual([mute.seen.length, other.seen.length], [2, 1]);
});

Deno.test("where nobody answers, it is a timeout", async () => {
  await using mute = await startUdp("127.0.0.1", silent);
  const resolver = `127.0.0.1:${mute.port}`;
  await using gate = bench([resolver]);
  const asked = ask(gate, { resolver });
  await arrived(mute, 1);
  gate.clock.advance(FIRST_WAIT);
  await arrived(mute, 2);
  gate.clock.advance(SECOND_WAIT);
  assert.deepEqual(await asked, { ok: false, failure: { tag: "timeout" } });
  assert.equal(gate.clock.pending, 0, "no timer is left");
});

Deno.test("answers to another question are passed over, the right one after them is taken", async () => {
  await using server = await startUdp("127.0.0.1", (_query, _turn, usual) => {
    const strange = usual.slice();
    strange.set([~(usual[0] ?? 0) & 0xff], 0);
    return [strange, usual];
  });
  const resolver = `127.0.0.1:${server.port}`;
  await using gate = bench([resolver]);
  assert.deepEqual(dataOf(await ask(gate, { resolver })), ["192.0.2.18"]);
  assert.equal(server.seen.length, 1);
});

for (const [rcode, name] of [[1, "FORMERR"], [4, "NOTIMP"]] as const) {
  Deno.test(`a server that answers ${name} to EDNS is asked without it`, async () => {
    const old: Behaviour = (query, _turn, usual) => {
      if (!query.edns) return [usual];
      const refused = usual.slice(0, 12);
      // The header alone: a response with this code, and not even the question.
      refused.set([0x80, rcode, 0, 0, 0, 0, 0, 0, 0, 0], 2);
      return [refused];
    };
    await using server = await startUdp("127.0.0.1", old);
    const resolver = `127.0.0.1:${server.port}`;
    await using gate = bench([resolver]);
    assert.deepEqual(dataOf(await ask(gate, { resolver })), ["192.0.2.18"]);
    assert.deepEqual(server.seen.map(({ edns }: Seen) => edns), [true, false]);
  });
}

const hasIpv6 = await startUdp("::1", silent).then(async (server) => {
  await server[Symbol.asyncDispose]();
  return true;
}, () => false);

Deno.test("a resolver at an IPv6 address is asked there, under the grant of that address", {
  ignore: !hasIpv6,
}, async () => {
  await using server = await startUdp("::1", RIGHTLY);
  const resolver = `[::1]:${server.port}`;
  await using gate = bench([resolver]);
  assert.deepEqual(dataOf(await ask(gate, { resolver, type: "AAAA" })), ["2001:db8::18"]);
  await using other = bench([`127.0.0.1:${server.port}`]);
  const refused = await ask(other, { resolver });
  assert.equal(!refused.ok && refused.failure.tag, "denied");
  assert.equal(server.seen.length, 1);
});

/** A gate that resolves {@linkcode NAME} to 127.0.0.1 and trusts its certificate. */
async function secureBench(): Promise<Bench> {
  const lookup: Lookup = () => Promise.resolve(["127.0.0.1"]);
  return bench([NAME, "127.0.0.1"], { lookup, roots: await pem("root") });
}

const pem = (name: string) => Deno.readTextFile(new URL(`${name}.pem`, TLS));
const identity = async () => ({ cert: await pem("certificate"), key: await pem("key") });

Deno.test("a DoH server without HTTP/2 is asked by GET over HTTP/1.1, with the number 0", async () => {
  await using server = await startHttps({ identity: await identity() });
  await using gate = await secureBench();
  const resolver = `https://${NAME}:${server.port}/dns-query`;
  for (const [type, data] of [["A", "192.0.2.18"], ["NS", "ns1.lighthouse.example."]] as const) {
    assert.ok(dataOf(await ask(gate, { resolver, type })).includes(data), type);
  }
  const nothing = await ask(gate, { resolver, name: "nothing.lighthouse.example" });
  assert.equal(nothing.ok && nothing.response.reply?.rcode, "nxdomain");
  assert.deepEqual(server.seen.map(({ id }) => id), [0, 0, 0]);
});

Deno.test("what is no DoH answer is no answer: another status, another type, another question", async () => {
  const [wrongStatus, wrongType] = [{ status: 503 }, { type: "text/html" }];
  const elsewhere: Behaviour = (_query, _turn, usual) => {
    const strange = usual.slice();
    strange.set([1], 1);
    return [strange];
  };
  const rows: [Partial<Parameters<typeof startHttps>[0]>, Behaviour, RegExp][] = [
    [wrongStatus, RIGHTLY, /answered 503/],
    [wrongType, RIGHTLY, /answered text\/html: is it a DoH server/],
    [{}, elsewhere, /not that of the question/],
    [{}, () => [new Uint8Array([0, 0, 1])], /ends too early/],
  ];
  for (const [options, behave, words] of rows) {
    await using server = await startHttps({ identity: await identity(), ...options }, behave);
    await using gate = await secureBench();
    const result = await ask(gate, { resolver: `https://${NAME}:${server.port}/dns-query` });
    assert.ok(!result.ok && result.failure.tag === "connection", JSON.stringify(result));
    assert.match(result.failure.reason, words);
  }
});
