/**
 * Each of the three kinds of thread, asked from inside for what it must not have.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { assertRefused, exists, reachOf, withAims } from "./aims.ts";
import type { Outcomes } from "./attempts.ts";
import { inEgress, inProvider } from "./inside.ts";

Deno.test("a provider's thread has nothing: no network, file, variable, program, library, import or thread", () =>
  withAims(async (aims, _, reached) => {
    const outcomes = await inProvider(aims);
    assert.ok(Object.keys(outcomes).length >= 18);
    assertRefused(outcomes, Object.keys(outcomes));
    assert.deepEqual([reached(), await exists(aims.newFile), await exists(`${aims.newFile}-too`)], [
      [],
      false,
      false,
    ]);
  }));

Deno.test("the egress thread reaches what was granted, and has nothing else", () =>
  withAims(async (aims, _, reached) => {
    await using granted = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("hi"),
    );
    const target = `127.0.0.1:${granted.addr.port}`;
    const { outcomes, reached: answer } = await inEgress(aims, target);
    assert.equal(answer, "hi");
    assert.ok(Object.keys(outcomes).length >= 18);
    assertRefused(outcomes, Object.keys(outcomes));
    assert.deepEqual([reached(), await exists(aims.newFile), await exists(`${aims.newFile}-too`)], [
      [],
      false,
      false,
    ]);
  }));

Deno.test("the main thread has no network once the daemon runs, and the daemon serves on", () =>
  withAims(async (aims, home) => {
    const words = [`${import.meta.dirname}/main_thread.ts`, JSON.stringify({ aims, home })];
    const { stdout, stderr } = await run(Deno.execPath(), ["run", "-A", "--no-lock", ...words], {
      cwd: ROOT,
      deadline: 60_000,
    });
    const { before, after, greeting, control }: Record<string, Outcomes> = JSON.parse(stdout || stderr);
    assert.ok(before !== undefined && after !== undefined);
    // What makes the refusals below mean something: the same attempts succeed before the start.
    for (
      const name of [
        "fetch",
        "connect",
        "connectUnix",
        "listen",
        "nodeNet",
        "importUrl",
        "workerWithNet",
        "ask",
      ]
    ) {
      assert.equal(before[name], "did", name);
    }
    assertRefused(after, reachOf(Deno.version.deno));
    assert.deepEqual([Number(greeting) > 0, control], [true, true]);
  }));
