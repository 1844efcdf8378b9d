/**
 * The two shapes in which a long answer travels, so that a failure after its start still says what it was:
 * JSON lines that end in a {@linkcode StreamEnd}, and frames of bytes (a little-endian `u32` length, then so many
 * bytes) that end in a frame of length 0 and a {@linkcode StreamEnd}.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { errorDocument, errorFrom, type StreamEnd } from "./protocol.ts";

/** Content type of JSON lines. */
export const JSON_LINES = "application/jsonl";

/** Content type of frames of bytes. */
export const FRAMES = "application/vnd.omnifs.frames";

/** Longest line or frame that a client takes, so that a wrong length cannot fill its memory. */
export const PIECE_MAX = 64 * 1024 * 1024;

/** Bytes of the longest frame that a server sends. */
const FRAME_BYTES = 1024 * 1024;

const encoder = new TextEncoder();

/** `values` as JSON lines; a failure of theirs becomes the last line. */
export async function* toLines(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let end: StreamEnd = { end: true };
  try {
    for await (const value of values) yield line(value);
  } catch (error) {
    end = { error: errorDocument(error) };
  }
  yield line(end);
}

/** `chunks` as frames; a failure of theirs becomes the end. */
export async function* toFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let end: StreamEnd = { end: true };
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += FRAME_BYTES) {
        const piece = chunk.subarray(at, at + FRAME_BYTES);
        yield lengthOf(piece.length);
        yield piece;
      }
    }
  } catch (error) {
    end = { error: errorDocument(error) };
  }
  yield lengthOf(0);
  yield line(end);
}

/** The values of JSON lines. @throws {OmnifsError} the failure that ended them */
export async function* fromLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const text of splitLines(bytes)) {
    const value: unknown = JSON.parse(text);
    if (isEnd(value)) return;
    yield value;
  }
  throw cutOff();
}

/** The bytes of frames. @throws {OmnifsError} the failure that ended them */
export async function* fromFrames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new Puller(bytes);
  for (;;) {
    const head = await reader.exactly(4);
    const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
    if (length === 0) break;
    if (length > PIECE_MAX) throw new OmnifsError("internal", "the daemon sent a frame that is too long");
    for (let left = length; left > 0;) {
      const piece = await reader.some(left);
      left -= piece.length;
      yield piece;
    }
  }
  for await (const value of fromLines(reader.rest())) {
    throw new OmnifsError("internal", `the daemon sent more after the end: ${JSON.stringify(value)}`);
  }
}

/** `chunks` as the body of an answer; `stop` is called where the reader goes away. */
export function toBody(
  chunks: AsyncGenerator<Uint8Array>,
  stop: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      stop();
      await chunks.return(undefined);
    },
  }, { highWaterMark: 0 });
}

/** True for a good end; throws a bad one; false for anything else. */
function isEnd(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("error" in value) throw errorFrom(value.error);
  return "end" in value;
}

function cutOff(): OmnifsError {
  return new OmnifsError("unavailable", "the answer was cut off: the daemon went away", {
    mend: "omnifs status",
  });
}

function line(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value) + "\n");
}

function lengthOf(length: number): Uint8Array {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, length, true);
  return head;
}

async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > PIECE_MAX) throw new OmnifsError("internal", "the daemon sent a line that is too long");
    yield* lines;
  }
}

/** Takes bytes out of a stream in the sizes that are asked for. */
class Puller {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** From one byte to `most`. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#held.length === 0) {
      const { value, done } = await this.#source.next();
      if (done) throw cutOff();
      this.#held = value;
    }
    const piece = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }

  async exactly(count: number): Promise<Uint8Array> {
    const whole = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const piece = await this.some(count - at);
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#held.length > 0) yield this.#held;
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) yield next.value;
  }
}
