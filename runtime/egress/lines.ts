/**
 * The lines of an answer that does not end: one at a time, each of a bounded length, and none that was cut off.
 *
 * @module
 */
import type { Readable } from "node:stream";
import type { Cancel, Clock } from "../base/clock.ts";
import { BodyTooLarge } from "./body.ts";

/** What reading lines may take. */
export interface LineLimits {
  /** The time. */
  readonly clock: Clock;
  /** Bytes of one line. */
  readonly lineBytes: number;
  /** Milliseconds of silence after which it is over. */
  readonly idleMilliseconds: number;
}

const LF = 10;
const CR = 13;

/**
 * Calls `line` for each whole line of `body`, without its end (LF, or CR LF), each after the one before was dealt with:
 * an upstream that is faster has to wait. What follows the last line end is no line.
 *
 * @returns `closed` where the upstream ended it, `idle` where it was silent for too long
 * @throws BodyTooLarge for a line that is longer than it may be; whatever the connection broke with
 */
export async function readLines(
  body: Readable,
  { clock, lineBytes, idleMilliseconds }: LineLimits,
  line: (line: Uint8Array) => Promise<void>,
): Promise<{ readonly tag: "closed" | "idle" }> {
  const splitter = new Splitter(lineBytes);
  let idle = false;
  const silent = (): Cancel =>
    clock.after(idleMilliseconds, () => {
      idle = true;
      body.destroy();
    });
  let stop = silent();
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      stop();
      for (const each of splitter.add(chunk)) await line(each);
      stop = silent();
    }
    return { tag: idle ? "idle" : "closed" };
  } catch (error) {
    if (idle) return { tag: "idle" };
    throw error;
  } finally {
    stop();
    body.destroy();
  }
}

/** Cuts chunks into lines. */
class Splitter {
  readonly #limit: number;
  #begun: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that end in `chunk`. */
  *add(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#take(chunk.subarray(from, at));
      from = at + 1;
      yield this.#line();
    }
    this.#take(chunk.slice(from));
  }

  #take(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#limit) throw new BodyTooLarge();
    if (part.length > 0) this.#begun.push(part);
  }

  /** One array of its own, since it may be handed over to another thread whole. */
  #line(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#begun) {
      whole.set(part, at);
      at += part.length;
    }
    this.#begun = [];
    this.#length = 0;
    return whole.at(-1) === CR ? whole.slice(0, -1) : whole;
  }
}
