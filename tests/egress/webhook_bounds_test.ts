/**
 * How much, how slowly and how often a stranger may send to the webhook receiver; and that what was delivered once, or
 * under a secret that is gone, is not taken.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseHead, RequestRefused } from "../../runtime/egress/webhook_head.ts";
import { RECEIVER_LIMITS } from "../../runtime/egress/webhook_receiver.ts";
import { MARKS_KEPT, Seen } from "../../runtime/egress/webhook_seen.ts";
import { until } from "../support/deadline.ts";
import {
  githubHeaders,
  hmac,
  linearHeaders,
  Peer,
  Porch,
  rawPost,
  readAnswer,
  SECRET,
} from "./webhook_fixture.ts";

const OTHER = "another-secret-0123456789";

Deno.test("a head that does not end is hung up on when its time is over, and not before", async () => {
  await using porch = new Porch();
  await using peer = await Peer.connect(porch.port);
  await peer.write("POST /hooks/github HTTP/1.1\r\nhost: x\r\n");
  await until(() => porch.clock.pending === 1, 10_000, "the connection");
  porch.clock.advance(RECEIVER_LIMITS.headMilliseconds - 1);
  await peer.write("x-a: b\r\n");
  assert.equal((await porch.deliver("still served")).status, 202);
  porch.clock.advance(1);
  assert.equal(readAnswer(await peer.rest()).status, 408);
  await until(() => porch.refusals.length === 1, 10_000, "the refusal");
  assert.equal(porch.refusals[0]?.refused, "slow");
});

Deno.test("a body that drips is hung up on when its time is over, however often something comes", async () => {
  await using porch = new Porch();
  await using peer = await Peer.connect(porch.port);
  const headers = { ...githubHeaders("0123456789"), expect: "100-continue" };
  await peer.write(rawPost("/hooks/github", headers, "0123456789").slice(0, -10));
  // From here on the head is read, and the time of the whole request runs.
  assert.equal(await peer.some(), "HTTP/1.1 100 Continue\r\n\r\n");
  for (const drop of "012345678") {
    porch.clock.advance(1_000);
    await peer.write(drop);
  }
  assert.equal(porch.refusals.length, 0);
  porch.clock.advance(1_000);
  assert.equal(readAnswer(await peer.rest()).status, 408);
  assert.deepEqual(porch.delivered, []);
});

Deno.test("a body in chunks is refused at the byte that is one too many, while it is being sent", async () => {
  await using porch = new Porch({ bodyBytes: 1_000 });
  await using peer = await Peer.connect(porch.port);
  const headers = githubHeaders("");
  const lines = Object.entries({ ...headers, "transfer-encoding": "chunked" });
  await peer.write(`POST /hooks/github HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`);
  const piece = `64\r\n${"x".repeat(100)}\r\n`;
  for (let sent = 0; sent < 10; sent++) await peer.write(piece);
  await peer.write("1\r\nx");
  // The body does not end: the answer does not wait for it.
  const answer = peer.rest();
  await until(() => porch.refusals.length === 1, 10_000, "the refusal");
  await peer.end();
  assert.equal(readAnswer(await answer).status, 413);
});

Deno.test("a body in a hundred thousand chunks is one body", async () => {
  await using porch = new Porch();
  await using peer = await Peer.connect(porch.port);
  const body = "x".repeat(100_000);
  const lines = Object.entries({ ...githubHeaders(body), "transfer-encoding": "chunked" });
  await peer.write(`POST /hooks/github HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`);
  await peer.write(`${"1\r\nx\r\n".repeat(body.length)}0\r\n\r\n`);
  assert.equal(readAnswer(await peer.rest()).status, 202);
  assert.equal(new TextDecoder().decode(porch.delivered[0]?.body), body);
});

Deno.test("of too many connections the one that has been sending for the longest goes, and the last is served", async () => {
  await using porch = new Porch({ connections: 3 });
  const slow: Peer[] = [];
  try {
    for (let number = 1; number <= 3; number++) {
      const peer = await Peer.connect(porch.port);
      slow.push(peer);
      await peer.write("POST /hooks/github HTTP/1.1\r\n");
      await until(() => porch.clock.pending === number, 10_000, "the connection");
    }
    assert.equal((await porch.deliver("from upstream")).status, 202);
    assert.equal(readAnswer(await slow[0]?.rest() ?? "").status, 503);
    assert.deepEqual(porch.refusals.map(({ refused }) => refused), ["busy"]);
    // The other two were not cut off: what they still send is read.
    await slow[2]?.write(rawPost("/", githubHeaders("late"), "late").replace(/^[^\n]*\n/, ""));
    assert.equal(readAnswer(await slow[2]?.rest() ?? "").status, 202);
  } finally {
    for (const peer of slow) await peer[Symbol.asyncDispose]();
  }
});

Deno.test("bodies that are being received take no more room than they may: the oldest goes", async () => {
  await using porch = new Porch({ waitingBytes: 300_000, bodyBytes: 200_000 });
  await using first = await Peer.connect(porch.port);
  const claim = { ...githubHeaders(""), "content-length": "200000" };
  const begin = rawPost("/hooks/github", claim, "x".repeat(190_000));
  await first.write(begin);
  await using second = await Peer.connect(porch.port);
  const written = second.write(begin).catch(() => {});
  assert.equal(readAnswer(await first.rest()).status, 503);
  await written;
  assert.equal((await porch.deliver("small")).status, 202);
});

Deno.test("deliveries that wait are bounded; what is turned away may be delivered again", async () => {
  await using porch = new Porch({ waitingDeliveries: 2 });
  const bodies = ["one", "two", "three"];
  const requests = bodies.map((body) => rawPost("/hooks/github", githubHeaders(body), body));
  const answers = [];
  for (const request of requests) answers.push((await porch.exchange(request)).status);
  assert.deepEqual(answers, [202, 202, 503]);
  porch.receiver.settled(3);
  assert.equal((await porch.exchange(requests[2] ?? "")).status, 202);
  assert.deepEqual(porch.delivered.map(({ body }) => new TextDecoder().decode(body)), bodies);
});

Deno.test("who asks whether to go on with a body is told so only where the body would be read", async () => {
  await using porch = new Porch();
  const body = "x".repeat(2_000);
  const whole = rawPost("/hooks/github", { ...githubHeaders(body), expect: "100-continue" }, body);
  await using good = await Peer.connect(porch.port);
  await good.write(whole.slice(0, -body.length));
  await good.write(body);
  assert.match(await good.rest(), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 \r\n/);
  const huge = { ...githubHeaders(body), expect: "100-continue", "content-length": "999999999" };
  const refused = await porch.exchange(rawPost("/hooks/github", huge, ""));
  assert.equal(refused.status, 413);
});

Deno.test("a delivery is taken once: neither its number nor its body under another number is taken again", async () => {
  await using porch = new Porch();
  const headers = githubHeaders("the body", { "x-github-delivery": "id-1" });
  const first = rawPost("/hooks/github", headers, "the body");
  assert.equal((await porch.exchange(first)).status, 202);
  assert.equal((await porch.exchange(first)).status, 409);
  const renamed = rawPost("/hooks/github", { ...headers, "x-github-delivery": "id-2" }, "the body");
  assert.equal((await porch.exchange(renamed)).status, 409);
  const reused = githubHeaders("another body", { "x-github-delivery": "id-1" });
  assert.equal((await porch.exchange(rawPost("/hooks/github", reused, "another body"))).status, 409);
  assert.equal((await porch.deliver("something new")).status, 202);
  assert.equal(porch.delivered.length, 2);
});

Deno.test("many replays at the same time come to one delivery", async () => {
  await using porch = new Porch();
  const request = rawPost("/hooks/github", githubHeaders("raced"), "raced");
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await porch.exchange(request)).status),
  );
  assert.deepEqual(statuses.toSorted(), [202, ...Array(19).fill(409)]);
});

Deno.test("what was taken is remembered within bounds, the oldest forgotten first", () => {
  const seen = new Seen();
  for (let number = 0; number < MARKS_KEPT + 10; number++) seen.add([`m ${number}`]);
  assert.equal(seen.marks.length, MARKS_KEPT);
  assert.deepEqual([seen.has(["m 9"]), seen.has(["m 10"]), seen.has(["x", `m ${MARKS_KEPT + 9}`])], [
    false,
    true,
    true,
  ]);
});

Deno.test("a secret is replaced while the receiver runs: both are good as long as both are told, then the new one alone", async () => {
  await using porch = new Porch();
  const by = (secret: string, body: string) =>
    porch.deliver(body, { "x-hub-signature-256": `sha256=${hmac(body, secret)}` });
  assert.equal((await by(OTHER, "too early")).status, 401);
  porch.secrets = [SECRET, OTHER];
  porch.clock.advance(1_001);
  assert.equal((await by(OTHER, "the new one, at once")).status, 202);
  assert.equal((await by(SECRET, "the old one, still")).status, 202);
  porch.secrets = [OTHER];
  porch.clock.advance(5_001);
  assert.equal((await by(SECRET, "the old one, no more")).status, 401);
  assert.equal((await by(OTHER, "the new one alone")).status, 202);
  porch.secrets = [];
  porch.clock.advance(5_001);
  assert.equal((await by(OTHER, "none at all")).status, 401);
});

Deno.test("wrong signatures have the secrets asked for at most once a second", async () => {
  await using porch = new Porch();
  porch.clock.advance(1_001);
  for (let number = 0; number < 50; number++) {
    await porch.deliver(`${number}`, { "x-hub-signature-256": `sha256=${hmac("x")}` });
  }
  assert.equal(porch.asked, 1);
});

Deno.test("deliveries arrive in the order in which their bodies were whole", async () => {
  await using porch = new Porch();
  await using late = await Peer.connect(porch.port);
  const whole = rawPost("/hooks/github", githubHeaders("began first"), "began first");
  await late.write(whole.slice(0, -1));
  for (let number = 0; number < 20; number++) assert.equal((await porch.deliver(`${number}`)).status, 202);
  await late.write(whole.slice(-1));
  assert.equal(readAnswer(await late.rest()).status, 202);
  const order = porch.delivered.map(({ body }) => new TextDecoder().decode(body));
  assert.deepEqual(order, [...Array.from({ length: 20 }, (_, number) => `${number}`), "began first"]);
});

Deno.test("nothing of a body is parsed before its signature holds, and of GitHub's nothing after", async () => {
  await using porch = new Porch();
  const bomb = "[".repeat(100_000);
  const unsigned = rawPost("/hooks/linear", linearHeaders(bomb, { "linear-signature": hmac("x") }), bomb);
  assert.deepEqual([(await porch.exchange(unsigned)).status, porch.refusals.at(-1)?.refused], [
    401,
    "signature",
  ]);
  const signed = rawPost("/hooks/linear", linearHeaders(bomb), bomb);
  assert.deepEqual([(await porch.exchange(signed)).status, porch.refusals.at(-1)?.refused], [401, "stale"]);
  assert.equal((await porch.deliver(bomb)).status, 202);
});

Deno.test("a stranger is told the same whatever is wrong with a signature, and nothing of who answers", async () => {
  await using porch = new Porch();
  const answers = [
    await porch.deliver("a", { "x-hub-signature-256": "" }),
    await porch.deliver("a", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }),
    await porch.deliver("a", { "x-hub-signature-256": `sha256=${hmac("b")}` }),
  ];
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  const names = answers[0]?.fields.map((field) => field.split(":")[0]);
  assert.deepEqual(names, ["content-type", "content-length", "connection"]);
  assert.equal(JSON.stringify([answers, porch.refusals]).includes(SECRET), false);
});

Deno.test("a receiver that is closed lets go of its port and of every connection", async () => {
  const porch = new Porch();
  await using peer = await Peer.connect(porch.port);
  await peer.write("POST /hooks/github HTTP/1.1\r\n");
  await until(() => porch.clock.pending === 1, 10_000, "the connection");
  porch.receiver.close();
  assert.equal(await peer.rest(), "");
  await assert.rejects(Peer.connect(porch.port), Deno.errors.ConnectionRefused);
});

Deno.test("whatever bytes come, a head is read or refused, and never with two meanings", () => {
  const line = fc.constantFrom(
    "POST /hooks/github HTTP/1.1",
    "content-length: 5",
    "content-length: 6",
    "Content-Length: 5",
    "transfer-encoding: chunked",
    "transfer-encoding: identity",
    "host: x",
    " folded",
    "",
    "\0",
    "x-a:",
  );
  const text = fc.oneof(
    fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\r\n")),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder("latin1").decode(bytes)),
  );
  fc.assert(
    fc.property(text, (raw) => {
      try {
        const { headers, framing } = parseHead(Uint8Array.from(raw, (char) => char.charCodeAt(0)));
        assert.ok(!(headers.has("content-length") && headers.has("transfer-encoding")));
        assert.equal(framing === "chunked", headers.has("transfer-encoding"));
        assert.ok(raw.toLowerCase().split("content-length").length <= 2);
      } catch (error) {
        assert.ok(error instanceof RequestRefused && error.refused === "malformed", String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});
