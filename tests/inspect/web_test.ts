/**
 * The server of `omnifs inspect --web`, request by request: who is answered, and with what.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { ControlClient } from "../../runtime/control/client.ts";
import { serveControl } from "../../runtime/control/server.ts";
import { DaemonDrafts } from "../../runtime/daemon_drafts.ts";
import { ASSETS } from "../../runtime/cli/inspect/assets.ts";
import { newToken } from "../../runtime/cli/inspect/guard.ts";
import { handler } from "../../runtime/cli/inspect/web.ts";
import { fakeBackend } from "../control/fake_backend.ts";
import { type Desk, openDesk } from "../drafts/desk.ts";
import { tempDir } from "../support/temp.ts";

const HOST = "127.0.0.1:4321";
const ORIGIN = `http://${HOST}`;
const TOKEN = newToken();
const IN = { "host": HOST, "x-omnifs-token": TOKEN };

interface Scene {
  readonly desk: Desk;
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
}

async function onPage(test: (scene: Scene) => Promise<void>): Promise<void> {
  await using dir = await tempDir();
  await using desk = await openDesk(`${dir.path}/drafts`);
  const socketPath = `${dir.path}/run/x.sock`;
  const log = new Log(systemClock, () => {}, "error");
  const backend = { ...fakeBackend(), drafts: new DaemonDrafts(() => desk.drafts) };
  const server = await serveControl(backend, { socketPath, clock: systemClock, log });
  const stop = new AbortController();
  const parts = { client: new ControlClient(socketPath), by: "ada, on the page", signal: stop.signal };
  const answer = handler({ host: HOST, token: TOKEN }, parts);
  try {
    await test({
      desk,
      ask: (path, headers = IN, method = "GET") =>
        answer(new Request(`${ORIGIN}${path}`, { method, headers })),
    });
  } finally {
    stop.abort();
    await server.close();
  }
}

async function code(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("a token has 256 bits, and no two are alike", () => {
  const tokens = Array.from({ length: 1_000 }, newToken);
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/);
  assert.equal(new Set(tokens).size, 1_000);
});

/** What a request shows, whether it may look (GET), and whether it may change something (POST). */
const ROWS:
  readonly (readonly [what: string, headers: Record<string, string>, get: boolean, post: boolean])[] = [
    ["the page itself", { ...IN, origin: ORIGIN, "sec-fetch-site": "same-origin" }, true, true],
    ["the page, whose browser sends no origin with GET", IN, true, false],
    ["no token", { host: HOST, origin: ORIGIN }, false, false],
    ["an empty token", { ...IN, origin: ORIGIN, "x-omnifs-token": "" }, false, false],
    ["another token", { ...IN, origin: ORIGIN, "x-omnifs-token": newToken() }, false, false],
    [
      "the beginning of the token",
      { ...IN, origin: ORIGIN, "x-omnifs-token": TOKEN.slice(0, -1) },
      false,
      false,
    ],
    ["more than the token", { ...IN, origin: ORIGIN, "x-omnifs-token": `${TOKEN}A` }, false, false],
    [
      "the token as a cookie",
      { host: HOST, origin: ORIGIN, cookie: `x-omnifs-token=${TOKEN}` },
      false,
      false,
    ],
    ["a name that was pointed here", { ...IN, host: "evil.example:4321", origin: ORIGIN }, false, false],
    [
      "the same name in both",
      { ...IN, host: "evil.example:4321", origin: "http://evil.example:4321" },
      false,
      false,
    ],
    ["localhost, which is not what was printed", { ...IN, host: "localhost:4321" }, false, false],
    ["another port", { ...IN, host: "127.0.0.1:80", origin: ORIGIN }, false, false],
    ["no host", { "x-omnifs-token": TOKEN, origin: ORIGIN }, false, false],
    ["another origin", { ...IN, origin: "https://evil.example" }, false, false],
    ["another port's origin", { ...IN, origin: "http://127.0.0.1:80" }, false, false],
    ["an origin without one", { ...IN, origin: "null" }, false, false],
    ["another site's request", { ...IN, "sec-fetch-site": "cross-site" }, false, false],
    ["another port's request", { ...IN, origin: ORIGIN, "sec-fetch-site": "same-site" }, false, false],
    ["an address that is typed", { ...IN, "sec-fetch-site": "none" }, false, false],
  ];

Deno.test("only the page that was opened with the printed address is answered", () =>
  onPage(async ({ ask, desk }) => {
    await desk.drafts.create("d");
    for (const [what, headers, get, post] of ROWS) {
      assert.equal(await code(ask("/api/drafts", headers)), get ? 200 : 403, `GET by ${what}`);
      const discarded = await code(ask("/api/draft/discard?name=d", headers, "POST"));
      assert.equal(discarded, post ? 200 : 403, `POST by ${what}`);
      assert.equal(desk.drafts.all().length, post ? 0 : 1, what);
      if (post) await desk.drafts.create("d");
    }
  }));

