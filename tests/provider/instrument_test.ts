/**
 * The limits that are written into core modules: that they bind, and that nothing else changes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BRAKE, instrument, START_EXPORT } from "../../runtime/provider/instrument.ts";
import { parse } from "../support/wat.ts";
import { fails } from "./harness.ts";

async function limited(text: string, pages = 16): Promise<Uint8Array<ArrayBuffer>> {
  return instrument(new Uint8Array(await parse(text)), pages);
}

/** An instance whose import `stop` sets its own brake. */
async function instanceOf(text: string): Promise<{ instance: WebAssembly.Instance; brake: Int32Array }> {
  let brake: Int32Array = new Int32Array(1);
  const stop = () => void Atomics.store(brake, 0, 1);
  const { instance } = await WebAssembly.instantiate(await limited(text), { host: { stop } });
  const memory = instance.exports[BRAKE];
  assert(memory instanceof WebAssembly.Memory);
  brake = new Int32Array(memory.buffer);
  return { instance, brake };
}

function call(instance: WebAssembly.Instance, name: string, ...args: number[]): unknown {
  const f = instance.exports[name];
  assert(typeof f === "function");
  return f(...args);
}

const trap = (error: unknown) =>
  error instanceof WebAssembly.RuntimeError && /unreachable/.test(error.message);

/** Programs that never end by themselves, each in another way. */
const ENDLESS: Readonly<Record<string, string>> = {
  "a loop": `(func (export "run") call $stop (loop $again br $again))`,
  "a loop in a branch of a loop": `(func (export "run") call $stop
     (loop $outer (block $b (loop $inner (br_if $inner (i32.const 1)) (br $b))) (br $outer)))`,
  "a tail call": `(func $run (export "run") call $stop return_call $again) (func $again return_call $again)`,
  "an indirect tail call":
    `(type $t (func)) (table funcref (elem $again)) (func (export "run") call $stop return_call $again)
     (func $again (return_call_indirect (type $t) (i32.const 0)))`,
  "recursion that fans out": `(func (export "run") call $stop (call $fan (i32.const 500)))
     (func $fan (param i32) (if (local.get 0)
       (then (call $fan (i32.sub (local.get 0) (i32.const 1))) (call $fan (i32.sub (local.get 0) (i32.const 1))))))`,
};

for (const [what, body] of Object.entries(ENDLESS)) {
  Deno.test(`the brake stops ${what}`, async () => {
    const { instance, brake } = await instanceOf(`(module (import "host" "stop" (func $stop)) ${body})`);
    assert.throws(() => call(instance, "run"), trap);
    assert.throws(() => call(instance, "run"), trap, "it stays set");
    assert.equal(brake[0], 1);
  });
}

