/**
 * What comes with a question to a daemon, within its bound.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BODY_LIMIT, bodyOf } from "../../runtime/control/question.ts";

const request = (body: Uint8Array<ArrayBuffer>) => new Request("http://daemon/", { method: "POST", body });

Deno.test("a body is taken up to its limit, byte by byte as it came, and not one byte more", async () => {
  assert.deepEqual(await bodyOf(request(new Uint8Array([0, 255, 10]))), new Uint8Array([0, 255, 10]));
  assert.deepEqual(await bodyOf(new Request("http://daemon/", { method: "POST" })), new Uint8Array());
  assert.equal((await bodyOf(request(new Uint8Array(BODY_LIMIT)))).length, BODY_LIMIT);
  await assert.rejects(bodyOf(request(new Uint8Array(BODY_LIMIT + 1))), { kind: "too-large" });
});
