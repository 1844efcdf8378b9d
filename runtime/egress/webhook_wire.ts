/**
 * One connection to the webhook receiver: a head, a body within its bounds, an answer, and the end.
 *
 * @module
 */
import { type Framing, type Head, parseHead, RequestRefused } from "./webhook_head.ts";

/** What is used of a connection. */
export type Connection = Pick<Deno.Conn, "read" | "write" | "closeWrite" | "close">;

/** Longest head in bytes: what Node and Deno take too. */
const HEAD_BYTES = 16 * 1024;

/** Longest line that begins a chunk, or trailer. */
const LINE_BYTES = 1024;

/** Bytes that are read at a time. */
const PIECE_BYTES = 64 * 1024;

const CR = 13;
const LF = 10;

/** Reads and answers one request. */
export class Wire {
  readonly #connection: Connection;
  #held: Uint8Array = new Uint8Array(0);
  #over = false;

  /** The request that is about to come over `connection`. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The head; undefined where the sender goes away without a word. @throws RequestRefused */
  async head(): Promise<Head | undefined> {
    for (let from = 0;;) {
      const end = endOfHead(this.#held, from);
      if ((end ?? this.#held.length) > HEAD_BYTES) throw new RequestRefused("head-too-large");
      if (end !== undefined) {
        const head = parseHead(this.#held.subarray(0, end));
        this.#held = this.#held.subarray(end + 4);
        return head;
      }
      from = Math.max(0, this.#held.length - 3);
      if (!await this.#more()) {
        if (this.#held.length === 0) return undefined;
        throw new RequestRefused("malformed");
      }
    }
  }

  /**
   * The body, whole; `took` is told of every piece.
   *
   * @throws RequestRefused `too-large` as soon as it is longer than `limit`
   */
  async body(framing: Framing, limit: number, took: (bytes: number) => void): Promise<Uint8Array> {
    const whole = new Growing();
    const source = framing === "chunked"
      ? this.#chunks(limit)
      : this.#exactly(framing === "none" ? 0 : framing.length);
    for await (const piece of source) {
      if (whole.length + piece.length > limit) throw new RequestRefused("too-large");
      took(piece.length);
      whole.add(piece);
    }
    return whole.bytes;
  }

  /** Lets the sender go on. */
  async proceed(): Promise<void> {
    await this.#send("HTTP/1.1 100 Continue\r\n\r\n");
  }

  /** Answers, and tells that nothing follows. */
  async answer(status: number, says: string, fields: readonly string[] = []): Promise<void> {
    const body = says === "" ? "" : `${says}\n`;
    const head = [
      // The phrase may be empty (RFC 9112, 4).
      `HTTP/1.1 ${status} `,
      "content-type: text/plain; charset=utf-8",
      `content-length: ${new TextEncoder().encode(body).length}`,
      "connection: close",
      ...fields,
    ];
    await this.#send(`${head.join("\r\n")}\r\n\r\n${body}`);
    await this.#connection.closeWrite();
  }

  /** Reads on and drops what comes until the sender hangs up: hanging up first would take the answer from it. */
  async drain(): Promise<void> {
    const scrap = new Uint8Array(PIECE_BYTES);
    while (!this.#over && await this.#connection.read(scrap) !== null);
  }

  async #send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  async *#exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      if (this.#held.length === 0 && !await this.#more()) throw new RequestRefused("malformed");
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** RFC 9112, 7.1; extensions and trailers are read and forgotten. */
  async *#chunks(limit: number): AsyncGenerator<Uint8Array> {
    for (;;) {
      const [, digits] = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;.*)?$/.exec(await this.#line()) ?? [];
      if (digits === undefined) throw new RequestRefused("malformed");
      const length = parseInt(digits, 16);
      if (length === 0) break;
      if (length > limit) throw new RequestRefused("too-large");
      yield* this.#exactly(length);
      if (await this.#line() !== "") throw new RequestRefused("malformed");
    }
    for (let trailers = 0; await this.#line() !== ""; trailers++) {
      if (trailers > 16) throw new RequestRefused("malformed");
    }
  }

  /** A line without its end. */
  async #line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(LF);
      if (end > LINE_BYTES || (end === -1 && this.#held.length > LINE_BYTES)) {
        throw new RequestRefused("malformed");
      }
      if (end !== -1) {
        if (this.#held[end - 1] !== CR) throw new RequestRefused("malformed");
        const text = new TextDecoder("latin1").decode(this.#held.subarray(0, end - 1));
        this.#held = this.#held.subarray(end + 1);
        return text;
      }
      if (!await this.#more()) throw new RequestRefused("malformed");
    }
  }

  /** False where nothing follows. */
  async #more(): Promise<boolean> {
    const piece = new Uint8Array(PIECE_BYTES);
    const length = await this.#connection.read(piece);
    this.#over = length === null;
    if (length === null) return false;
    const fresh = piece.subarray(0, length);
    this.#held = this.#held.length === 0 ? fresh : new Growing(this.#held).add(fresh).bytes;
    return true;
  }
}

/** Where the empty line begins that ends a head. */
function endOfHead(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return undefined;
}

/** Bytes in one piece, however small the pieces were in which they came: a list of those would cost more than they. */
class Growing {
  #room: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(first: Uint8Array = new Uint8Array(0)) {
    this.#room = new Uint8Array(first);
    this.#length = first.length;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#room.length === this.#length ? this.#room : this.#room.slice(0, this.#length);
  }

  add(piece: Uint8Array): this {
    const length = this.#length + piece.length;
    if (length > this.#room.length) {
      const before = this.#room;
      this.#room = new Uint8Array(Math.max(length, 2 * before.length));
      this.#room.set(before.subarray(0, this.#length));
    }
    this.#room.set(piece, this.#length);
    this.#length = length;
    return this;
  }
}
