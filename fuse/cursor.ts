/**
 * Bytes to values: a cursor over a request.
 *
 * @module
 */

const WORD = 2 ** 32;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a request from front to back.
 *
 * Whatever lies beyond the end reads as 0 and makes {@linkcode Cursor.bad} true for good, so that a
 * decoder reads all of its fields and checks once.
 */
export class Cursor {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;
  #bad = false;

  /** Begins with the first byte of `frame`. */
  start(frame: Uint8Array): void {
    if (frame.buffer !== this.#view.buffer || frame.byteOffset !== this.#view.byteOffset) {
      this.#view = new DataView(frame.buffer, frame.byteOffset);
    }
    this.#bytes = frame;
    this.#at = 0;
    this.#end = frame.length;
    this.#bad = false;
  }

  /** True once a read went beyond the end, or a number was not below 2^53, or a name had no end. */
  get bad(): boolean {
    return this.#bad;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    this.#take(count);
  }

  /** The next 16 bits. */
  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  /** The next 32 bits. */
  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  /** The next 64 bits as a number below 2^53. */
  u64(): number {
    const at = this.#take(8);
    if (at < 0) return 0;
    const value = this.#view.getUint32(at + 4, true) * WORD + this.#view.getUint32(at, true);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.#bad = true;
    return 0;
  }

  /** The next 64 bits as they are. */
  big(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigUint64(at, true);
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return at < 0 ? new Uint8Array(0) : this.#bytes.slice(at, at + count);
  }

  /** The next name, up to its NUL; `undefined` where it is not UTF-8. An empty one is bad. */
  name(): string | undefined {
    const from = this.#at;
    let text = "";
    for (let at = from; at < this.#end; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte === 0) return this.#named(text, at);
      if (byte >= 0x80) return this.#longName(from);
      text += String.fromCharCode(byte);
    }
    this.#bad = true;
    return undefined;
  }

  #named(text: string, end: number): string {
    this.#at = end + 1;
    if (text === "") this.#bad = true;
    return text;
  }

  #longName(from: number): string | undefined {
    const end = this.#bytes.indexOf(0, from);
    if (end < 0) {
      this.#bad = true;
      return undefined;
    }
    this.#at = end + 1;
    try {
      return DECODER.decode(this.#bytes.subarray(from, end));
    } catch {
      return undefined;
    }
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) {
      this.#bad = true;
      this.#at = this.#end;
      return -1;
    }
    this.#at = at + count;
    return at;
  }
}
