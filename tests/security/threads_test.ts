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
import { tempDir } from "../support/temp.ts";
import { type Aims, attempt, NETWORK, type Outcomes } from "./attempts.ts";

/**
 * Names of what a thread is told that may not; a missing name or module is as good as a refusal. Somebody does listen where
 * `node:net` of Deno 2.7 says ECONNREFUSED.
 */
const REFUSED =
  /: (NotCapable|PermissionDenied|EPERM|EACCES|ERR_ACCESS_DENIED|ERR_MODULE_NOT_FOUND|TypeError|ReferenceError|ECONNREFUSED)$/;

/** Aims that somebody who may do everything would hit, and what reached them. */
async function withAims(
  work: (aims: Aims, home: string, reached: () => string[]) => Promise<void>,
): Promise<void> {
  await using dir = await tempDir();
  const reached: string[] = [];
  const answer = (what: string) => () => {
    reached.push(what);
    return new Response("export {};", { headers: { "content-type": "text/javascript" } });
  };
  const socket = `${dir.path}/aim.sock`;
  const tcp = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer("tcp"));
  const unix = Deno.serve({ path: socket, onListen: () => {} }, answer("unix"));
  const file = `${dir.path}/file.js`;
  const newFile = `${dir.path}/new`;
  await Deno.writeTextFile(file, 'if (globalThis.name === "spawned") postMessage("here");');
  const aims = { port: tcp.addr.port, path: "", socket, file, newFile, program: ["touch", `${newFile}-too`] };
  try {
    await work(aims, dir.path, () => reached);
  } finally {
    await Promise.all([tcp.shutdown(), unix.shutdown()]);
  }
}

function assertRefused(outcomes: Outcomes, names: readonly string[]): void {
  for (const name of names) assert.match(`${name}: ${outcomes[name]}`, REFUSED);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

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
    // Deno 2.7 holds a Unix socket by the permissions of its file alone.
    const reach = Deno.version.deno.startsWith("2.7")
      ? NETWORK.filter((name) => name !== "connectUnix")
      : NETWORK;
    assertRefused(after, reach);
    assert.deepEqual([Number(greeting) > 0, control], [true, true]);
  }));
