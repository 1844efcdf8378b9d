/**
 * Where the secrets of webhooks come from, and when they are asked for anew.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CredentialStore } from "../../runtime/egress/credential_store.ts";
import { CredentialSources } from "../../runtime/egress/credential_sources.ts";
import { Credentials } from "../../runtime/egress/credentials.ts";
import { Keyrings } from "../../runtime/egress/keyring.ts";
import { webhookSecrets } from "../../runtime/egress/mod.ts";
import { tempDir } from "../support/temp.ts";
import { ManualClock } from "./fixture.ts";
import { hmac, SECRET } from "./webhook_fixture.ts";

const clock = new ManualClock();

/** Sources with an environment and a store of their own, for a bundled GitHub as `github` and as `work`. */
function sources(dir: string, variables: Readonly<Record<string, string>> = {}) {
  const environment = (name: string) => variables[name];
  const bundled = (mount: string) => ({ github: "github", work: "github", linear: "linear" })[mount];
  const keyrings = new Keyrings({ environment, clock });
  const store = new CredentialStore({ dir: `${dir}/store`, keyrings, clock });
  const credentials = new CredentialSources({ environment, clock, choices: [], bundled, store });
  return { credentials, bundled, store };
}

Deno.test("each line of the file is a secret; that of a mount wins over that of all", async () => {
  await using dir = await tempDir();
  const { credentials, bundled } = sources(dir.path);
  await Deno.writeTextFile(`${dir.path}/all`, `\n  ${SECRET}  \r\n\nsecond-0123456789abc\n`);
  await Deno.writeTextFile(`${dir.path}/linear`, "third-0123456789abcd");
  const files = [{ path: `${dir.path}/all` }, { mount: "linear", path: `${dir.path}/linear` }];
  const find = webhookSecrets({ files, credentials, bundled, clock });
  assert.deepEqual(await find("github", false), {
    secrets: [SECRET, "second-0123456789abc"],
    source: `${dir.path}/all`,
    problem: undefined,
    mend: undefined,
  });
  assert.deepEqual((await find("linear", false)).secrets, ["third-0123456789abcd"]);
  await Deno.writeTextFile(`${dir.path}/linear`, "changed-0123456789ab");
  assert.deepEqual((await find("linear", true)).secrets, ["changed-0123456789ab"]);
});

Deno.test("a file that holds no secrets is told with what makes some, and never with its content", async () => {
  await using dir = await tempDir();
  const { credentials, bundled } = sources(dir.path);
  const path = `${dir.path}/file`;
  const find = webhookSecrets({ files: [{ path }], credentials, bundled, clock });
  const problem = async (content: string | Uint8Array | undefined) => {
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else if (content !== undefined) await Deno.writeFile(path, content);
    const found = await find("github", false);
    assert.ok(!JSON.stringify([found.problem, found.mend]).includes("hunter2"));
    return [found.secrets.length, found.problem];
  };
  assert.match(String((await problem(undefined))[1]), /no secret in .*file: .*No such file/);
  assert.match(String((await problem("\n \n"))[1]), /it is empty/);
  assert.match(String((await problem("hunter2\n".repeat(5)))[1]), /more than 4 lines/);
  assert.match(String((await problem(new Uint8Array(20_000)))[1]), /over 16384 bytes/);
  assert.deepEqual(await problem("hunter2\u0007"), [
    0,
    "the webhook's secret: holds a line break or a character outside ASCII",
  ]);
  assert.deepEqual(await problem("hunter2"), [
    1,
    "the secret is shorter than 16 characters: it can be guessed",
  ]);
});

Deno.test("without a file a bundled provider has its own variable and the store, and nobody else has either", async () => {
  await using dir = await tempDir();
  const variables = { GITHUB_WEBHOOK_SECRET: SECRET, WEBHOOK_SECRET: "not for anybody-0123" };
  const { credentials, bundled, store } = sources(dir.path, variables);
  const find = webhookSecrets({ files: [], credentials, bundled, clock });
  for (const mount of ["github", "work"]) {
    assert.deepEqual([(await find(mount, false)).secrets, (await find(mount, false)).source], [
      [SECRET],
      "environment",
    ]);
  }
  const linear = await find("linear", false);
  assert.deepEqual([linear.secrets, linear.problem], [[], "no secret: LINEAR_WEBHOOK_SECRET is not set"]);
  assert.match(linear.mend ?? "", /auth login linear --credential LINEAR_WEBHOOK_SECRET --host webhook$/);
  await store.save(
    { mount: "linear", name: "LINEAR_WEBHOOK_SECRET", target: "webhook" },
    "stored-0123456789ab",
  );
  assert.deepEqual((await find("linear", false)).secrets, ["stored-0123456789ab"]);
  const stranger = await find("weather", false);
  assert.deepEqual([stranger.secrets, stranger.problem], [
    [],
    "no secret: WEBHOOK_SECRET is not named for weather",
  ]);
});

Deno.test("signatures that do not match have the store and helpers asked once in half a minute, and a login at once", async () => {
  let asked = 0;
  const own = new ManualClock();
  const find = webhookSecrets({
    files: [],
    bundled: () => "github",
    clock: own,
    credentials: {
      find: () => {
        asked++;
        return Promise.resolve({ secret: SECRET, source: "store" });
      },
    },
  });
  await find("github", false);
  for (let number = 0; number < 10; number++) await find("github", true);
  assert.equal(asked, 1);
  own.advance(30_000);
  await find("github", true);
  await find("github", false);
  assert.equal(asked, 3);
});

Deno.test("a secret comes in and never out: neither by printing nor in what is told, and its signatures are of one mount", () => {
  const credentials = new Credentials();
  credentials.storeWebhook("github", [SECRET, "second-0123456789abc"]);
  const body = new TextEncoder().encode("body");
  const signature = (secret: string) =>
    Uint8Array.from(hmac(body, secret).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  assert.equal(credentials.signature("github", body), hmac(body));
  assert.ok(credentials.vouches("github", body, signature(SECRET)));
  assert.ok(credentials.vouches("github", body, signature("second-0123456789abc")));
  assert.ok(!credentials.vouches("linear", body, signature(SECRET)));
  assert.ok(!credentials.vouches("github", body, signature(SECRET).subarray(1)));
  assert.deepEqual([credentials.hasWebhook("github"), credentials.hasWebhook("linear")], [true, false]);
  const shown = `${credentials}${JSON.stringify(credentials)}${
    Deno.inspect(credentials, { showHidden: true, depth: 9 })
  }`;
  assert.ok(!shown.includes(SECRET));
  assert.equal(credentials.redact(`it is ${SECRET}`), "it is [redacted]");
  credentials.storeWebhook("github", [""]);
  assert.ok(!credentials.vouches("github", body, signature("")));
  credentials.storeWebhook("github", [SECRET]);
  credentials.clear();
  assert.equal(credentials.hasWebhook("github"), false);
});
