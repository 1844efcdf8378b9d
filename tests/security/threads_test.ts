/**
 * Each of the three kinds of thread, asked from inside for what it must not have.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import { parseGrants } from "../../runtime/egress/mod.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { assertRefused, exists, reachOf, withAims } from "./aims.ts";
import { attempt, type Outcomes } from "./attempts.ts";

Deno.test("a provider's thread has nothing: no network, file, variable, program, library, import or thread", () =>
  withAims(async (aims, _, reached) => {
    // The glue is the least trusted script in there is: here it makes the attempts and tells what came of them.
    const script = `${attempt}
      return async () => { throw new Error("outcomes " + JSON.stringify(await attempt(${
      JSON.stringify(aims)
    }))); };`;
    const guest = new Guest({
      mount: "hostile",
      artifact: { script, modules: {}, imports: [], exports: [] },
      settings: "{}",
      limits: DEFAULT_LIMITS,
      clock: systemClock,
      host: {
        callout: () => Promise.resolve({ error: { tag: "timeout" } }),
        log: () => {},
        dropped: () => {},
        failure: () => assert.fail("no call was made"),
      },
    });
    const call = { interface: "provider", function: "describe", args: [] };
    const fault: unknown = await guest.call("describe", call).catch((error) => error);
    guest.close();
    assert.ok(fault instanceof Error);
    const outcomes: Outcomes = JSON.parse(/outcomes (\{.*\})/s.exec(fault.message)?.[1] ?? fault.message);
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
    const egress = new Egress({
      grants: parseGrants({ allow: [target] }),
      credentials: { find: () => Promise.resolve({ why: "none", mend: "" }) },
      clock: systemClock,
      module: new URL("./egress_probe.ts", import.meta.url),
    });
    const callout = {
      mount: "m",
      method: "get",
      url: `http://${target}/`,
      headers: [],
      write: false,
    } as const;
    const result = await egress.send({ ...callout, expect: "text", body: JSON.stringify(aims) });
    await egress.close();
    assert.ok(result.ok);
    const { outcomes, reached: answer } = JSON.parse(String(result.response.body));
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
