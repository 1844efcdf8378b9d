/**
 * Each dangerous call has one home, and the tables that answer a hit never wait.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { strays, waits } from "./homes.ts";
import { GUEST_HOMES, HOMES, SYNCHRONOUS } from "./rules.ts";
import { isGenerated, PRODUCT, sourcesBelow } from "./sources.ts";

const at = (path: string, text: string) => ({ path, text });

Deno.test("each dangerous call stands in its one home", async () => {
  const sources = (await sourcesBelow(PRODUCT)).filter(({ path }) => !isGenerated(path));
  ok(sources.length > 20, `only ${sources.length} files were read`);
  deepStrictEqual(
    sources.flatMap((source) => strays(source, source.path.startsWith("providers/") ? GUEST_HOMES : HOMES)),
    [],
  );
});

Deno.test("the inode tables and the cache never wait", async () => {
  const sources = await sourcesBelow(SYNCHRONOUS);
  ok(sources.length > 2, `only ${sources.length} files were read`);
  deepStrictEqual(sources.flatMap(waits), []);
});

Deno.test("every way to write a dangerous call is found outside of its home", () => {
  for (
    const [code, what] of [
      [`Deno.dlopen("/x", {})`, "Deno.dlopen"],
      [`const open = globalThis.Deno.dlopen`, "Deno.dlopen"],
      [`Deno["dlopen"]("/x", {})`, "Deno.dlopen"],
      [`const { dlopen } = Deno`, "Deno.dlopen"],
      [`const { dlopen: open } = globalThis.Deno`, "Deno.dlopen"],
      [`import http from "node:http"`, "node:http"],
      [`import { request } from "http"`, "node:http"],
      [`import * as https from "node:https"`, "node:https"],
      [`import "node:http2"`, "node:http2"],
      [`export { connect } from "node:net"`, "node:net"],
      [`export * from "node:tls"`, "node:tls"],
      [`const dgram = await import("node:dgram")`, "node:dgram"],
      ["const dgram = await import(`node:dgram`)", "node:dgram"],
      [`const net = require("net")`, "node:net"],
      [`const net = createRequire(import.meta.url)("node:net")`, "node:net"],
      [`const net = process.getBuiltinModule("net")`, "node:net"],
      [`import { resolve } from "node:dns/promises"`, "node:dns/promises"],
      [`import { spawn } from "node:child_process"`, "node:child_process"],
      [`import { Worker as W } from "node:worker_threads"`, "node:worker_threads"],
      [`await Deno.connect({ port: 1 })`, "Deno.connect"],
      [`await Deno.connectTls({ port: 1 })`, "Deno.connect"],
      [`await Deno.startTls(c)`, "Deno.connect"],
      [`const go = self.Deno.connect`, "Deno.connect"],
      [`Deno.listen({ port: 1 })`, "Deno.listen"],
      [`Deno.listenTls(o)`, "Deno.listen"],
      [`Deno.listenDatagram(o)`, "Deno.listen"],
      [`Deno.serve(f)`, "Deno.listen"],
      [`[o].map(Deno.listen)`, "Deno.listen"],
      [`Deno.createHttpClient({})`, "Deno.createHttpClient"],
      [`Deno.resolveDns("x", "A")`, "Deno.resolveDns"],
      [`new Deno.Command("sh")`, "Deno.Command"],
      [`const { Command } = Deno`, "Deno.Command"],
      [`class Mine extends Deno.Command {}`, "Deno.Command"],
      [`const D = Deno`, "Deno by another name"],
      [`use(Deno)`, "Deno by another name"],
      [`const all = { ...Deno }`, "Deno by another name"],
      [`const { version, ...rest } = Deno`, "Deno by another name"],
      [`Deno[name]()`, "Deno by another name"],
      ["Deno[`connect`]()", "Deno by another name"],
      [`globalThis.Deno[name]()`, "Deno by another name"],
      [`const g = globalThis`, "the global object by another name"],
      [`Reflect.get(globalThis, "fetch")`, "the global object by another name"],
      [`self[name]()`, "the global object by another name"],
      [`new WebSocket("wss://x")`, "new WebSocket"],
      [`new globalThis.WebSocket("wss://x")`, "new WebSocket"],
      [`class Mine extends WebSocket {}`, "new WebSocket"],
      [`const Socket = WebSocket`, "new WebSocket"],
      [`new WebSocketStream("wss://x")`, "new WebSocket"],
      [`new EventSource("https://x")`, "new WebSocket"],
      [`new Worker("data:text/javascript,")`, "new Worker"],
      [`await fetch("http://x")`, "fetch"],
      [`globalThis.fetch("http://x")`, "fetch"],
      [`call(fetch)`, "fetch"],
      [`globalThis["fetch"]("http://x")`, "fetch"],
      [`const { fetch } = globalThis`, "fetch"],
      [`const ask = fetch`, "fetch"],
      [`const parts = { fetch }`, "fetch"],
      [`const parts = { ask: fetch }`, "fetch"],
      [`Deno.exit(1)`, "Deno.exit"],
      [`const t = Date.now()`, "Date.now"],
      [`const t = [1].map(Date.now)`, "Date.now"],
      [`const d = new Date()`, "new Date() without a time"],
      [`setTimeout(() => {}, 1)`, "setTimeout"],
      [`globalThis.setTimeout(() => {}, 1)`, "setTimeout"],
      [`setInterval(() => {}, 1)`, "setInterval"],
      [`Deno.env.get("GITHUB_TOKEN")`, "the variable of a secret"],
      [`const h = "Bearer " + token`, "a bearer credential"],
      ["const h = `Bearer ${token}`", "a bearer credential"],
    ] as const
  ) {
    const found = strays(at("runtime/vfs/read.ts", `// a comment\n${code};\n`), HOMES);
    deepStrictEqual(found, [`runtime/vfs/read.ts:2: ${what}`], code);
  }
});

Deno.test("a dangerous call at home passes, and so does a word that is no call", () => {
  deepStrictEqual(strays(at("fuse/libc.ts", `Deno.dlopen("/x", {})`), HOMES), []);
  deepStrictEqual(strays(at("runtime/base/clock.ts", `Date.now(); setTimeout(f, 1)`), HOMES), []);
  const node = `import http from "node:http"; import https from "node:https"; import net from "node:net";`;
  deepStrictEqual(
    strays(at("runtime/egress/transport.ts", `${node} import tls from "node:tls";`), HOMES),
    [],
  );
  deepStrictEqual(strays(at("runtime/egress/program.ts", `new Deno.Command("sh")`), HOMES), []);
  const types = `import type { Socket } from "node:net"; export type { Agent } from "node:http";
    let child: Deno.ChildProcess; let worker: Worker; type D = typeof Deno; const { version } = Deno;`;
  deepStrictEqual(strays(at("runtime/vfs/read.ts", types), HOMES), []);
  const words =
    `// fetch("x")\nconst a = "Deno.exit(1)"; gate.fetch("x"); new Date(0); const b = "bearer of news";
    revoke({ name: "net" }); const c = { fetch: 1, http: "http" }; a.connect(); a.listen(); self.name;`;
  deepStrictEqual(strays(at("runtime/vfs/read.ts", words), HOMES), []);
});

Deno.test("a guest that reaches for Deno is found, and the tool that builds it is not", () => {
  const code = `await Deno.readTextFile("/etc/passwd")`;
  deepStrictEqual(strays(at("providers/github/mod.ts", code), GUEST_HOMES), [
    "providers/github/mod.ts:1: Deno",
  ]);
  deepStrictEqual(strays(at("providers/sdk/build.ts", code), GUEST_HOMES), []);
});

Deno.test("every way to wait is found", () => {
  for (
    const [code, what] of [
      ["async function f() {}", "an async function"],
      ["const f = async () => {}", "an async function"],
      ["class A { async f() {} }", "an async function"],
      ["await 1", "await"],
      ["p.then(f)", ".then(…)"],
    ] as const
  ) deepStrictEqual(waits(at("runtime/tree/a.ts", code)), [`runtime/tree/a.ts:1: ${what}`]);
  deepStrictEqual(waits(at("runtime/tree/a.ts", "function f() { return 1; } // await")), []);
});