Deno.test("the brake stops another thread's loop", async () => {
  const module = await WebAssembly.compile(
    await limited(`(module (func (export "run") (loop $again br $again)))`),
  );
  const source = `onmessage = async ({ data }) => {
    const { exports } = await WebAssembly.instantiate(data);
    postMessage(exports.__brake.buffer);
    try { exports.run(); } catch (error) { postMessage(String(error)); }
  };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    type: "module",
    deno: { permissions: "none" },
  });
  const messages: unknown[] = [];
  const second = new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      messages.push(data);
      if (data instanceof SharedArrayBuffer) Atomics.store(new Int32Array(data), 0, 1);
      else resolve(data);
    };
  });
  worker.postMessage(module);
  assert.match(String(await second), /unreachable/);
  worker.terminate();
});

Deno.test("the start function waits for the host", async () => {
  const { instance } = await instanceOf(`(module (import "host" "stop" (func $stop))
    (func $start call $stop (loop $again br $again)) (start $start))`);
  assert.throws(() => call(instance, START_EXPORT), trap);
});

Deno.test("a module computes as before while the brake is off", async () => {
  const text = `(module (memory (export "mem") 1) (data (i32.const 8) "abc")
    (global $g (mut i64) (i64.const -7)) (table 2 funcref) (elem (i32.const 0) $double $sum)
    (type $t (func (param i32) (result i32)))
    (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $sum (param $n i32) (result i32) (local $s i32) (local f64 v128)
      (loop $l (local.set $s (i32.add (local.get $s) (local.get $n)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $s))
    (func (export "run") (param i32) (result i32)
      (block $a (block $b (br_table $a $b (i32.const 1))))
      (memory.fill (i32.const 16) (i32.const 1) (i32.const 4))
      (drop (v128.load (i32.const 8))) (drop (i64x2.extract_lane 0 (v128.const i64x2 1 2)))
      (drop (f32.const 1.5)) (drop (f64.const 2.5)) (drop (ref.null func))
      (i32.add (call_indirect (type $t) (local.get 0) (i32.const 1))
        (i32.add (i32.load8_u offset=1 (i32.const 8)) (i32.load (i32.const 16))))))`;
  const plain = await WebAssembly.instantiate(new Uint8Array(await parse(text)));
  const { instance } = await WebAssembly.instantiate(await limited(text));
  const expected = call(plain.instance, "run", 10);
  assert.equal(expected, 55 + 98 + 0x01010101);
  assert.equal(call(instance, "run", 10), expected);
});

Deno.test("every memory gets a maximum, and one that asks for more than it is refused", async () => {
  const { instance } = await WebAssembly.instantiate(
    await limited(
      `(module (memory (export "m") 1)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`,
      4,
    ),
  );
  assert.equal(call(instance, "grow", 3), 1);
  assert.equal(call(instance, "grow", 1), -1);
  const roomy = await limited(
    `(module (memory 1 60000) (func (export "grow") (result i32) (memory.grow (i32.const 8))))`,
    4,
  );
  assert.equal(call((await WebAssembly.instantiate(roomy)).instance, "grow"), -1);
  await assert.rejects(limited(`(module (memory 5))`, 4), fails("invalid", "needs 5 pages of memory, and 4"));
});

Deno.test("every table gets a maximum", async () => {
  const { instance } = await WebAssembly.instantiate(
    await limited(`(module (table (export "t") 1 funcref)
    (func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`),
  );
  assert.equal(call(instance, "grow", 65_535), 1);
  assert.equal(call(instance, "grow", 1), -1);
});

Deno.test("what could reach around the limits is refused", async () => {
  const refused: Readonly<Record<string, string>> = {
    "(module (memory 1 1 shared))": "shared",
    '(module (import "a" "m" (memory 1 1 shared)))': "shared",
    "(module (memory i64 1))": "64-bit",
    '(module (func (export "__brake")))': "exports __brake itself",
    '(module (func (export "__start")))': "exports __start itself",
    "(module (type $a (array (mut i8))) (func (drop (array.new_default $a (i32.const 9)))))":
      "a type that is not a function's",
    "(module (memory 1) (memory 1))": "it has 2 memories",
    "(module (table 65537 funcref))": "needs a table of 65537 elements",
    "(module (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref))":
      "it has 5 tables",
    "(module (table i64 1 funcref))": "a table of a kind",
    '(module (func (export "a\\22+self.x+\\22")))': "it uses the name",
    '(module (import "a`${self.x}" "f" (func)))': "it uses the name",
    '(module (import "a" "f\\0a" (func)))': "it uses the name",
  };
  for (const [text, why] of Object.entries(refused)) {
    await assert.rejects(limited(text), fails("invalid", why), text);
  }
});

Deno.test("a module cannot name the memory of the brake before it is there", () => {
  // (memory 1), and a store into memory 1, which is where the brake will be: wasm-tools would not write it.
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0],
    ...[3, 2, 1, 0],
    ...[5, 3, 1, 0, 1],
    ...[10, 12, 1, 10, 0, 0x41, 0, 0x41, 0, 0x36, 0x42, 1, 0, 0x0b],
  );
  assert.throws(() => instrument(bytes, 16), fails("invalid", "not valid"));
});
