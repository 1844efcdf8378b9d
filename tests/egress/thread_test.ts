/**
 * The egress thread: what it may do, what crosses to it, and what happens when it dies.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import { parseGrants } from "../../runtime/egress/grant.ts";
import { type GateOptions, startEgress } from "../../runtime/egress/mod.ts";
import { denoNetScopes, workerPermissions } from "../../runtime/egress/scopes.ts";
import { run } from "../support/command.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import {
  alwaysFound,
  Bench,
  ManualClock,
  need,
  OLD_HTTP,
  RawUpstream,
  type Setup,
  TOKEN,
  Upstream,
} from "./fixture.ts";

const MORTAL = new URL("./mortal_worker.ts", import.meta.url);

function threaded(setup: Setup, module?: URL): Bench {
  const own = module === undefined ? {} : { module };
  return new Bench(setup, (options: GateOptions) => new Egress({ ...options, ...own }));
}

Deno.test("callouts and answers cross to the thread and back, with their counts and events", async () => {
  await using upstream = new Upstream((request) => {
    const headers = { etag: '"1"' };
    if (request.headers.has("if-none-match")) return new Response(null, { status: 304, headers });
    return new Response("grün", { headers });
  });
  await using bench = threaded({ allow: [upstream.target] });
  assert.equal((await bench.answer(upstream.url())).body, "grün");
  const again = await bench.answer(upstream.url(), { expect: "bytes" });
  assert.deepEqual([again.body, again.revalidated], [new TextEncoder().encode("grün"), true]);
  assert.deepEqual(upstream.header("authorization"), [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  assert.equal((await bench.failure("https://example.com/")).tag, "denied");
  const { callouts, requests, revalidated, denied } = bench.gate.counts.byMount["m"] ?? bench.gate.counts;
  assert.deepEqual({ callouts, requests, revalidated, denied }, {
    callouts: 3,
    requests: 2,
    revalidated: 1,
    denied: 1,
  });
  assert.deepEqual(bench.events.map(({ type }) => type), [
    "callout.done",
    "callout.done",
    "callout.done",
    "callout.denied",
  ]);
});

Deno.test("16 MiB cross whole", async () => {
  const whole = new Uint8Array(16 * 1024 * 1024).map((_, index) => index % 251);
  await using upstream = new Upstream(() => new Response(whole));
  await using bench = threaded({ allow: [upstream.target] });
  const { body } = await bench.answer(upstream.url(), { expect: "bytes" });
  assert.ok(
    typeof body !== "string" && body.length === whole.length && body.every((byte, i) => byte === whole[i]),
  );
});

Deno.test("many callouts at once each get their own answer", async () => {
  await using upstream = new Upstream(({ url }) => new Response(new URL(url).pathname));
  await using bench = threaded({ allow: [upstream.target] });
  const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
  const answers = await Promise.all(paths.map((path) => bench.answer(upstream.url(path))));
  assert.deepEqual(answers.map(({ body }) => body), paths);
});

Deno.test("a body that breaks off is one failed callout, and not the end of the thread", async () => {
  await using broken = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", false);
  const limits = OLD_HTTP ? { milliseconds: 2_000 } : {};
  await using bench = threaded({ allow: [broken.target], limits });
  const { tag } = await bench.failure(`http://${broken.target}/`);
  assert.equal(tag, OLD_HTTP ? "timeout" : "connection");
  assert.ok(!bench.lines.some((line) => line.includes("died")), bench.lines.join("\n"));
});

Deno.test("a body that stalls is a timeout, and not the end of the thread", async () => {
  await using stalled = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", true);
  await using bench = threaded({ allow: [stalled.target], limits: { milliseconds: 500 } });
  assert.deepEqual(await bench.failure(`http://${stalled.target}/`), { tag: "timeout" });
  await until(() => stalled.ended === 1, 10_000, "the end of the connection");
  assert.deepEqual(await bench.failure(`http://${stalled.target}/`), { tag: "timeout" });
  assert.ok(!bench.lines.some((line) => line.includes("died")), bench.lines.join("\n"));
});

Deno.test("an aborted signal ends the request in the thread too", async () => {
  await using upstream = new RawUpstream("HTTP/1.1 200 OK\r\n", true);
  await using bench = threaded({ allow: [upstream.target] });
  const controller = new AbortController();
  const failure = bench.failure(`http://${upstream.target}/`, {}, controller.signal);
  await until(() => upstream.asked === 1, 10_000, "the request");
  controller.abort();
  assert.deepEqual(await failure, { tag: "timeout" });
  await until(() => upstream.ended === 1, 10_000, "the end of the connection");
});

Deno.test("closing ends what is under way, and what comes later fails at once", async () => {
  await using upstream = new RawUpstream("", true);
  await using bench = threaded({ allow: [upstream.target] });
  const failure = bench.failure(`http://${upstream.target}/`);
  await bench.send("https://example.com/");
  await bench.gate.close();
  const stopping = { tag: "connection", reason: "omnifs is stopping" };
  assert.deepEqual([await failure, await bench.failure(`http://${upstream.target}/`)], [stopping, stopping]);
});

Deno.test("a credential that cannot stand in a header is refused at admission, without being told", async () => {
  await using bench = threaded({ allow: [], needs: [] });
  await bench.gate.close();
  const options = {
    grants: parseGrants({ allow: [] }),
    credentials: alwaysFound(() => "line\nbreak-secret"),
    clock: new ManualClock(),
  };
  const egress = await startEgress(options);
  await assert.rejects(egress.admit("m", [need("example.com", "A_TOKEN")]), (error) => {
    assert.ok(error instanceof OmnifsError && error.kind === "invalid");
    assert.match(error.message, /^A_TOKEN: /);
    assert.ok(!error.message.includes("break-secret"));
    return true;
  });
  await egress.close();
});

Deno.test("the planted token is in nothing that the host's end of the thread shows", async () => {
  await using upstream = new Upstream(() => new Response("no", { status: 401 }));
  await using bench = threaded({ allow: [upstream.target] });
  await bench.answer(upstream.url());
  await bench.failure(`https://example.com/`);
  const { gate, events, lines } = bench;
  const told = JSON.stringify([events, lines, gate.describe(), gate.lastErrors, gate.counts]);
  assert.equal((told + Deno.inspect(gate, { depth: 20, showHidden: true })).includes(TOKEN), false);
});

Deno.test("when the thread dies its callouts fail, the log says so, and the next one finds a new thread", async () => {
  await using stuck = new RawUpstream("", true);
  await using upstream = new Upstream(() => new Response("hi"));
  await using bench = threaded({ allow: [stuck.target, upstream.target] }, MORTAL);
  assert.equal((await bench.answer(upstream.url())).body, "hi");
  const failures = [bench.failure(`http://${stuck.target}/`), bench.failure(upstream.url("/die"))];
  const died = { tag: "connection", reason: "the egress thread died" };
  assert.deepEqual(await Promise.all(failures), [died, died]);
  assert.ok(bench.lines.some((line) => line.includes("the egress thread died")), bench.lines.join("\n"));
  assert.equal((await bench.answer(upstream.url())).body, "hi");
  assert.deepEqual([...new Set(upstream.header("authorization"))], [`Bearer ${TOKEN}`]);
});

Deno.test("an error that nobody catches ends the thread, and its last words hold no secret, wherever they go", async () => {
  const script = new URL("./last_words_main.ts", import.meta.url).pathname;
  const { stdout, stderr } = await run(Deno.execPath(), ["run", "-A", script], {
    cwd: ROOT,
    deadline: 60_000,
  });
  assert.notEqual(stdout, "", stderr);
  const { failures, body, lines } = JSON.parse(stdout);
  assert.deepEqual(failures, Array(5).fill({ tag: "connection", reason: "the egress thread died" }));
  assert.equal(body, "hi");
  const told = lines.filter((line: string) => line.includes("is wrong"));
  assert.equal(told.length, 5);
  for (const line of told) {
    assert.match(line, /the header \W*Bearer \[redacted\]\W* \(\[redacted\]\) is wrong/);
  }
  assert.equal((stdout + stderr).toLowerCase().includes(TOKEN.toLowerCase()), false);
  assert.equal(stderr, "");
});

Deno.test("a host without net keeps its thread, then its spare; after both, callouts say what to do", async () => {
  const args = [
    "run",
    "-A",
    "--unstable-worker-options",
    new URL("./revoked_script.ts", import.meta.url).pathname,
  ];
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../../", import.meta.url),
    stderr: "piped",
  });
  const { stdout, stderr } = await withDeadline(command.output(), 60_000, "the script");
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  const { before, own, after, deaths, spare, beyond, tokens, lines } = JSON.parse(text);
  assert.deepEqual([before, own, after, spare], ["hi", "NotCapable", "hi", "hi"]);
  assert.deepEqual(deaths, ["connection", "connection"]);
  assert.deepEqual(beyond, {
    tag: "connection",
    reason: "the egress thread is gone: unmount and mount again",
  });
  assert.deepEqual([...new Set(tokens)], [`Bearer ${TOKEN}`]);
  assert.ok(
    lines.some((line: string) => line.includes("the spare egress thread takes over")),
    lines.join("\n"),
  );
});

Deno.test("under the bare flag each admission widens the thread by its needs, and by no more", async () => {
  await using dir = await tempDir();
  const paths = ["a", "b"].map((name) => `${dir.path}/${name}.sock`);
  const servers = paths.map((path) => Deno.serve({ path, onListen: () => {} }, () => new Response(path)));
  const egress = await startEgress({
    grants: parseGrants({ allow: "all" }),
    credentials: alwaysFound(() => ""),
    clock: new ManualClock(),
  });
  const mounts = await Promise.all(paths.map(async (path) => {
    const { credential: _, ...bare } = need(`unix:${path}`);
    await egress.admit(path, [bare]);
    return path;
  }));
  for (const mount of mounts) {
    for (const path of paths) {
      const url = `unix:${path}:/`;
      const result = await egress.send({
        mount,
        method: "get",
        url,
        headers: [],
        expect: "text",
        write: false,
      });
      assert.equal(result.ok ? result.response.body : result.failure.tag, mount === path ? path : "denied");
    }
  }
  await egress.close();
  await Promise.all(servers.map((server) => server.shutdown()));
});

Deno.test("from inside, the thread reaches what was granted and nothing else of the machine", async () => {
  await using granted = new Upstream(() => new Response("hi"));
  await using withheld = new Upstream(() => new Response("secret"));
  const permissions = workerPermissions(denoNetScopes(parseGrants({ allow: [granted.target] }), []));
  const module = new URL("./probe_worker.ts", import.meta.url);
  const worker = new Worker(module, { type: "module", deno: { permissions } });
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, string>>();
  worker.onmessage = ({ data }: MessageEvent<Record<string, string>>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  worker.postMessage({ granted: granted.url(), withheld: withheld.url() });
  const { granted: reached, ...others } = await promise;
  worker.terminate();
  assert.equal(reached, "did: hi");
  for (const [attempt, outcome] of Object.entries(others)) {
    assert.match(outcome, /^(NotCapable|EPERM|PermissionDenied|ERR_MODULE_NOT_FOUND|TypeError)$/, attempt);
  }
  assert.equal(withheld.requests.length, 0);
});
