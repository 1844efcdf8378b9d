/**
 * How long each WebAssembly instruction is: what follows its opcode. From the core specification, appendix "Index of
 * Instructions" (release 3.0); what is not here is refused, which keeps out the instructions of garbage collection:
 * they allocate outside every memory.
 *
 * @module
 */
import type { WasmReader } from "./wasm_reader.ts";

/** Reads over the immediates of one instruction. */
type Skip = (reader: WasmReader) => void;

const nothing: Skip = () => {};
const one: Skip = (reader) => reader.skipLeb();
const two: Skip = (reader) => {
  reader.skipLeb();
  reader.skipLeb();
};
const bytes = (count: number): Skip => (reader) => reader.skip(count);

/** Alignment, the index of the memory where bit 6 says that there is one, offset. */
const memory: Skip = (reader) => {
  if (reader.u32() & 0x40) reader.skipLeb();
  reader.skipLeb();
};

const types: Skip = (reader) => reader.each(() => reader.valueType());

/** A vector of labels and the default one. */
const branchTable: Skip = (reader) => {
  reader.each(() => reader.skipLeb());
  reader.skipLeb();
};

/** `try_table`: a block type, then catch clauses, of which the first two kinds name a tag. */
const tryTable: Skip = (reader) => {
  reader.skipLeb();
  reader.each(() => {
    if (reader.byte() < 2) reader.skipLeb();
    reader.skipLeb();
  });
};

/** Instructions by their one-byte opcode, as `[first, last, what follows]`. */
const PLAIN: readonly (readonly [number, number, Skip])[] = [
  [0x00, 0x01, nothing], // unreachable, nop
  [0x02, 0x04, one], // block, loop, if: a block type
  [0x05, 0x05, nothing], // else
  [0x06, 0x09, one], // try, catch, throw, rethrow
  [0x0a, 0x0b, nothing], // throw_ref, end
  [0x0c, 0x0d, one], // br, br_if
  [0x0e, 0x0e, branchTable],
  [0x0f, 0x0f, nothing], // return
  [0x10, 0x10, one], // call
  [0x11, 0x11, two], // call_indirect
  [0x12, 0x12, one], // return_call
  [0x13, 0x13, two], // return_call_indirect
  [0x14, 0x15, one], // call_ref, return_call_ref
  [0x18, 0x18, one], // delegate
  [0x19, 0x1b, nothing], // catch_all, drop, select
  [0x1c, 0x1c, types], // select with types
  [0x1f, 0x1f, tryTable],
  [0x20, 0x26, one], // locals, globals, table.get, table.set
  [0x28, 0x3e, memory], // loads and stores
  [0x3f, 0x42, one], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, bytes(4)], // f32.const
  [0x44, 0x44, bytes(8)], // f64.const
  [0x45, 0xc4, nothing], // numbers
  [0xd0, 0xd0, one], // ref.null
  [0xd1, 0xd1, nothing], // ref.is_null
  [0xd2, 0xd2, one], // ref.func
  [0xd4, 0xd4, nothing], // ref.as_non_null
  [0xd5, 0xd6, one], // br_on_null, br_on_non_null
];

/** Behind 0xfc: conversions, bulk memory, tables, wide arithmetic. */
const BULK: typeof PLAIN = [
  [0, 7, nothing],
  [8, 8, two], // memory.init
  [9, 9, one], // data.drop
  [10, 10, two], // memory.copy
  [11, 11, one], // memory.fill
  [12, 12, two], // table.init
  [13, 13, one], // elem.drop
  [14, 14, two], // table.copy
  [15, 17, one], // table.grow, size, fill
  [19, 22, nothing],
];

/** Behind 0xfd: vectors. */
const VECTOR: typeof PLAIN = [
  [0, 11, memory],
  [12, 13, bytes(16)], // v128.const, shuffle
  [14, 20, nothing],
  [21, 34, bytes(1)], // lanes
  [35, 83, nothing],
  [84, 91, (reader) => {
    memory(reader);
    reader.skip(1);
  }],
  [92, 93, memory],
  [94, 0x113, nothing],
];

/** Behind 0xfe: atomics. */
const ATOMIC: typeof PLAIN = [
  [0, 2, memory],
  [3, 3, bytes(1)], // fence
  [0x10, 0x4e, memory],
];

const TABLE = indexed(PLAIN);
const PREFIXED: ReadonlyMap<number, readonly (Skip | undefined)[]> = new Map([
  [0xfc, indexed(BULK)],
  [0xfd, indexed(VECTOR)],
  [0xfe, indexed(ATOMIC)],
]);

/** The opcode of `loop`. */
export const LOOP = 0x03;

/** True for `call`, `call_indirect`, `call_ref` and their tail calls. */
export function isCall(opcode: number): boolean {
  return opcode >= 0x10 && opcode <= 0x15;
}

/**
 * Reads one instruction and gives its opcode.
 *
 * @throws {Error} for an instruction that the sandbox does not know
 */
export function readInstruction(reader: WasmReader): number {
  const opcode = reader.byte();
  const prefixed = PREFIXED.get(opcode);
  const index = prefixed === undefined ? opcode : reader.u32();
  const skip = (prefixed ?? TABLE)[index];
  if (skip === undefined) {
    const name = prefixed === undefined ? "" : `${opcode.toString(16)} `;
    throw new Error(
      `it uses the instruction ${name}0x${index.toString(16)}, which the sandbox does not admit`,
    );
  }
  skip(reader);
  return opcode;
}

function indexed(ranges: typeof PLAIN): readonly (Skip | undefined)[] {
  const table: (Skip | undefined)[] = [];
  for (const [first, last, skip] of ranges) {
    for (let opcode = first; opcode <= last; opcode++) table[opcode] = skip;
  }
  return table;
}
