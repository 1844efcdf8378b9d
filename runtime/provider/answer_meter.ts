/**
 * Counts what the glue lifts out of a guest's memory, and stops it at a limit.
 *
 * A guest of 256 MiB can hand over far more than that: two million entries of a list may all point at the same name
 * of a hundred megabytes, and each is decoded by itself. The glue is JavaScript, which no brake stops and whose
 * heap, once full, takes the whole process along. So the glue decodes text, copies bytes and goes through lists by
 * this meter alone; {@linkcode metered} rewrites it that way.
 *
 * @module
 */

/** What a text costs beside its bytes, and what one turn of a list does: the objects around them, rounded up. */
const TEXT_BYTES = 64;
const TURN_BYTES = 256;

/** Most handles of one type of resource. */
const HANDLES = 65_536;

/** Stands where the glue makes its `TextDecoder`: one for each instance, since the glue runs once for each. */
export class AnswerMeter {
  readonly #decoder = new TextDecoder();
  readonly #limit: number;
  #left: number;

  /** A meter that admits `limit` bytes until it is set back. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /** A new call begins. */
  reset(): void {
    this.#left = this.#limit;
  }

  /** Text of the guest. */
  decode(bytes: Uint8Array): string {
    this.#spend(bytes.length + TEXT_BYTES);
    return this.#decoder.decode(bytes);
  }

  /** Bytes of the guest, copied. */
  part(memory: ArrayBuffer, from: number, to: number): ArrayBuffer {
    this.#spend(Math.max(0, to - from));
    return memory.slice(from, to);
  }

  /** One item of a list. */
  turn(): void {
    this.#spend(TURN_BYTES);
  }

  /**
   * One more handle of a resource, in the table of its type (two cells each). Such a table outlives the call, and so
   * does the set of what was ever in it.
   */
  handle(table: readonly unknown[] & { readonly _createdReps?: ReadonlySet<unknown> }): void {
    const ever = table._createdReps?.size ?? 0;
    if (table.length > 2 * HANDLES || ever > HANDLES) {
      throw new RangeError(`it holds more than ${HANDLES} handles`);
    }
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new RangeError(`it told more than ${this.#limit} bytes in one call`);
  }
}

/** The name under which jco's glue keeps its decoder. */
const DECODER = "TEXT_DECODER_UTF8";

/** jco's `script` with every copy of bytes, turn of a list and new handle counted by its decoder. */
export function metered(script: string): string {
  return script
    .replace(/\b(\w+)\.buffer\.slice\(/g, `${DECODER}.part($1.buffer, `)
    .replace(/^(\s*function rscTableCreate\w+\((\w+)[^()]*\) \{)$/gm, `$1 ${DECODER}.handle($2);`)
    .replace(/^(\s*for \(let (\w+) = 0; \2 < len\d+; \2\+\+\) \{)$/gm, `$1 ${DECODER}.turn();`);
}
