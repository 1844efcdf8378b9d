/**
 * The glue as the component's own: whatever a hole in its generator would let a component put there, it runs in a
 * thread without permissions, and what that thread says is checked.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { ArtifactStore, DEFAULT_LIMITS, type Node, Provider } from "../../runtime/provider/mod.ts";
import { readMessage } from "../../runtime/provider/guest_messages.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { fails, FakeGate, mountProbe } from "../provider/harness.ts";
import { deviant } from "./component.ts";

/** The body of a function that gives `instantiate`: a provider whose `lookup-child` does what the name says. */
const FORGED = `
const manifest = { name: "forged", version: "1", summary: "", needs: [], settingsSchema: "{}" };
const text = (value) => ({ id: "t", kind: "file", freshness: { tag: "immutable" }, listFirst: false, writable: false,
  content: { tag: "inline", val: { tag: "text", val: JSON.stringify(value) } } });
const attempt = async (work) => { try { return String(await work()); } catch (error) { return "refused: " + error; } };
const scope = new Function("return this")();
const acts = {
  globals: () => ["Deno", "process", "Worker", "fetch", "WebSocket", "BroadcastChannel", "postMessage", "close", "navigator"]
    .filter((name) => scope[name] !== undefined),
  file: () => attempt(async () => (await import("node:fs")).readFileSync("/etc/passwd", "utf8")),
  env: () => attempt(async () => {
    const { HOME } = (await import("node:process")).default.env;
    if (HOME === undefined) throw new Error("there is none");
    return HOME;
  }),
  run: () => attempt(async () => (await import("node:child_process")).execFileSync("id")),
  net: () => attempt(async () => await new Promise((resolve, reject) => import("node:net").then(({ connect }) =>
    connect(PORT, "127.0.0.1").on("connect", () => resolve("connected")).on("error", reject)))),
  // Deno 2.7 lets it start one, which has no more permissions than it has.
  thread: () => attempt(async () => {
    const { Worker: Thread } = await import("node:worker_threads");
    const code = \`const { parentPort } = require("node:worker_threads");
      parentPort.postMessage(Deno.readTextFileSync("/etc/hostname"));\`;
    return await new Promise((resolve, reject) =>
      new Thread(code, { eval: true }).on("message", resolve).on("error", reject));
  }),
  remote: () => attempt(() => import("http://127.0.0.1:PORT/x.js")),
  local: () => attempt(() => import("file:///etc/hostname")),
  exit: () => attempt(async () => (await import("node:process")).default.exit(3)),
};
return async () => ({
  manifest: { describe: async () => manifest },
  provider: { lookupChild: async (parent, name) => text(await acts[name]()) },
});`;

/** A provider with that glue. */
async function forged(script: string, lines: string[] = []): Promise<Provider> {
  const gate = new FakeGate();
  gate.answer = () => new Promise(() => {});
  return await Provider.start({
    mount: "forged",
    artifact: { script, modules: {}, imports: [], exports: [] },
    gate,
    log: new Log(systemClock, (line) => lines.push(line)),
    bus: new Bus(systemClock),
    clock: systemClock,
    limits: DEFAULT_LIMITS,
  }, {});
}

function textIn(node: Node | undefined): string {
  assert(node?.content.tag === "inline");
  return new TextDecoder().decode(node.content.bytes);
}

function told(node: Node | undefined): unknown {
  return JSON.parse(textIn(node));
}

Deno.test("the glue has no file, no environment, no process, no network and no thread", async (t) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const served = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const provider = await forged(FORGED.replaceAll("PORT", String(listener.addr.port)));
  try {
    assert.deepEqual(told(await provider.lookupChild("", "globals")), []);
    for (const act of ["file", "env", "run", "net", "thread", "remote", "local", "exit"]) {
      await t.step(act, async () => {
        const outcome = await provider.lookupChild("", act).then(
          told,
          (error) => `refused: ${error.message}`,
        );
        assert.match(String(outcome), /^refused: /);
      });
    }
    assert.equal(connections, 0);
  } finally {
    provider.close();
    listener.close();
    await served;
  }
});

