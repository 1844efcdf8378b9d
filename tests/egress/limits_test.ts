/**
 * Caps of size and time, conditional requests and rate limits: each limit binds.
 *
 * @module
 */
import assert from "node:assert/strict";
import { waitOf } from "../../runtime/egress/rate_limit.ts";
import { until } from "../support/deadline.ts";
import { Bench, headerOf, OLD_HTTP, RawUpstream, Upstream } from "./fixture.ts";

const KIB = 1_024;

Deno.test("a body of exactly the limit passes, and one byte more is too large", async () => {
  await using upstream = new Upstream(({ url }) =>
    new Response("x".repeat(Number(new URL(url).pathname.slice(1))))
  );
  await using bench = new Bench({ allow: [upstream.target], limits: { bodyBytes: 64 * KIB } });
  assert.equal((await bench.answer(upstream.url(`/${64 * KIB}`))).body.length, 64 * KIB);
  assert.deepEqual(await bench.failure(upstream.url(`/${64 * KIB + 1}`)), { tag: "too-large" });
});

Deno.test("an endless body is cut off at the limit, and its sender is told", async () => {
  let sent = 0;
  let cancelled = false;
  const endless = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        sent += 16 * KIB;
        controller.enqueue(new Uint8Array(16 * KIB));
      },
      cancel: () => void (cancelled = true),
    });
  await using upstream = new Upstream(() => new Response(endless()));
  await using bench = new Bench({ allow: [upstream.target], limits: { bodyBytes: 1_024 * KIB } });
  assert.deepEqual(await bench.failure(upstream.url()), { tag: "too-large" });
  await until(() => cancelled, 10_000, "the end of the body");
  assert.ok(sent < 64 * 1_024 * KIB, `${sent} bytes were sent`);
});

Deno.test("a small packed body that unpacks to more than the limit is too large", async () => {
  const bomb = new Blob(["\0".repeat(4_096 * KIB)]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = await new Response(bomb).bytes();
  assert.ok(packed.length < 64 * KIB);
  await using upstream = new Upstream(() =>
    new Response(packed, { headers: { "content-encoding": "gzip" } })
  );
  await using bench = new Bench({ allow: [upstream.target], limits: { bodyBytes: 1_024 * KIB } });
  assert.deepEqual(await bench.failure(upstream.url()), { tag: "too-large" });
});

Deno.test("a content-length above the limit is believed before anything is read", async () => {
  await using upstream = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx", true);
  await using bench = new Bench({ allow: [upstream.target] });
  assert.deepEqual(await bench.failure(`http://${upstream.target}/`), { tag: "too-large" });
  assert.equal(bench.gate.counts.bytes, 0);
});

Deno.test("a body that ends before its content-length is a failed connection, not a short file", {
  ignore: OLD_HTTP,
}, async () => {
  await using upstream = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", false);
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.failure(`http://${upstream.target}/`)).tag, "connection");
});

Deno.test("bytes beyond the content-length are not part of the body", async () => {
  await using upstream = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nright and more", false);
  await using bench = new Bench({ allow: [upstream.target] });
  assert.equal((await bench.answer(`http://${upstream.target}/`)).body, "right");
});

Deno.test("an upstream that never answers is a timeout after 30 s", async () => {
  await using upstream = new RawUpstream("", true);
  await using bench = new Bench({ allow: [upstream.target] });
  const failure = bench.failure(`http://${upstream.target}/`);
  await until(() => bench.clock.pending > 0, 10_000, "the start of the callout");
  bench.clock.advance(29_999);
  assert.equal(bench.clock.pending, 1);
  bench.clock.advance(1);
  assert.deepEqual(await failure, { tag: "timeout" });
});

Deno.test("a body that stalls is a timeout too, and no timer is left behind", async () => {
  await using upstream = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", true);
  await using bench = new Bench({ allow: [upstream.target], limits: { milliseconds: 50 } });
  const failure = bench.failure(`http://${upstream.target}/`);
  await until(() => bench.clock.pending > 0, 10_000, "the start of the callout");
  bench.clock.advance(50);
  assert.deepEqual(await failure, { tag: "timeout" });
  assert.equal(bench.clock.pending, 0);
});

Deno.test("an aborted signal ends a callout as timeout, before and while it is under way", async () => {
  await using upstream = new RawUpstream("", true);
  await using bench = new Bench({ allow: [upstream.target] });
  const controller = new AbortController();
  const failure = bench.failure(`http://${upstream.target}/`, {}, controller.signal);
  await until(() => bench.clock.pending > 0, 10_000, "the start of the callout");
  controller.abort();
  assert.deepEqual(await failure, { tag: "timeout" });
  assert.deepEqual(await bench.failure(`http://${upstream.target}/`, {}, controller.signal), {
    tag: "timeout",
  });
  assert.equal(bench.gate.counts.requests, 1);
});

