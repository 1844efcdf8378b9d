/**
 * Frames as the kernel makes them, and what a reply says.
 *
 * @module
 */

/** Bytes of annotated hex: whatever follows a `#` on a line is for people. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/#.*$/gm, "").replace(/\s+/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Who asks for which node. */
export interface Head {
  readonly unique?: bigint;
  readonly nodeid?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
}

/** `struct fuse_in_header` and a body. */
export function request(
  code: number,
  head: Head,
  body: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(40 + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length, true);
  view.setUint32(4, code, true);
  view.setBigUint64(8, head.unique ?? 1n, true);
  view.setBigUint64(16, BigInt(head.nodeid ?? 1), true);
  view.setUint32(24, head.uid ?? 0, true);
  view.setUint32(28, head.gid ?? 0, true);
  view.setUint32(32, head.pid ?? 0, true);
  frame.set(body, 40);
  return frame;
}

/** Integers in their widths: `body([4, 7], [8, 1n])`, and names with their NUL. */
export function body(
  ...fields: (readonly [size: 4 | 8, value: number | bigint] | string)[]
): Uint8Array<ArrayBuffer> {
  const parts = fields.map((field) => {
    if (typeof field === "string") return new TextEncoder().encode(`${field}\0`);
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt.asUintN(64, BigInt(field[1])), true);
    return new Uint8Array(view.buffer, 0, field[0]);
  });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** `struct fuse_read_in`, for READ, READDIR and READDIRPLUS. */
export function readBody(offset: number, size: number): Uint8Array<ArrayBuffer> {
  return body([8, 0], [8, offset], [4, size], [4, 0], [8, 0], [4, 0], [4, 0]);
}

/** What a reply says. */
export interface Answered {
  readonly unique: bigint;
  readonly errno: number;
  readonly body: Uint8Array;
  readonly view: DataView;
}

/** Reads `struct fuse_out_header`; throws where its length is not the frame's. */
export function answered(reply: Uint8Array | undefined): Answered {
  if (reply === undefined) throw new Error("there was no reply");
  const copy = reply.slice();
  const head = new DataView(copy.buffer);
  if (head.getUint32(0, true) !== copy.length) throw new Error("the length in the header is wrong");
  const bytes = copy.subarray(16);
  const view = new DataView(copy.buffer, 16);
  return { unique: head.getBigUint64(8, true), errno: 0 - head.getInt32(4, true), body: bytes, view };
}

/** A line of READDIR or READDIRPLUS. */
export interface Line {
  readonly nodeid: number;
  readonly ino: number;
  readonly cookie: number;
  readonly type: number;
  readonly name: string;
}

/** The lines of a READDIR or READDIRPLUS reply, parsed as `fs/fuse/readdir.c` does. */
export function parseLines({ body, view }: Answered, plus: boolean): Line[] {
  const lines: Line[] = [];
  const head = plus ? 128 : 0;
  let at = 0;
  while (at + head + 24 <= body.length) {
    const size = view.getUint32(at + head + 16, true);
    if (size === 0 || at + head + 24 + size > body.length) throw new Error("a broken line");
    lines.push({
      nodeid: plus ? Number(view.getBigUint64(at, true)) : 0,
      ino: Number(view.getBigUint64(at + head, true)),
      cookie: Number(view.getBigUint64(at + head + 8, true)),
      type: view.getUint32(at + head + 20, true),
      name: new TextDecoder().decode(body.subarray(at + head + 24, at + head + 24 + size)),
    });
    at += (head + 24 + size + 7) & ~7;
  }
  if (at !== body.length) throw new Error("bytes are left behind the last line");
  return lines;
}

/** Numbers below `bound` that a seed decides (mulberry32). */
export function random(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** A seed for this run: `OMNIFS_TEST_SEED` repeats one. It is printed, so that a failure can be repeated. */
export function seedOfRun(what: string): number {
  const seed = Number(Deno.env.get("OMNIFS_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${what}: OMNIFS_TEST_SEED=${seed}`);
  return seed;
}
