/**
 * Reads the import and export sections of a component, and nothing else: what it asks for is known, and refused,
 * before a byte of it is compiled. The format is `design/mvp/Binary.md` of the component model.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { IMPORTABLE, interfaceName, REQUIRED_EXPORTS } from "./contract.ts";

/** `\0asm`, version 13, layer 1: a component (a core module has layer 0). */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;

/** The names in a component's outermost sections. */
export interface Sections {
  /** Names of its imports, in order. */
  readonly imports: readonly string[];
  /** Names of its exports, in order. */
  readonly exports: readonly string[];
}

/**
 * The imports and exports of a component.
 *
 * @throws {OmnifsError} `invalid` where `bytes` are no component, or break off
 */
export function readSections(bytes: Uint8Array): Sections {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw malformed("it is not a WebAssembly component");
  const reader = new Reader(bytes, MAGIC.length);
  const imports: string[] = [];
  const exports: string[] = [];
  while (!reader.done) {
    const section = reader.byte();
    const end = reader.length() + reader.at;
    if (section === IMPORT_SECTION) reader.each(() => imports.push(readImport(reader)));
    else if (section === EXPORT_SECTION) reader.each(() => exports.push(readExport(reader)));
    reader.at = end;
  }
  return { imports, exports };
}

/**
 * Refuses a component that imports anything outside the contract, or that lacks an interface of every provider.
 *
 * @throws {OmnifsError} `denied` with the names of what may not be imported; `invalid` with what is missing
 */
export function checkSections(sections: Sections, name: string): void {
  const allowed = new Set<string>(IMPORTABLE.map(interfaceName));
  const refused = sections.imports.filter((wanted) => !allowed.has(wanted));
  if (refused.length > 0) {
    throw new OmnifsError("denied", `${name} imports ${refused.join(", ")}: no provider is given that`, {
      mend: `build it against the interfaces of omnifs:provider@1.0.0 alone`,
    });
  }
  const missing = REQUIRED_EXPORTS.map(interfaceName).filter((wanted) => !sections.exports.includes(wanted));
  if (missing.length > 0) {
    throw new OmnifsError("invalid", `${name} is no provider: it does not export ${missing.join(", ")}`);
  }
}

/** Walks over bytes; every step is checked against their end. */
class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw malformed("it breaks off");
    return byte;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed("it holds a number of more than 32 bits");
  }

  /** A length that must lie within the bytes. */
  length(): number {
    const length = this.u32();
    if (this.at + length > this.#bytes.length) throw malformed("it breaks off");
    return length;
  }

  /** `read` for each item of a vector. */
  each(read: () => void): void {
    for (let count = this.u32(); count > 0; count--) read();
  }

  name(): string {
    const length = this.length();
    const text = new TextDecoder().decode(this.#bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }
}

/** `importname' externdesc`: the name, after the byte that tells its kind. */
function readImport(reader: Reader): string {
  reader.byte();
  const name = reader.name();
  skipDescription(reader);
  return name;
}

/** `exportname' sortidx externdesc?` */
function readExport(reader: Reader): string {
  reader.byte();
  const name = reader.name();
  if (reader.byte() === 0x00) reader.byte(); // a core sort has two bytes
  reader.u32();
  if (reader.byte() === 0x01) skipDescription(reader);
  return name;
}

/** `externdesc`: core module, function, value, type, component or instance. */
function skipDescription(reader: Reader): void {
  const kind = reader.byte();
  if (kind > 0x05) throw malformed(`it describes an import of the unknown kind ${kind}`);
  if (kind === 0x00) reader.byte();
  const bound = kind === 0x02 || kind === 0x03;
  if (bound && reader.byte() === 0x01 && kind === 0x03) return; // a fresh resource has no index
  reader.u32();
}

function malformed(why: string): OmnifsError {
  return new OmnifsError("invalid", `not a provider: ${why}`, {
    mend: "a provider is a .wasm file as `deno task build:providers` writes it",
  });
}
