/**
 * Writes the sandbox's limits into a core module: a maximum on its memory and its tables, and a brake.
 *
 * The brake is one more memory, shared and exported as `__brake`. At the head of every loop, and at the entry of every
 * function that calls, the module now loads its first 32 bits, and traps where they are not zero; whoever holds the
 * memory can stop the guest from another thread. The load is atomic because a plain one may be lifted out of a loop.
 * Entries are checked because recursion and tail calls run for ever without any loop.
 *
 * The start function becomes the export `__start`: the host calls it when it holds the brake.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { isCall, LOOP, readInstruction } from "./opcodes.ts";
import { WasmReader } from "./wasm_reader.ts";

/** Section ids of the core specification, in the order in which a module has them. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11];
const [TYPES, IMPORTS, TABLES, MEMORIES, EXPORTS, START, CODE] = [1, 2, 4, 5, 7, 8, 10];

/** The form of a function type; any other is of garbage collection, whose objects lie outside every memory. */
const FUNCTION_TYPE = 0x60;

/** Most elements of a table, and most tables of a module: they lie outside every memory as well. */
const TABLE_ELEMENTS = 65_536;
const TABLES_OF_MODULE = 4;

/** What may stand in a name, which jco copies into its glue: nothing that ends a string or a line. */
// deno-lint-ignore no-control-regex -- control characters are what is refused
const NAME = /^[^'"`\\\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;

/** `\0asm`, version 1. */
const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** The name of the brake's export. */
export const BRAKE = "__brake";

/** The name of the start function's export. */
export const START_EXPORT = "__start";

/** Pages that the memory of `module` begins with; undefined where it has none of its own. */
export function memoryOf(module: Uint8Array): number | undefined {
  try {
    const section = sectionsOf(module).get(MEMORIES);
    if (section === undefined) return undefined;
    const reader = new WasmReader(section);
    reader.u32();
    reader.byte();
    return reader.u32();
  } catch {
    // Whatever is wrong with it, `instrument` says so.
    return 0;
  }
}

/**
 * `module` with its limits written in; custom sections are left out. Its memory gets `pages` of 64 KiB at most.
 *
 * @throws {OmnifsError} `invalid` where it is no valid module, needs more memory than `pages` of 64 KiB, or uses what
 *   the sandbox does not admit
 */
export function instrument(module: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> {
  // Before the brake is added: a module that names a memory it does not have must not be lent this one.
  if (!WebAssembly.validate(module)) {
    throw new OmnifsError("invalid", "a core module is not valid WebAssembly");
  }
  try {
    return assembled(withLimits(sectionsOf(module), pages));
  } catch (error) {
    throw new OmnifsError("invalid", `a core module cannot be put in the sandbox: ${messageOf(error)}`);
  }
}

type Sections = Map<number, Uint8Array>;

function sectionsOf(module: Uint8Array): Sections {
  const sections: Sections = new Map();
  const reader = new WasmReader(module, HEADER.length);
  while (!reader.done) {
    const id = reader.byte();
    const body = reader.block();
    if (id !== 0) sections.set(id, body);
  }
  return sections;
}

function withLimits(sections: Sections, pages: number): Sections {
  checkTypes(sections.get(TYPES));
  const tables = sections.get(TABLES);
  if (tables !== undefined) sections.set(TABLES, limitedTables(tables));
  const memories = limitedMemories(sections.get(MEMORIES), pages);
  const brake = importedMemories(sections.get(IMPORTS)) + memories.length;
  const code = sections.get(CODE);
  const exports: Uint8Array[] = [];
  if (code !== undefined) {
    memories.push(Uint8Array.of(0x03, 1, 1)); // shared, one page at least and at most
    sections.set(CODE, checkedCode(code, brake));
    exports.push(exported(BRAKE, 0x02, leb(brake)));
  }
  const start = sections.get(START);
  if (start !== undefined) exports.push(exported(START_EXPORT, 0x00, start));
  if (memories.length > 0) sections.set(MEMORIES, vector(memories));
  if (exports.length > 0) sections.set(EXPORTS, vector([...ownExports(sections.get(EXPORTS)), ...exports]));
  return sections;
}

/** Refuses every type that is not a function's. */
function checkTypes(section: Uint8Array | undefined): void {
  if (section === undefined) return;
  const reader = new WasmReader(section);
  reader.each(() => {
    if (reader.byte() !== FUNCTION_TYPE) throw new Error("it has a type that is not a function's");
    for (const _ of ["parameters", "results"]) reader.each(() => reader.valueType());
  });
}

/** Every table type with a maximum of at most {@linkcode TABLE_ELEMENTS}. */
function limitedTables(section: Uint8Array): Uint8Array {
  const tables: Uint8Array[] = [];
  const reader = new WasmReader(section);
  reader.each(() => {
    const start = reader.at;
    reader.valueType();
    const type = reader.since(start);
    const flags = reader.byte();
    if (type[0] === 0x40 || flags > 1) {
      throw new Error("it has a table of a kind that the sandbox does not admit");
    }
    const least = reader.u32();
    const most = Math.min(flags === 1 ? reader.u32() : TABLE_ELEMENTS, TABLE_ELEMENTS);
    if (least > most) {
      throw new Error(`it needs a table of ${least} elements, and ${TABLE_ELEMENTS} are admitted`);
    }
    tables.push(joined([type, Uint8Array.of(0x01), leb(least), leb(most)]));
  });
  if (tables.length > TABLES_OF_MODULE) throw new Error(`it has ${tables.length} tables`);
  return vector(tables);
}

/** The memory type with a maximum of at most `pages`. */
function limitedMemories(section: Uint8Array | undefined, pages: number): Uint8Array[] {
  const memories: Uint8Array[] = [];
  if (section === undefined) return memories;
  const reader = new WasmReader(section);
  reader.each(() => {
    const flags = reader.byte();
    // Bit 0: there is a maximum. Shared memories could block the thread (`memory.atomic.wait`), 64-bit ones are larger.
    if (flags > 1) throw new Error("it has a shared or 64-bit memory");
    const least = reader.u32();
    const most = Math.min(flags === 1 ? reader.u32() : pages, pages);
    if (least > most) throw new Error(`it needs ${least} pages of memory, and ${pages} are admitted`);
    memories.push(joined([Uint8Array.of(0x01), leb(least), leb(most)]));
  });
  if (memories.length > 1) throw new Error(`it has ${memories.length} memories`);
  return memories;
}

function importedMemories(section: Uint8Array | undefined): number {
  let memories = 0;
  if (section === undefined) return memories;
  const reader = new WasmReader(section);
  reader.each(() => {
    checkName(reader.name());
    checkName(reader.name());
    const kind = reader.byte();
    if (kind === 0x02) memories++;
    skipImport(reader, kind);
  });
  return memories;
}

/** The type of an import: function, table, memory, global or tag. */
function skipImport(reader: WasmReader, kind: number): void {
  if (kind === 0x01 || kind === 0x03) reader.valueType();
  if (kind === 0x00 || kind === 0x04) {
    if (kind === 0x04) reader.skip(1);
    return reader.skipLeb();
  }
  if (kind === 0x03) return reader.skip(1);
  const flags = reader.byte();
  if (flags > 1) throw new Error("it imports a shared or 64-bit memory or table");
  reader.skipLeb();
  if (flags === 1) reader.skipLeb();
}

/** The exports that the module has; the names that are about to be added must be free. */
function ownExports(section: Uint8Array | undefined): Uint8Array[] {
  const exports: Uint8Array[] = [];
  if (section === undefined) return exports;
  const reader = new WasmReader(section);
  reader.each(() => {
    const start = reader.at;
    const name = reader.name();
    checkName(name);
    if (name === BRAKE || name === START_EXPORT) throw new Error(`it exports ${name} itself`);
    reader.byte();
    reader.skipLeb();
    exports.push(reader.since(start));
  });
  return exports;
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new Error(`it uses the name ${JSON.stringify(name.slice(0, 80))}`);
}

function exported(name: string, kind: number, index: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(name);
  return joined([leb(text.length), text, Uint8Array.of(kind), index]);
}

/** Every function body with the check at its entry and behind the head of each of its loops. */
function checkedCode(section: Uint8Array, brake: number): Uint8Array {
  const check = checkOf(brake);
  const reader = new WasmReader(section);
  const bodies: Uint8Array[] = [];
  reader.each(() => {
    const body = checkedBody(reader.block(), check);
    bodies.push(joined([leb(body.length), body]));
  });
  return vector(bodies);
}

/** A body without calls needs no check at its entry: whatever recurses, calls. */
function checkedBody(body: Uint8Array, check: Uint8Array): Uint8Array {
  const reader = new WasmReader(body);
  reader.each(() => {
    reader.skipLeb();
    reader.valueType();
  });
  const locals = reader.since(0);
  const pieces: Uint8Array[] = [];
  let start = reader.at;
  let calls = false;
  while (!reader.done) {
    const opcode = readInstruction(reader);
    calls ||= isCall(opcode);
    if (opcode !== LOOP) continue;
    pieces.push(reader.since(start), check);
    start = reader.at;
  }
  pieces.push(reader.since(start));
  return joined(calls ? [locals, check, ...pieces] : [locals, ...pieces]);
}

/** `if (atomic load of the brake's first 32 bits) unreachable` */
function checkOf(brake: number): Uint8Array {
  const load = [0xfe, 0x10, 0x42, ...leb(brake), 0x00]; // i32.atomic.load, aligned to 4, in that memory, at 0
  return Uint8Array.of(0x41, 0x00, ...load, 0x04, 0x40, 0x00, 0x0b);
}

function assembled(sections: Sections): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [HEADER];
  for (const id of ORDER) {
    const body = sections.get(id);
    if (body !== undefined) pieces.push(Uint8Array.of(id), leb(body.length), body);
  }
  const module = joined(pieces);
  if (!WebAssembly.validate(module)) throw new Error("the limits do not fit into it");
  return module;
}

/** An unsigned LEB128. */
function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return Uint8Array.from(bytes);
}

function vector(items: readonly Uint8Array[]): Uint8Array {
  return joined([leb(items.length), ...items]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