Deno.test("closing the gate ends what is under way as a failed connection", async () => {
  await using upstream = new RawUpstream("", true);
  await using bench = new Bench({ allow: [upstream.target] });
  const failure = bench.failure(`http://${upstream.target}/`);
  await until(() => bench.clock.pending > 0, 10_000, "the start of the callout");
  await bench.gate.close();
  assert.deepEqual(await failure, { tag: "connection", reason: "omnifs is stopping" });
});

/** Answers `body` under the ETag `"1"`, or 304 to who has it. */
function tagged(body: string): (request: Request) => Response {
  return (request) => {
    const fresh = { etag: '"1"', "x-ratelimit-remaining": "7" };
    // A server that packs the body makes its tag a weak one.
    if (request.headers.get("if-none-match")?.endsWith('"1"')) {
      return new Response(null, { status: 304, headers: fresh });
    }
    return new Response(body, { headers: { ...fresh, "x-ratelimit-remaining": "8", "x-kept": "yes" } });
  };
}

Deno.test("an answer with an ETag is asked for anew by it, and a 304 gives the kept body", async () => {
  await using upstream = new Upstream(tagged("body"));
  await using bench = new Bench({ allow: [upstream.target] });
  const first = await bench.answer(upstream.url());
  const second = await bench.answer(upstream.url());
  const third = await bench.answer(upstream.url(), { expect: "bytes" });
  const fourth = await bench.answer(upstream.url(), { expect: "bytes" });
  assert.deepEqual([first.revalidated, second.revalidated, third.revalidated], [false, true, true]);
  assert.deepEqual([second.status, second.body], [200, "body"]);
  assert.deepEqual([third.body, fourth.body], [
    new TextEncoder().encode("body"),
    new TextEncoder().encode("body"),
  ]);
  assert.equal(headerOf(second, "x-ratelimit-remaining"), "7");
  assert.equal(headerOf(second, "x-kept"), "yes");
  assert.deepEqual(upstream.header("if-none-match"), [null, '"1"', '"1"', '"1"']);
  const { requests, revalidated, bytes } = bench.gate.counts;
  assert.deepEqual({ requests, revalidated, bytes }, { requests: 4, revalidated: 3, bytes: 4 });
});

Deno.test("what a guest does to its copy of a body leaves the kept one alone", async () => {
  await using upstream = new Upstream(tagged("body"));
  await using bench = new Bench({ allow: [upstream.target] });
  for (let round = 0; round < 3; round++) {
    const { body } = await bench.answer(upstream.url(), { expect: "bytes" });
    assert.ok(typeof body !== "string");
    assert.deepEqual(body, new TextEncoder().encode("body"));
    body.fill(0);
  }
});

Deno.test("mounts, URLs and headers do not share kept answers", async () => {
  await using upstream = new Upstream(tagged("body"));
  await using bench = new Bench({ allow: [upstream.target] });
  await bench.gate.admit("n", [{ target: upstream.target, write: false, why: "" }]);
  await bench.answer(upstream.url());
  await bench.answer(upstream.url(), { mount: "n" });
  await bench.answer(upstream.url("/other"));
  await bench.answer(upstream.url(), { headers: [{ name: "accept", value: "text/x-diff" }] });
  assert.deepEqual(upstream.header("if-none-match"), [null, null, null, null]);
});

Deno.test("a guest that asks conditionally by itself, or for a part, gets what the upstream says", async () => {
  await using upstream = new Upstream(tagged("body"));
  await using bench = new Bench({ allow: [upstream.target] });
  await bench.answer(upstream.url());
  const own = await bench.answer(upstream.url(), { headers: [{ name: "If-None-Match", value: '"1"' }] });
  assert.deepEqual([own.status, own.revalidated, own.body], [304, false, ""]);
  await bench.answer(upstream.url(), { headers: [{ name: "Range", value: "bytes=0-1" }] });
  assert.deepEqual(upstream.header("if-none-match"), [null, '"1"', null]);
});

Deno.test("kept answers never take more than their limit", async () => {
  await using upstream = new Upstream(tagged("x".repeat(8 * KIB)));
  await using bench = new Bench({ allow: [upstream.target], limits: { validatorBytes: 64 * KIB } });
  for (const round of [1, 2]) {
    for (let page = 0; page < 10; page++) await bench.answer(upstream.url(`/${round}/${page}`));
  }
  for (let page = 0; page < 10; page++) await bench.answer(upstream.url(`/2/${page}`));
  for (let page = 9; page > 3; page--) {
    assert.ok((await bench.answer(upstream.url(`/2/${page}`))).revalidated);
  }
  assert.equal(bench.gate.counts.revalidated, 6);
});

