/**
 * Deliveries through the egress thread: what is taken, what is not, and what arrives at the other end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import examples from "@octokit/webhooks-examples" with { type: "json" };
import { sign, verify } from "@octokit/webhooks-methods";
import { until, withDeadline } from "../support/deadline.ts";
import { run } from "../support/command.ts";
import { Desk, githubHeaders, hmac, linearHeaders, Porch, rawPost, SECRET } from "./webhook_fixture.ts";
import { need } from "./fixture.ts";

const MORTAL = new URL("./mortal_worker.ts", import.meta.url);

Deno.test("what GitHub signed is taken with 202, and arrives with its bytes and its own words", async () => {
  await using desk = await Desk.open();
  const body = '{"action":"opened","issue":{"title":"grün \\u00fc"}}';
  const answer = await desk.post("github", body, {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": await sign(SECRET, body),
    "authorization": "Bearer nobody",
    "cookie": "a=b",
    "x-forwarded-for": "203.0.113.9",
  });
  assert.deepEqual(answer, { status: 202, says: "" });
  const delivery = await until(() => desk.delivered[0], 10_000, "the delivery");
  const { mount, id, event, headers } = delivery;
  assert.deepEqual([mount, id, event], ["github", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "issues"]);
  assert.equal(new TextDecoder().decode(delivery.body), body);
  assert.deepEqual(new Map(headers).get("x-github-event"), "issues");
  const kept = headers.filter(([name]) => /signature|authorization|cookie|forwarded|host/.test(name));
  assert.deepEqual(kept, []);
});

Deno.test("every example of Octokit, signed by Octokit, arrives byte for byte; issues, comments, PRs, workflows among them", async () => {
  await using desk = await Desk.open();
  const sent = new Map<string, { readonly event: string; readonly id: string }>();
  for (const { name, examples: bodies } of examples) {
    for (const example of bodies) {
      // As GitHub writes it: no white space; some of it beyond ASCII.
      const body = JSON.stringify(example);
      if (sent.has(body)) continue;
      const id = crypto.randomUUID();
      sent.set(body, { event: name, id });
      const signature = await sign(SECRET, body);
      assert.ok(await verify(SECRET, body, signature));
      const headers = githubHeaders(body, {
        "x-github-event": name,
        "x-github-delivery": id,
        "x-hub-signature-256": signature,
      });
      assert.equal((await desk.post("github", body, headers)).status, 202, `${name} ${body.slice(0, 80)}`);
    }
  }
  await until(() => desk.delivered.length === sent.size, 30_000, "the deliveries");
  const arrived = desk.delivered.map(({ body, event, id }) =>
    [Buffer.from(body).toString("utf8"), { event, id }] as const
  );
  assert.deepEqual(arrived, [...sent]);
  const events = new Set(desk.delivered.map(({ event }) => event));
  for (
    const event of [
      "issues",
      "issue_comment",
      "pull_request",
      "pull_request_review",
      "workflow_run",
      "workflow_job",
      "push",
      "repository",
    ]
  ) {
    assert.ok(events.has(event), event);
  }
  assert.ok(desk.told.every(({ verdict }) => verdict === "applied"));
});

Deno.test("a body of 25 MiB arrives whole, and one byte more does not", async () => {
  await using desk = await Desk.open();
  const largest = new Uint8Array(25 * 1024 * 1024).map((_, index) => index % 251);
  assert.equal((await desk.post("github", largest, githubHeaders(largest))).status, 202);
  const delivery = await until(() => desk.delivered[0], 30_000, "the delivery");
  assert.ok(Buffer.from(delivery.body).equals(largest));
  const larger = new Uint8Array(largest.length + 1);
  assert.equal((await desk.post("github", larger, githubHeaders(larger))).status, 413);
});

Deno.test("what Linear's own client takes, the receiver takes with 200, and nothing else", async () => {
  await using porch = new Porch();
  const client = new LinearWebhookClient(SECRET);
  const minute = 60_000;
  const at = (offset: number) =>
    JSON.stringify({ action: "update", type: "Issue", webhookTimestamp: porch.clock.now() + offset });
  // The client asks the system for the time; the receiver's clock stands still. So each gets its own body.
  const forClient = (offset: number) =>
    JSON.stringify({ action: "update", type: "Issue", webhookTimestamp: Date.now() + offset });
  const takes = (body: string, signature: string) => {
    try {
      return client.verify(Buffer.from(body), signature);
    } catch {
      return false;
    }
  };
  const tampering: Readonly<Record<string, (body: string) => [body: string, signature: string]>> = {
    "nothing": (body) => [body, hmac(body)],
    "the body": (body) => [body.replace("update", "remove"), hmac(body)],
    "the secret": (body) => [body, hmac(body, "another")],
    "the signature's end": (body) => [body, hmac(body).slice(0, -2)],
    "the signature's bits": (body) => [body, hmac(body).replace(/^./, (digit) => digit === "0" ? "1" : "0")],
    "the time's type": (body) =>
      signedAgain(body.replace(/"webhookTimestamp":(\d+)/, '"webhookTimestamp":"$1"')),
    "the time": (body) => signedAgain(body.replace(/,"webhookTimestamp":\d+/, "")),
    "the form": (body) => signedAgain(body.slice(0, -1)),
    "an object": () => signedAgain("null"),
  };
  for (const [what, tamper] of Object.entries(tampering)) {
    for (const offset of [0, -minute / 2, minute / 2, -60 * minute, 60 * minute]) {
      const [body, signature] = tamper(at(offset));
      const answer = await porch.exchange(
        rawPost("/hooks/linear", linearHeaders(body, { "linear-signature": signature }), body),
      );
      const taken = takes(...tamper(forClient(offset)));
      const replayed = answer.status === 409;
      assert.equal(answer.status === 200 || replayed, taken, `${what}, ${offset}: ${answer.status}`);
    }
  }
  assert.equal(porch.delivered.length, 3);
});

Deno.test("Linear's timestamp may be five minutes old and a minute ahead", async () => {
  await using porch = new Porch();
  const send = async (offset: number) => {
    const body = JSON.stringify({ webhookTimestamp: porch.clock.now() + offset });
    return (await porch.exchange(rawPost("/hooks/linear", linearHeaders(body), body))).status;
  };
  const offsets = [-300_001, -300_000, -299_999, 59_999, 60_000];
  const statuses = [];
  for (const offset of offsets) statuses.push(await send(offset));
  assert.deepEqual(statuses, [401, 401, 200, 200, 401]);
});

Deno.test("deliveries of a mount are worked off one after the other, whatever each takes; a failure stops none", async () => {
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const order: string[] = [];
  await using desk = await Desk.open({
    deliver: async (_, { id }) => {
      await gates[Number(id)]?.promise;
      order.push(id);
      if (id === "1") throw new Error("the provider broke down");
      return { invalidations: 2, milliseconds: 1.5 };
    },
  });
  for (const id of ["0", "1", "2"]) {
    const headers = githubHeaders(`body ${id}`, { "x-github-delivery": id });
    assert.equal((await desk.post("github", `body ${id}`, headers)).status, 202);
  }
  await until(() => desk.webhooks.deliveries.length === 3, 10_000, "the deliveries");
  assert.ok(desk.webhooks.deliveries.every(({ verdict }) => verdict === "waiting"));
  for (const { resolve } of gates.toReversed()) resolve();
  await until(() => desk.told.length === 3, 10_000, "the work");
  assert.deepEqual(order, ["0", "1", "2"]);
  const ends = desk.told.map((
    { verdict, invalidations, milliseconds, reason },
  ) => [verdict, invalidations, milliseconds, reason]);
  assert.deepEqual(ends, [
    ["applied", 2, 1.5, undefined],
    ["failed", null, null, "the provider broke down"],
    ["applied", 2, 1.5, undefined],
  ]);
});

Deno.test("two mounts do not wait for each other", async () => {
  const never = Promise.withResolvers<void>();
  await using desk = await Desk.open({
    mounts: { github: "hub-signature256", work: "hub-signature256" },
    deliver: async (mount) => {
      if (mount === "github") await never.promise;
      return { invalidations: 0, milliseconds: undefined };
    },
  });
  await desk.post("github", "a", githubHeaders("a"));
  await desk.post("work", "b", githubHeaders("b"));
  await until(
    () => desk.told.some(({ mount, verdict }) => mount === "work" && verdict === "applied"),
    10_000,
    "the other mount",
  );
  never.resolve();
  await until(() => desk.told.length === 2, 10_000, "both");
});

Deno.test("a sample is signed, delivered and worked off; where there is no secret it says so", async () => {
  let secrets: readonly string[] = [SECRET];
  await using desk = await Desk.open({
    secrets: () => secrets,
    deliver: () => Promise.resolve({ invalidations: 3, milliseconds: 0.5 }),
  });
  const { signal } = new AbortController();
  for (const [mount, status] of [["github", 202], ["linear", 200]] as const) {
    const tested = await desk.webhooks.test(mount, signal);
    assert.deepEqual([tested.status, tested.says], [status, ""]);
    assert.deepEqual([tested.delivery?.verdict, tested.delivery?.invalidations], ["applied", 3]);
    assert.equal(tested.delivery?.id, tested.id);
  }
  assert.equal(desk.delivered[0]?.event, "ping");
  secrets = [];
  await desk.webhooks.reload();
  const without = await desk.webhooks.test("github", signal);
  assert.deepEqual([without.status, without.delivery], [undefined, undefined]);
  assert.match(without.says, /no secret/);
  await assert.rejects(desk.webhooks.test("docker", signal), { kind: "not-found" });
});

Deno.test("strangers push no delivery out of what is told, and flood nobody", async () => {
  await using desk = await Desk.open();
  await desk.post("github", "a real one", githubHeaders("a real one"));
  for (let number = 0; number < 300; number++) await desk.post("github", "x", { "x-github-event": "forged" });
  await desk.post("github", "another", githubHeaders("another"));
  await until(() => desk.delivered.length === 2, 10_000, "the deliveries");
  const { deliveries } = desk.webhooks;
  assert.equal(deliveries.filter(({ verdict }) => verdict === "applied").length, 2);
  const refused = deliveries.filter(({ verdict }) => verdict === "signature").length;
  assert.ok(refused > 0 && refused <= 100, `${refused}`);
  assert.ok(desk.lines.length < 300, `${desk.lines.length} lines`);
});

Deno.test("the planted secret is in nothing that the host shows", async () => {
  await using desk = await Desk.open();
  await desk.post("github", "x", {
    "x-hub-signature-256": `sha256=${hmac("y")}`,
    "x-github-event": SECRET.slice(0, 4),
  });
  await desk.post("github", "good", githubHeaders("good"));
  await until(() => desk.delivered.length === 1, 10_000, "the delivery");
  const { webhooks, egress, lines, told, delivered } = desk;
  const shown = JSON.stringify([
    webhooks.routes,
    webhooks.deliveries,
    lines,
    told,
    delivered,
    egress.describe(),
  ]);
  const inspected = Deno.inspect([webhooks, egress], { depth: 20, showHidden: true });
  assert.equal((shown + inspected).includes(SECRET), false);
});

Deno.test("an address that is taken ends the start with what to do", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await assert.rejects(Desk.open({ port: listener.addr.port }), (error: Error) => {
    assert.match(error.message, /^cannot listen on 127\.0\.0\.1:\d+: /);
    return true;
  });
});

Deno.test("the receiver's address is the thread's to listen on, and no provider's to reach", async () => {
  await using desk = await Desk.open();
  const target = new URL(desk.origin).host;
  assert.deepEqual(desk.webhooks.scopes, [target]);
  await desk.egress.admit("m", [need(target)]);
  const result = await desk.egress.send({
    mount: "m",
    method: "get",
    url: `${desk.origin}/`,
    headers: [],
    expect: "text",
    write: false,
  });
  assert.ok(!result.ok && result.failure.tag === "denied", JSON.stringify(result));
});

Deno.test("when the thread dies the next one listens at once, and knows what was delivered before", async () => {
  await using desk = await Desk.open({ module: MORTAL });
  const headers = githubHeaders("before");
  assert.equal((await desk.post("github", "before", headers)).status, 202);
  await until(() => desk.delivered.length === 1, 10_000, "the delivery");
  await desk.die();
  const after = await until(
    () => desk.post("github", "after", githubHeaders("after")).catch(() => undefined),
    20_000,
    "an answer",
  );
  assert.equal(after.status, 202);
  assert.equal((await desk.post("github", "before", headers)).status, 409);
  assert.ok(desk.lines.some((line) => line.includes("the egress thread died")), desk.lines.join("\n"));
});

Deno.test("a host without net listens on through its spare thread", async () => {
  const script = new URL("./webhook_revoked_script.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--unstable-worker-options", script];
  const { code, stdout, stderr } = await withDeadline(
    run(Deno.execPath(), args, { deadline: 60_000 }),
    70_000,
    "the script",
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    own: "NotCapable",
    before: 202,
    spare: 202,
    replay: 409,
    delivered: ["before", "after"],
  });
});

function signedAgain(body: string): [string, string] {
  return [body, hmac(body)];
}