Deno.test("a question that another origin asks the browser to put first is not answered", () =>
  onPage(async ({ ask }) => {
    const response = await ask(
      "/api/draft/discard?name=d",
      { host: HOST, origin: "https://evil.example", "access-control-request-method": "POST" },
      "OPTIONS",
    );
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    await response.body?.cancel();
  }));

Deno.test("the page's own files need no token, but the right host, and hold no secret", () =>
  onPage(async ({ ask }) => {
    for (const path of Object.keys(ASSETS)) {
      const response = await ask(path, { host: HOST });
      assert.equal(response.status, 200, path);
      assert.match(response.headers.get("content-type") ?? "", /^(text|image)\/.+; charset=utf-8$/);
      const text = await response.text();
      assert.ok(text.length > 100, path);
      assert.ok(!text.includes(TOKEN), path);
      assert.equal(await code(ask(path, { host: "evil.example" })), 403, path);
      assert.equal(await code(ask(path, { host: HOST, origin: "https://evil.example" })), 403, path);
    }
    for (
      const path of [
        "/nope",
        "/page/index.html",
        "/../guard.ts",
        "/%2e%2e/guard.ts",
        "/__proto__",
        "/constructor",
      ]
    ) {
      assert.equal(await code(ask(path)), 404, path);
    }
    assert.equal(await code(ask("/", IN, "POST")), 404);
  }));

Deno.test("every answer, refusals too, says that nothing comes from or goes to anywhere else", () =>
  onPage(async ({ ask }) => {
    for (
      const [path, headers] of [["/", IN], ["/api/drafts", IN], ["/api/drafts", {}], ["/nope", IN]] as const
    ) {
      const response = await ask(path, headers);
      await response.body?.cancel();
      const policy = response.headers.get("content-security-policy") ?? "";
      for (
        const rule of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'none'",
          "require-trusted-types-for 'script'",
        ]
      ) assert.ok(policy.split("; ").includes(rule), `${path}: ${rule}`);
      assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
      assert.equal(response.headers.get("referrer-policy"), "no-referrer");
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin");
      assert.equal(response.headers.get("set-cookie"), null);
    }
  }));

Deno.test("the page asks for figures and drafts, and cannot end the daemon or read the tree", () =>
  onPage(async ({ ask, desk }) => {
    const write = { ...IN, origin: ORIGIN };
    const draft = await desk.drafts.create("d");
    await desk.write(draft, "/state", "closed");
    const [shown] = await (await ask("/api/drafts")).json();
    assert.equal(shown.name, "d");
    const [diff] = await (await ask("/api/draft/diff?name=d")).json();
    assert.match(diff.diff, /-open\n.*\+closed/s);
    const apply = (mode: string, revision = shown.revision) =>
      ask(`/api/draft/apply?name=d&mode=${mode}&revision=${revision}`, write, "POST");
    const plan = await (await apply("plan")).json();
    assert.deepEqual(plan, {
      outcome: "planned",
      steps: [{ summary: "set state", reversible: true }],
      leftOut: [],
    });
    const { error } = await (await apply("apply", "1.1")).json();
    assert.deepEqual([error.kind, desk.upstream.fields.get("state")], ["conflict", "open"]);
    const applied = await (await apply("apply")).json();
    assert.equal(applied.outcome, "applied");
    assert.equal(desk.upstream.fields.get("state"), "closed");
    const by = desk.events.flatMap(({ data }) => "by" in data && "mode" in data ? [data.by] : []);
    assert.ok(by.includes("ada, on the page"), by.join());
    for (
      const [method, path, status] of [
        ["POST", "/api/draft/apply?name=d", 500],
        ["POST", "/api/draft/apply?name=d&mode=all", 500],
        ["POST", "/api/draft/apply?name=d&mode=apply", 500],
        ["POST", "/api/draft/discard", 500],
        ["GET", "/api/draft/diff?name=nope", 500],
        ["GET", "/api/draft/apply?name=d&mode=apply", 500],
        ["POST", "/api/shutdown", 500],
        ["POST", "/v1/shutdown", 404],
        ["GET", "/api/read?path=/", 500],
        ["GET", "/v1/status", 404],
        ["GET", "/api/__proto__", 500],
      ] as const
    ) assert.equal(await code(ask(path, write, method)), status, `${method} ${path}`);
  }));

Deno.test("figures come as they are told; a page that goes away ends the asking", () =>
  onPage(async ({ ask }) => {
    const response = await ask("/api/inspect");
    assert.equal(response.headers.get("content-type"), "application/jsonl");
    const reader = response.body?.getReader();
    const { value } = await reader?.read() ?? {};
    assert.equal(JSON.parse(new TextDecoder().decode(value)).seconds, 0);
    await reader?.cancel();
  }));
