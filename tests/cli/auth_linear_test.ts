/**
 * `omnifs auth` and Linear: whose a key is, asked of a stand-in with Linear's own schema.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type LinearStandIn, startLinear } from "../fakes/linear/mod.ts";
import { type Ran, run } from "../support/command.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

async function withLinear(
  work: (linear: LinearStandIn, auth: (words: string[], input?: string) => Promise<Ran>) => Promise<void>,
): Promise<void> {
  await using here: Place = await place();
  const linear = await startLinear();
  const auth = async (words: string[], input = "") => {
    const [program, args] = omnifsCommand(["auth", ...words]);
    const ran = await run(program, args, {
      env: { ...here.env, OMNIFS_KEYRING: "none" },
      input,
      deadline: DEADLINE,
    });
    for (const secret of [linear.key, linear.token]) {
      assert.equal((ran.stdout + ran.stderr).includes(secret), false, words.join(" "));
    }
    return ran;
  };
  try {
    await work(linear, auth);
  } finally {
    await linear.close();
  }
}

Deno.test("a Linear key and an OAuth token are stored once Linear has said whose they are", () =>
  withLinear(async (linear, auth) => {
    const url = ["--url", linear.url.replace(/\/graphql$/, "")];
    const host = new URL(linear.url).host;
    for (const secret of [linear.key, linear.token]) {
      const { code, stdout, stderr } = await auth(["login", "linear", ...url], secret);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(
        stdout.split("\n")[0],
        `logged in as ada@acme.test: LINEAR_API_KEY for /linear at ${host}`,
      );
      assert.match((await auth(["status", "--check"])).stdout, /of ada@acme\.test/);
    }
    const asked = await linear.requests();
    assert.deepEqual(asked.map(({ status }) => status), [200, 200, 200, 200]);
  }));

Deno.test("a Linear key that is refused is not stored, whichever status the refusal has", () =>
  withLinear(async (linear, auth) => {
    const url = ["--url", linear.url.replace(/\/graphql$/, "")];
    const refused = await auth(["login", "linear", ...url], "lin_api_unknown");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /does not accept this LINEAR_API_KEY \(401\)\n {2}try: /);
    for (const code of ["AUTHENTICATION_ERROR", "FORBIDDEN"]) {
      await linear.fault("", { code, status: 400, times: 1 });
      assert.match(
        (await auth(["login", "linear", ...url], linear.key)).stderr,
        /does not accept .* \(400\)/,
      );
    }
    await linear.fault("", { code: "INPUT_ERROR", times: 1 });
    assert.match(
      (await auth(["login", "linear", ...url], linear.key)).stderr,
      /did not say whose .* \(400\)/,
    );
    assert.match((await auth(["status"])).stdout, /^no token is known/);
  }));
