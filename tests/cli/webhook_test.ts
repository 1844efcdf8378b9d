/**
 * A mount that listens for webhooks, from its start to its end, as a person sets it up; and its figures.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sign } from "@octokit/webhooks-methods";
import { builtComponent } from "../support/build.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

const SECRET = "whsec_Planted-0123456789abcdef";
const NOTICE = new URL("./notice", import.meta.url).pathname;

/** A mount of the notice that listens. */
interface Listening {
  readonly here: Place;
  readonly dir: string;
  readonly secretFile: string;
  /** Delivers `body`, signed. */
  post(body: string, secret?: string, event?: string): Promise<number>;
}

async function listening(
  work: (listening: Listening) => Promise<void>,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using here = await place();
  const component = await builtComponent(NOTICE);
  const dir = `${here.dir}/mnt`;
  const secretFile = `${here.dir}/secret`;
  await Deno.writeTextFile(secretFile, `${SECRET}\n`, { mode: 0o600 });
  const receiver = ["--webhook-listen", "127.0.0.1:0", "--webhook-secret-file", secretFile];
  const mount = ["mount", dir, "--no-prompt", "--provider", `notice=${component}`, ...receiver, ...words];
  try {
    const [program, args] = omnifsCommand(mount);
    const begun = await run(program, args, { env: { ...here.env, ...env }, deadline: DEADLINE });
    assert.deepEqual([begun.code, begun.stderr], [0, ""]);
    const [, origin] = /listens for webhooks on (http:\/\/127\.0\.0\.1:\d+): notice/.exec(begun.stdout) ?? [];
    assert.ok(origin !== undefined, begun.stdout);
    const post = async (body: string, secret = SECRET, event = "issues") => {
      const headers = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": crypto.randomUUID(),
        "x-hub-signature-256": await sign(secret, body),
      };
      const answer = await fetch(`${origin}/hooks/notice`, { method: "POST", body, headers });
      await answer.body?.cancel();
      return answer.status;
    };
    await work({ here, dir, secretFile, post });
  } finally {
    await endMount(dir);
  }
}

async function deliveries(here: Place): Promise<Record<string, unknown>[]> {
  return JSON.parse((await here.omnifs("webhook", "deliveries", "--output", "json")).stdout);
}

Deno.test(
  "a mount listens, tells its address, tests itself, and drops what a delivery says is no longer true",
  { ignore },
  () =>
    listening(async ({ here, dir, secretFile, post }) => {
      const url = await here.omnifs("webhook", "url");
      assert.match(url.stdout, new RegExp(`Secret +the line of ${secretFile}\n`));
      const tested = await here.omnifs("webhook", "test");
      assert.equal(tested.code, 0, tested.stdout + tested.stderr);
      assert.match(
        tested.stdout,
        /^notice: answered 202 in [\d.]+ m?s; the provider read it: 0 things no longer true\n$/,
      );

      assert.equal((await run("cat", [`${dir}/notice/note`])).stdout, "watched\n");
      assert.equal(await post('{"action":"edited"}'), 202);
      const applied = await until(
        async () =>
          (await deliveries(here)).find(({ event, verdict }) => event === "issues" && verdict === "applied"),
        DEADLINE,
        "the work",
      );
      assert.equal(applied["invalidations"], 1);
      assert.equal(typeof applied["milliseconds"], "number");
      assert.equal(await post('{"action":"edited"}'), 409);
      assert.equal(await post("{}", "another secret"), 401);

      const { stdout } = await here.omnifs("events", "notice", "--type", "event", "--type", "webhook");
      assert.match(stdout, /event\.received .*source=webhook.*\n.*event\.applied .*notifications=\d/);
      assert.match(stdout, /webhook\.delivery mount=notice event=issues id=[-\w]+ verdict=applied/);
      const status = (await here.omnifs("status", dir)).stdout;
      assert.match(status, /webhooks {2}http:\/\/127\.0\.0\.1:\d+ for \/notice\n/);
      assert.match(status, /watches {3}1 alive\n +\/notice by webhook: 1, last word \d+ s ago\n/);
      assert.match(status, /changes {3}1 event, 1 invalidation; the kernel knew after /);
      const metrics = (await here.omnifs("metrics")).stdout;
      assert.match(metrics, /^omnifs_event_to_kernel_seconds_count 1$/m);
      assert.match(metrics, /^omnifs_webhook_requests_total\{mount="notice",verdict="applied"\} 2$/m);
      assert.match(metrics, /^omnifs_webhook_requests_total\{mount="notice",verdict="signature"\} 1$/m);
      const log = await here.omnifs("logs");
      for (const { stdout } of [url, tested, log, await here.omnifs("status", "--output", "json")]) {
        assert.ok(!stdout.includes(SECRET));
      }
    }),
);