Deno.test("a host that says later is not asked before then, and its answer is handed on", async () => {
  let status = 429;
  await using upstream = new Upstream(() =>
    new Response("said", { status, headers: { "retry-after": "7" } })
  );
  await using bench = new Bench({ allow: [upstream.target] });
  const limited = await bench.answer(upstream.url());
  assert.deepEqual([limited.status, limited.body], [429, "said"]);
  status = 200;
  assert.deepEqual(await bench.failure(upstream.url("/other")), { tag: "rate-limited", milliseconds: 7_000 });
  bench.clock.advance(6_999);
  assert.deepEqual(await bench.failure(upstream.url()), { tag: "rate-limited", milliseconds: 1 });
  assert.equal(upstream.requests.length, 1);
  bench.clock.advance(1);
  assert.equal((await bench.answer(upstream.url())).status, 200);
  assert.deepEqual([bench.gate.counts.rateLimitedWaits, bench.gate.counts.requests], [2, 2]);
});

Deno.test("a rate limit holds for its host and its credential alone", async () => {
  await using upstream = new Upstream(() => new Response("", { status: 429 }));
  await using other = new Upstream(() => new Response("free"));
  await using bench = new Bench({ allow: [upstream.target, other.target] });
  await bench.gate.admit("n", [{ target: upstream.target, write: false, why: "" }]);
  await bench.answer(upstream.url());
  assert.equal((await bench.answer(other.url())).body, "free");
  assert.equal((await bench.answer(upstream.url(), { mount: "n" })).status, 429);
  assert.equal((await bench.failure(upstream.url())).tag, "rate-limited");
});

const NOW = Date.UTC(2026, 0, 1);
const WAITS:
  readonly (readonly [status: number, headers: Record<string, string>, wait: number | undefined])[] = [
    [429, {}, 60_000],
    [429, { "retry-after": "3" }, 3_000],
    [429, { "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }, 5_000],
    [429, { "retry-after": "Thu, 01 Jan 2020 00:00:05 GMT" }, 0],
    [429, { "retry-after": "soon" }, 60_000],
    [403, {}, undefined],
    [403, { "retry-after": "3" }, 3_000],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1_000 + 9) }, 9_000],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" }, 9_000],
    [403, { "x-ratelimit-remaining": "0" }, 60_000],
    [403, { "x-ratelimit-remaining": "12", "x-ratelimit-reset": String(NOW / 1_000 + 9) }, undefined],
    [429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" }, 9_000],
    [403, { "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "9" }, 9_000],
    [403, { "x-ratelimit-requests-remaining": "0" }, undefined],
    [400, {}, undefined],
    [400, { "x-ratelimit-requests-remaining": "2499" }, undefined],
    [400, { "x-ratelimit-remaining": "0", "retry-after": "3" }, undefined],
    [
      400,
      { "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": String(NOW + 9_000) },
      9_000,
    ],
    [
      400,
      { "x-ratelimit-complexity-remaining": "0", "x-ratelimit-complexity-reset": String(NOW + 8_000) },
      8_000,
    ],
    [
      400,
      {
        "x-ratelimit-requests-remaining": "0",
        "x-ratelimit-requests-reset": String(NOW + 9_000),
        "x-ratelimit-complexity-remaining": "0",
        "x-ratelimit-complexity-reset": String(NOW + 30_000),
      },
      30_000,
    ],
    [
      400,
      {
        "x-ratelimit-requests-remaining": "7",
        "x-ratelimit-requests-reset": String(NOW + 90_000),
        "x-ratelimit-complexity-remaining": "0",
        "x-ratelimit-complexity-reset": String(NOW + 30_000),
      },
      30_000,
    ],
    [400, { "x-ratelimit-requests-remaining": "0" }, 60_000],
    [400, { "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": String(NOW - 1) }, 0],
    [
      200,
      { "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": String(NOW + 9_000) },
      undefined,
    ],
    [200, { "x-ratelimit-remaining": "0", "retry-after": "3" }, undefined],
    [503, { "retry-after": "3" }, undefined],
  ];

for (const [status, headers, wait] of WAITS) {
  Deno.test(`${status} with ${JSON.stringify(headers)} asks to wait ${wait ?? "no"} ms`, () => {
    assert.equal(waitOf(status, new Headers(headers), NOW), wait);
  });
}
