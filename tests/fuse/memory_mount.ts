/**
 * Mounts a small tree and obeys one-line commands on standard input; each is answered with a line of JSON.
 *
 * @module
 */
import { mount } from "../../fuse/mod.ts";
import { MemoryFileSystem } from "./memory_fs.ts";

const [dir = "", flavour = "small"] = Deno.args;
const fs = new MemoryFileSystem({ negative: true });
const BIG = 1 << 30;
const chunk = new Uint8Array(1 << 20).fill(65);
fs.file(fs.root, "big", {
  size: () => BIG,
  read: (offset, size) => chunk.subarray(0, Math.max(0, Math.min(size, BIG - offset))),
});
if (flavour === "many") {
  for (let i = 0; i < 10_000; i++) fs.file(fs.root, `f${String(i).padStart(5, "0")}`, `${"x".repeat(99)}\n`);
}
const mounted = await mount(dir, fs, {
  allowOther: Deno.uid() === 0,
  onError: (e, op) => console.error(op, e),
});
console.log(JSON.stringify({ mounted: mounted.dir, connection: mounted.connection }));
console.log(JSON.stringify(await mounted.done));
console.error(mounted.counters());