Deno.test("a secret is changed while omnifs runs: both lines of the file are good, then the new one alone", {
  ignore,
}, () =>
  listening(async ({ here, secretFile, post }) => {
    const next = "whsec_Next-0123456789abcdef";
    await Deno.writeTextFile(secretFile, `${SECRET}\n${next}\n`);
    // Whoever does not want to wait for the next delivery says so.
    const both = async () => (await post(`{"a":"${crypto.randomUUID()}"}`, next)) === 202;
    await until(both, DEADLINE, "the new secret");
    assert.equal(await post('{"b":1}'), 202);
    await Deno.writeTextFile(secretFile, `${next}\n`);
    await until(
      async () => (await post(`{"c":"${crypto.randomUUID()}"}`)) === 401,
      DEADLINE,
      "the end of the old one",
    );
    assert.equal(await post('{"d":1}', next), 202);
    assert.match((await here.omnifs("webhook", "test")).stdout, /answered 202/);
  }));

Deno.test(
  "Linear's way of signing is taken where the provider says so, and its status is 200",
  { ignore },
  () =>
    listening(async ({ here, post }) => {
      assert.match((await here.omnifs("webhook", "test")).stdout, /^notice: answered 200 in /);
      assert.equal(await post("{}"), 401);
    }, ["--set", "notice.verification=linear-signature"]),
);

Deno.test("words about webhooks that make no sense are refused before anything is mounted", async () => {
  await using here = await place();
  const rows: readonly (readonly [string[], RegExp])[] = [
    [["--webhook-listen", "9911"], /takes ADDRESS:PORT such as 127\.0\.0\.1:9911, not "9911"/],
    [["--webhook-listen", "example.com:80"], /takes ADDRESS:PORT/],
    [["--webhook-listen", "127.0.0.1:70000"], /takes ADDRESS:PORT/],
    [
      ["--webhook-listen", "0.0.0.0:9911"],
      /others reach 0\.0\.0\.0, .*not encrypted\n {2}try: .*or --webhook-expose as well/,
    ],
    [["--webhook-listen", "[::]:9911"], /others reach ::/],
    [["--webhook-secret-file", "x"], /nothing listens for webhooks\n {2}try: --webhook-listen/],
    [["--webhook-expose"], /nothing listens for webhooks/],
  ];
  for (const [words, said] of rows) {
    const { code, stderr } = await here.omnifs("mount", `${here.dir}/mnt`, ...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(stderr, said);
  }
  await assert.rejects(Deno.stat(`${here.dir}/mnt`), Deno.errors.NotFound);
});

Deno.test("a port that is taken, and a file for a mount that there is not, end the start and say so", {
  ignore,
}, async () => {
  await using here = await place();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken = `127.0.0.1:${listener.addr.port}`;
  const dir = `${here.dir}/mnt`;
  const first = await here.omnifs("mount", dir, "--no-prompt", "--webhook-listen", taken);
  assert.equal(first.code, 1);
  assert.match(
    first.stderr,
    new RegExp(`cannot listen on ${taken}: .*\n {2}try: --webhook-listen with another port`),
  );
  const stray = ["--webhook-listen", "127.0.0.1:0", "--webhook-secret-file", "nobody=/x"];
  const second = await here.omnifs("mount", dir, "--no-prompt", ...stray);
  assert.match(second.stderr, /nothing is mounted as nobody\n {2}try: there are: .*hello/);
});

Deno.test("with OTEL_DENO a daemon hands its figures to the collector, and neither requests nor its log", {
  ignore,
}, async () => {
  const paths = new Set<string>();
  const names = new Map<string, unknown>();
  const collector = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    paths.add(new URL(request.url).pathname);
    for (const [, name] of (await request.text()).matchAll(/"name":\s*"(omnifs\.[\w.]+)"/g)) {
      names.set(name ?? "", true);
    }
    return Response.json({});
  });
  const env = {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_METRIC_EXPORT_INTERVAL: "250",
  };
  try {
    await listening(
      async ({ dir, post }) => {
        await run("cat", [`${dir}/notice/note`]);
        assert.equal(await post('{"action":"edited"}'), 202);
        for (
          const name of [
            "omnifs.cache_hits",
            "omnifs.watches",
            "omnifs.event_to_kernel_quantile",
            "omnifs.webhook_requests",
          ]
        ) {
          await until(() => names.has(name), DEADLINE, name);
        }
      },
      [],
      env,
    );
  } finally {
    await collector.shutdown();
  }
  assert.deepEqual([...paths], ["/v1/metrics"]);
});
