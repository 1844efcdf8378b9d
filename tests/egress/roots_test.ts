/**
 * Roots of the user's own, as companies have them: heeded by the gate as Deno heeds them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { OLD_HTTP } from "./fixture.ts";

const MAIN = new URL("./roots_main.ts", import.meta.url).pathname;
const OWN_ROOT = new URL("./tls/root.pem", import.meta.url).pathname;

/** What the gate answers in such an environment. */
async function asked(
  env: Record<string, string>,
  words: readonly string[] = [],
): Promise<Record<string, string>> {
  const args = ["run", "-A", ...words, MAIN];
  const { stdout, stderr } = await run(Deno.execPath(), args, {
    cwd: ROOT,
    env,
    deadline: 60_000,
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

Deno.test("a root that nobody named vouches for nobody", async () => {
  const { tag, reason } = await asked({});
  assert.equal(tag, "connection");
  assert.match(reason ?? "", OLD_HTTP ? /hang up/ : /certificate/i);
});

Deno.test("a root in DENO_CERT or --cert vouches for its servers", async () => {
  assert.deepEqual(await asked({ DENO_CERT: OWN_ROOT }), { body: "hi" });
  assert.deepEqual(await asked({}, [`--cert=${OWN_ROOT}`]), { body: "hi" });
});

Deno.test("DENO_TLS_CA_STORE=system trusts what the system trusts", async () => {
  assert.deepEqual(await asked({ DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: OWN_ROOT }), { body: "hi" });
  assert.equal((await asked({ DENO_TLS_CA_STORE: "mozilla", SSL_CERT_FILE: OWN_ROOT })).tag, "connection");
});
