/**
 * The device flow's timing, which RFC 8628 prescribes, on a clock that stands still.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { deviceToken } from "../../runtime/egress/device_flow.ts";
import type { OwnAnswer, OwnRequest } from "../../runtime/egress/own_client.ts";
import { until } from "../support/deadline.ts";
import { ManualClock } from "./fixture.ts";

const BEGUN = {
  device_code: "device-code-1",
  user_code: "ABCD-1234",
  verification_uri: "https://github.com/login/device",
  expires_in: 100,
};

type Answer = Record<string, unknown> | "unreachable";

/** Begins a login at a server that gives `answers`, one after the other. */
function begin(answers: Answer[], begun: Record<string, unknown> = BEGUN) {
  const clock = new ManualClock();
  const asked: number[] = [];
  const from = clock.monotonic();
  const ask = ({ url }: OwnRequest): Promise<OwnAnswer> => {
    const answer = url.endsWith("/device/code") ? begun : answers.shift() ?? { error: "expired_token" };
    if (answer !== begun) asked.push((clock.monotonic() - from) / 1000);
    if (answer === "unreachable") return Promise.reject(new OmnifsError("unavailable", "no answer"));
    return Promise.resolve({ status: 200, headers: new Headers(), fields: answer, host: "github.com" });
  };
  const show = () => {};
  const token = deviceToken({ ask }, clock, { web: "https://github.com", clientId: "id", scopes: [], show });
  return { clock, asked, token };
}

/** Lets the clock go on by a second whenever somebody waits for it, until `token` is there. */
async function finished({ clock, token }: ReturnType<typeof begin>): Promise<string> {
  let over = false;
  const end = () => over = true;
  token.then(end, end);
  for (;;) {
    await until(() => over || clock.pending > 0, 10_000, "the next question");
    if (over) break;
    clock.advance(1000);
  }
  return await token;
}

Deno.test("the server is asked every 5 s unless it says otherwise, 5 s slower after each slow_down, half as often when it is down", async () => {
  const pending = { error: "authorization_pending" };
  const slow = { error: "slow_down" };
  const login = begin([pending, slow, slow, "unreachable", { access_token: "tok" }]);
  assert.equal(await finished(login), "tok");
  assert.deepEqual(login.asked, [5, 10, 20, 35, 65]);
  const told = begin([pending, { ...slow, interval: 9 }, { access_token: "tok" }], { ...BEGUN, interval: 2 });
  assert.equal(await finished(told), "tok");
  assert.deepEqual(told.asked, [2, 4, 13]);
});

Deno.test("a login that nobody makes ends with its code", async () => {
  const login = begin(Array(50).fill({ error: "authorization_pending" }));
  await assert.rejects(finished(login), { kind: "denied", message: /not entered in time/ });
  assert.equal(login.asked.at(-1), 100);
});

Deno.test("a server that makes no sense is told as that", async () => {
  await assert.rejects(finished(begin([], { error: "device_flow_disabled" })), /turned off/);
  await assert.rejects(finished(begin([], { user_code: "x" })), { kind: "unavailable" });
  await assert.rejects(finished(begin([{ error: "constructor" }])), { kind: "unavailable" });
});
