/**
 * Walks over the bytes of WebAssembly, core or component; every step is checked against their end.
 *
 * @module
 */

/** A position in a module. Every method throws an `Error` where the bytes end too early. */
export class WasmReader {
  /** Where it is. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  /** A reader of `bytes` from `at` to `end`. */
  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  /** True where nothing is left. */
  get done(): boolean {
    return this.at >= this.#end;
  }

  /** One byte. */
  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined || this.at >= this.#end) throw new Error("it breaks off");
    this.at++;
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
    throw new Error("it holds a number of more than 32 bits");
  }

  /** Passes over an LEB128 of any width. */
  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    if (this.at + count > this.#end) throw new Error("it breaks off");
    this.at += count;
  }

  /** Calls `read` for each item of a vector, and gives their number. */
  each(read: () => void): number {
    const count = this.u32();
    for (let i = 0; i < count; i++) read();
    return count;
  }

  /** A length in bytes and as many bytes. */
  block(): Uint8Array {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Text behind its length. */
  name(): string {
    return new TextDecoder().decode(this.block());
  }

  /** Passes over a value type: one byte, and a heap type behind `ref` and `ref null`. */
  valueType(): void {
    const type = this.byte();
    if (type === 0x63 || type === 0x64) this.skipLeb();
  }

  /** The bytes from `start` to where it is. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.at);
  }
}