/** Glue that runs `act` where it is asked for `x`, and is honest otherwise; it sees `imports` and `core`. */
function acting(act: string): string {
  return `
    const manifest = { name: "forged", version: "1", summary: "", needs: [], settingsSchema: "{}" };
    const file = (val) => ({ id: "f", kind: "file", freshness: { tag: "immutable" }, listFirst: false, writable: false,
      content: { tag: "inline", val: { tag: "text", val } } });
    const order = (data) => dispatchEvent(new MessageEvent("message", { data }));
    const never = () => new Promise(() => {});
    const request = { method: "get", url: "https://example.test/", headers: [], expect: "text" };
    return async (modules, imports, core) => ({
      manifest: { describe: async () => manifest },
      provider: { lookupChild: async (parent, name) => name === "x" ? await (async () => { ${act} })() : file(name) },
    });`;
}

/** A core module with a brake of its own: `(module (memory (export "__brake") 1 1 shared))` */
const BRAKE = [
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  5,
  4,
  1,
  3,
  1,
  1,
  7,
  11,
  1,
  7,
  95,
  95,
  98,
  114,
  97,
  107,
  101,
  2,
  0,
];

/** What such glue may try, and how its own call fails. */
const ACTS: Readonly<Record<string, { readonly act: string; readonly words: string }>> = {
  "sends more requests at once than it has instances": {
    act:
      `for (let i = 0; i < 100; i++) imports["omnifs:provider/http"].fetch(request).catch(never); return await never();`,
    words: "callouts under way",
  },
  "hands over brakes without end": {
    act: `const module = new WebAssembly.Module(new Uint8Array(${JSON.stringify(BRAKE)}));
      for (let i = 0; i < 1000; i++) await core(module).catch(() => {});
      for (let i = 0; i < 1000; i++) await core(new WebAssembly.Module(new Uint8Array(${
      JSON.stringify(BRAKE)
    })));
      return await never();`,
    words: "broke down",
  },
  "raises its own limits": {
    act: `order({ type: "start", script: "return async () => ({})", modules: {}, settings: "", instances: 1e6,
      answerBytes: Infinity, control: new SharedArrayBuffer(8) });
      for (let i = 0; i < 100; i++) imports["omnifs:provider/http"].fetch(request).catch(never); return await never();`,
    words: "callouts under way",
  },
  "answers with a map": { act: "return new Map([[1, 2]]);", words: "against the contract" },
  "answers with itself": { act: "const a = {}; a.id = a; return a;", words: "against the contract" },
  "answers with bytes that it can still change": {
    act: `return { ...file(""), content: { tag: "inline", val: { tag: "bytes",
      val: new Uint8Array(new SharedArrayBuffer(4)) } } };`,
    words: "against the contract",
  },
  "answers with what cannot be sent": { act: "return () => 1;", words: "broke down" },
  "fails with a failure of its own making": {
    act: "throw { payload: { tag: { toString() { return 'x'; } } } };",
    words: "broke down",
  },
  "fails with a case that there is not": {
    act: `throw { payload: { tag: "busy" } };`,
    words: "in a way that the contract does not know",
  },
};

Deno.test("what the glue says is checked, and concerns nobody else", async (t) => {
  using neighbour = await mountProbe({ mount: "neighbour" });
  for (const [what, { act, words }] of Object.entries(ACTS)) {
    await t.step(`glue that ${what}`, async () => {
      const provider = await forged(acting(act));
      await assert.rejects(provider.lookupChild("", "x"), fails("internal", words));
      assert.equal(textIn(await provider.lookupChild("", "again")), "again");
      assert.equal((await neighbour.provider.lookupChild("", "full"))?.size, 3);
      provider.close();
    });
  }
});

