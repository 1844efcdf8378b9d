/**
 * Deliveries through the egress thread: what is taken, what is not, and what arrives at the other end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sign } from "@octokit/webhooks-methods";
import { until } from "../support/deadline.ts";
import { Desk, SECRET } from "./webhook_fixture.ts";

Deno.test("what GitHub signed is taken with 202, and arrives with its bytes and its own words", async () => {
  await using desk = await Desk.open();
  const body = '{"action":"opened","issue":{"title":"grün \\u00fc"}}';
  const answer = await desk.post("github", body, {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": await sign(SECRET, body),
    "authorization": "Bearer nobody",
  });
  assert.deepEqual(answer, { status: 202, says: "" });
  const delivery = await until(() => desk.delivered[0], 10_000, "the delivery");
  const { mount, id, event, headers } = delivery;
  assert.deepEqual([mount, id, event], ["github", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "issues"]);
  assert.equal(new TextDecoder().decode(delivery.body), body);
  assert.deepEqual(new Map(headers).get("x-github-event"), "issues");
  assert.deepEqual(headers.filter(([name]) => /signature|authorization|host/.test(name)), []);
});
