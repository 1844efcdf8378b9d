/**
 * What a person sees of webhooks, changes, events and figures: the commands before a daemon that says what the test
 * wants.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fakeStatus } from "../control/fake_backend.ts";
import { DELIVERIES, GITHUB, STATUS, told } from "./told.ts";

Deno.test("webhook url tells what to enter upstream, field by field, and what is missing", () =>
  told(async (here) => {
    const { code, stdout } = await here.omnifs("webhook", "url");
    assert.equal(code, 0);
    const line = (start: string) => stdout.split("\n").find((each) => each.trim().startsWith(start)) ?? "";
    assert.match(line("github"), /Settings > Webhooks/);
    assert.match(line("Payload URL"), /https:\/\/YOUR-HOST\/hooks\/github$/);
    assert.match(line("Content type"), /application\/json$/);
    assert.match(line("Secret"), /the line of \/etc\/omnifs\/webhook, any of its 2$/);
    assert.match(
      line("Events"),
      /Issues, Issue comments, Labels, .*Workflow jobs, Pushes, Repositories$/,
    );
    assert.match(line("URL"), /https:\/\/YOUR-HOST\/hooks\/linear$/);
    assert.match(
      stdout,
      /problem: no secret: LINEAR_WEBHOOK_SECRET is not set\n {4}try: --webhook-secret-file linear=FILE/,
    );
    assert.match(stdout, /tunnel or proxy that leads to http:\/\/127\.0\.0\.1:9911/);

    const based = await here.omnifs("webhook", "url", "github", "--base", "https://x.example.com/in/");
    assert.match(based.stdout, /Payload URL +https:\/\/x\.example\.com\/in\/hooks\/github\n/);
    assert.ok(!based.stdout.includes("linear") && !based.stdout.includes("YOUR-HOST"));
    const json = JSON.parse((await here.omnifs("webhook", "url", "--output", "json")).stdout);
    assert.equal(json.address, "127.0.0.1:9911");
    assert.deepEqual(json.routes[0], {
      ...GITHUB,
      url: "https://YOUR-HOST/hooks/github",
      local: "http://127.0.0.1:9911/hooks/github",
    });
    const other = await here.omnifs("webhook", "url", "docker");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /docker takes no webhooks\n {2}try: one of github, linear/);
    assert.equal((await here.omnifs("webhook", "url", "--base", "example.com")).code, 2);
  }));

Deno.test("without a receiver, the webhook commands say how to have one", () =>
  told(
    async (here) => {
      const { code, stderr } = await here.omnifs("webhook", "url");
      assert.equal(code, 1);
      assert.match(stderr, /listens for no webhooks\n {2}try: .*--webhook-listen 127\.0\.0\.1:9911/);
    },
    {},
    { webhook: null },
  ));

Deno.test("webhook deliveries is a table, the latest first; what strangers send moves no cursor", () =>
  told(async (here) => {
    const { stdout } = await here.omnifs("webhook", "deliveries");
    const [title = "", ...rows] = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(title, ["time", "mount", "event", "id", "verdict", "told the kernel after"]);
    assert.deepEqual(rows.map((row) => row.slice(1)), [
      ["github", "issues\\x1b[2J", "forged", "signature", "-"],
      ["linear", "Issue", "id-2", "failed: the provider broke down", "-"],
      ["github", "issues", "id-1", "applied", "3.3 ms"],
    ]);
    const count = async (...words: string[]) => {
      const lines = (await here.omnifs("webhook", "deliveries", ...words, "--output", "jsonl")).stdout;
      return lines.split("\n").filter((line) => line !== "").length;
    };
    assert.deepEqual([await count("github"), await count("--verdict", "failed"), await count("-n", "1")], [
      2,
      1,
      1,
    ]);
    assert.deepEqual(
      JSON.parse((await here.omnifs("webhook", "deliveries", "--output", "json")).stdout),
      DELIVERIES,
    );
    assert.equal((await here.omnifs("webhook", "deliveries", "-n", "x")).code, 2);
  }));

Deno.test("webhook test exits as well as the worst of what it tested", () =>
  told(async (here) => {
    const { code, stdout } = await here.omnifs("webhook", "test");
    assert.equal(code, 1);
    assert.match(stdout, /^github: answered 202 in 4 ms; the provider read it: 2 things no longer true\n/);
    assert.match(
      stdout,
      /^linear: there is no secret to sign with; nothing arrived\n {2}try: .*omnifs webhook url/m,
    );
    assert.equal((await here.omnifs("webhook", "test", "github")).code, 0);
  }, {
    testWebhook: (mount) => {
      const [, , applied] = DELIVERIES;
      const good = mount === "github" && applied !== undefined;
      return Promise.resolve({
        mount,
        id: "id-1",
        status: good ? 202 : null,
        says: good ? "" : "there is no secret to sign with",
        milliseconds: 4,
        delivery: good ? applied : null,
      });
    },
  }));

Deno.test("status tells what keeps the cache true, how old its word is, and how fast the kernel knew", () =>
  told(async (here) => {
    const { stdout } = await here.omnifs("status");
    for (
      const line of [
        "  watches   3 alive, 1 lost",
        "            /github by poll: 3, 1 down, last word 10 s ago, the oldest 1 min 40 s",
        "            /github by webhook: 3, nothing heard yet",
        "            lost /docker docker: the stream broke",
        "  changes   7 events, 10 invalidations; the kernel knew after 2 ms (p50), 8 ms (p99)",
        "  webhooks  http://127.0.0.1:9911 for /github, /linear",
        "            problem /linear: no secret: LINEAR_WEBHOOK_SECRET is not set",
      ]
    ) assert.ok(stdout.split("\n").includes(line), `${line}\nin\n${stdout}`);
    const { mounts } = JSON.parse((await here.omnifs("status", "--output", "json")).stdout);
    assert.deepEqual(mounts[0], JSON.parse(JSON.stringify(fakeStatus(STATUS))));
  }));

Deno.test("metrics prints what the control socket serves", () =>
  told(async (here, backend) => {
    const { code, stdout } = await here.omnifs("metrics");
    assert.deepEqual([code, stdout], [0, await backend.metrics()]);
    assert.equal((await here.omnifs("metrics", "--output", "json")).code, 2);
  }));

Deno.test("events are chosen by type, by group, by mount and by number, and a gap is told", () =>
  told(async (here, { bus }) => {
    bus.publish("watch.started", { mount: "github", watch: "repo:1", sources: ["webhook", "poll"] });
    bus.publish("event.received", { mount: "github", source: "webhook", invalidations: 2 });
    bus.publish("event.applied", {
      mount: "github",
      source: "webhook",
      notifications: 3,
      milliseconds: 1.25,
    });
    bus.publish("watch.lost", { mount: "docker", watch: "docker", cause: "the stream\nbroke" });
    bus.publish("mount.ready", { dir: "/mnt/omnifs", milliseconds: 5 });
    const numbers = async (...words: string[]) => {
      const { stdout } = await here.omnifs("events", ...words, "--output", "jsonl");
      return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).sequence);
    };
    assert.deepEqual(await numbers(), [1, 2, 3, 4, 5]);
    assert.deepEqual(await numbers("--type", "watch"), [1, 4]);
    assert.deepEqual(await numbers("--type", "watch.lost", "--type", "mount"), [4, 5]);
    assert.deepEqual(await numbers("--type", "wat"), []);
    assert.deepEqual(await numbers("docker"), [4]);
    assert.deepEqual(await numbers("github", "--type", "event", "--since", "2"), [3]);
    const { stdout } = await here.omnifs("events", "--type", "watch");
    assert.match(stdout, /^[\d:]{8} #1 watch\.started mount=github watch=repo:1 sources=webhook,poll\n/);
    assert.match(stdout, /#4 watch\.lost mount=docker watch=docker cause=the stream\\x0abroke\n$/);
    assert.equal((await here.omnifs("events", "--since", "yesterday")).code, 2);
    for (let number = 0; number < 1_000; number++) {
      bus.publish("provider.poisoned", { mount: "github", reason: "x" });
    }
    const gap = await here.omnifs("events", "--since", "3", "--type", "mount");
    assert.deepEqual([gap.code, gap.stdout], [0, ""]);
    assert.match(gap.stderr, /^omnifs: events 4 to 5 are not kept any more\n$/);
  }));