Deno.test("an answer that is forged for another call reaches a call of the same provider and no other", async () => {
  using neighbour = await mountProbe({ mount: "neighbour" });
  const held = Promise.withResolvers<void>();
  neighbour.gate.answer = async () => {
    await held.promise;
    return { ok: false, failure: { tag: "timeout" } };
  };
  // The neighbour's calls and those of the glue carry the same small numbers.
  const theirs = Array.from({ length: 8 }, (_, i) => neighbour.provider.lookupChild("", `twice=${i}`));
  await until(() => neighbour.gate.callouts.length === 4, 10_000, "the neighbour's callouts");
  let answered = 0;
  const settled = theirs.map((call) => call.then(() => answered++, () => answered++));
  const provider = await forged(acting(`
    for (let id = 0; id < 50; id++) order({ type: "call", id, call: { interface: "provider", function: "lookupChild", args: ["", "y"] } });
    return await never();`));
  assert.equal(textIn(await provider.lookupChild("", "x")), "y");
  assert.equal(answered, 0);
  held.resolve();
  await Promise.all(settled);
  provider.close();
});

Deno.test("lines that the glue forges are as many and as long as those of a component", async () => {
  const lines: string[] = [];
  const provider = await forged(
    acting(
      `for (let i = 0; i < 10000; i++) imports["omnifs:provider/log"].log("info", "line\\n".repeat(10000));
      return file("said");`,
    ),
    lines,
  );
  await provider.lookupChild("", "x");
  assert(lines.length > 0 && lines.length <= 60, `${lines.length} lines`);
  assert(lines.every((line) => line.length < 5_000 && !line.includes("\n")));
  provider.close();
});

Deno.test("the glue prints nothing where the daemon prints, whatever it throws", async () => {
  const script = new URL("./shouting_main.ts", import.meta.url).pathname;
  const { stdout, stderr } = await run(Deno.execPath(), ["run", "-A", script], {
    cwd: ROOT,
    deadline: 60_000,
  });
  const [said, ...broken] = JSON.parse(stdout).toReversed();
  assert.equal(said, "said");
  assert.equal(broken.length, 4);
  for (const fault of broken) {
    assert.equal(fault, "the provider shouting broke down: \x1b[31mmounted on /: all is well");
  }
  assert.equal(stderr, "");
});

Deno.test("no message of another shape is taken for one", () => {
  fc.assert(fc.property(fc.anything(), (data) => assert.equal(readMessage(data), undefined)));
  const types = ["ready", "broken", "brake", "dropped", "done", "failed", "trapped", "callout", "log"];
  const wrong = fc.oneof(
    fc.string(),
    fc.double({ noInteger: true }),
    fc.constant(-1),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(fc.constantFrom(...types.slice(2, 8)), wrong, (type, value) => {
      assert.equal(readMessage({ type, id: value, instance: value, callout: value }), undefined);
    }),
  );
  for (const memory of [undefined, new ArrayBuffer(8), new SharedArrayBuffer(0), {}]) {
    assert.equal(readMessage({ type: "brake", instance: 1, memory }), undefined);
  }
});

Deno.test("a component whose names would end a string in the glue is refused", async () => {
  const attempts = [
    `(core module $m (func (export "a\\22];self.x=1;[\\22"))) (core instance (instantiate $m))`,
    `(core module $m (func (export "\\0aself.x=1"))) (core instance (instantiate $m))`,
    '(core module $m (func (export "`${self.x}`"))) (core instance (instantiate $m))',
    `(core module $m (import "'+self.x+'" "f" (func))) (core module $n (func (export "f")))
      (core instance $i (instantiate $n)) (core instance (instantiate $m (with "'+self.x+'" (instance $i))))`,
    `(component $c) (instance $i (instantiate $c)) (export "a-${"b'];c"}" (instance $i))`,
  ];
  await using folder = await tempDir();
  const store = new ArtifactStore(folder.path);
  for (const beside of attempts) {
    const build = async () => await store.of(await deviant({ beside }), "forged.wasm", 4_096);
    await assert.rejects(
      build,
      (error: Error) => /uses the name|kebab|not valid/.test(String(error)),
      beside,
    );
  }
});
