/**
 * Values to bytes: writers at fixed offsets for replies.
 *
 * Integers are little-endian, as on every machine that Deno runs on. Those of 64 bits are JS numbers below
 * 2^53; only `unique` is a bigint.
 *
 * @module
 */
import { ENTRY_SIZE, OUT_HEADER, STATFS_SIZE } from "./constants.ts";
import type { Attributes, Entry, Status, VolumeStatus } from "./filesystem.ts";

const WORD = 2 ** 32;
/** Seconds that stand for "for ever": 34,000 years, which the kernel turns into jiffies without overflow. */
const FOREVER = 2 ** 40;
const ENCODER = new TextEncoder();

/** A reply under construction in a buffer that is used again for the next. */
export class Reply {
  /** All of the buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes as numbers. */
  readonly view: DataView;
  /** Bytes of the body, which begins at {@linkcode OUT_HEADER}. */
  size = 0;

  /** A buffer for bodies of at most `capacity` bytes. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(OUT_HEADER + capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** The frame that carries the body, or only `errno` where that is not 0. Valid until the buffer is used again. */
  frame(unique: bigint, errno: number): Uint8Array<ArrayBuffer> {
    const length = errno === 0 ? OUT_HEADER + this.size : OUT_HEADER;
    this.view.setUint32(0, length, true);
    this.view.setInt32(4, -errno, true);
    this.view.setBigUint64(8, unique, true);
    return this.bytes.subarray(0, length);
  }
}

/** Writes an integer of 64 bits; a negative one as two's complement. */
export function putInteger(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / WORD) >>> 0, true);
}

/** Writes `struct fuse_attr`. */
function putAttributes(view: DataView, at: number, attributes: Attributes): void {
  const { ino, size, mtime } = attributes;
  const milliseconds = Number.isFinite(mtime) ? mtime : 0;
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1e6) % 1e9;
  putInteger(view, at, ino);
  putInteger(view, at + 8, size);
  putInteger(view, at + 16, Math.ceil(size / 512));
  for (let time = 0; time < 3; time++) {
    putInteger(view, at + 24 + time * 8, seconds);
    view.setUint32(at + 48 + time * 4, nanoseconds, true);
  }
  view.setUint32(at + 60, attributes.mode, true);
  view.setUint32(at + 64, attributes.nlink, true);
  view.setUint32(at + 68, attributes.uid, true);
  view.setUint32(at + 72, attributes.gid, true);
  view.setUint32(at + 76, 0, true); // rdev
  view.setUint32(at + 80, 4096, true); // blksize
  view.setUint32(at + 84, 0, true); // flags
}

/** Whole seconds and nanoseconds of a timeout; never negative. */
function putTimeout(view: DataView, secondsAt: number, nanosecondsAt: number, timeout: number): void {
  const bounded = timeout > 0 ? Math.min(timeout, FOREVER) : 0;
  const seconds = Math.floor(bounded);
  putInteger(view, secondsAt, seconds);
  view.setUint32(nanosecondsAt, Math.floor((bounded - seconds) * 1e9), true);
}

/** Writes `struct fuse_entry_out`. The generation is 0: a nodeid is never given to another node. */
export function putEntry(view: DataView, at: number, entry: Entry): void {
  putInteger(view, at, entry.nodeid);
  putInteger(view, at + 8, 0);
  putTimeout(view, at + 16, at + 32, entry.entryTimeout);
  if (entry.nodeid === 0) return putBlank(view, at + 24, 8, at + 36, at + ENTRY_SIZE);
  putTimeout(view, at + 24, at + 36, entry.attributeTimeout);
  putAttributes(view, at + 40, entry.attributes);
}

/** Zeros `size` bytes at `at` and all from `rest` to `end`. */
function putBlank(view: DataView, at: number, size: number, rest: number, end: number): void {
  for (let offset = at; offset < at + size; offset += 4) view.setUint32(offset, 0, true);
  for (let offset = rest; offset < end; offset += 4) view.setUint32(offset, 0, true);
}

/** Zeros `size` bytes, a multiple of 4. */
export function putZeros(view: DataView, at: number, size: number): void {
  putBlank(view, at, size, at, at);
}

/** Writes `struct fuse_attr_out`. */
export function putStatus(view: DataView, at: number, status: Status): void {
  putTimeout(view, at, at + 8, status.attributeTimeout);
  view.setUint32(at + 12, 0, true);
  putAttributes(view, at + 16, status.attributes);
}

/** Writes `struct fuse_kstatfs`. Nothing is free: the tree takes no new data. */
export function putVolume(view: DataView, at: number, volume: VolumeStatus): void {
  putZeros(view, at, STATFS_SIZE);
  putInteger(view, at, volume.blocks);
  putInteger(view, at + 24, volume.files);
  view.setUint32(at + 40, volume.blockSize, true);
  view.setUint32(at + 44, volume.nameMax, true);
  view.setUint32(at + 48, volume.blockSize, true);
}

/** The bytes of `name` where they are not as many as its UTF-16 units; `undefined` for plain ASCII. */
export function wideName(name: string): Uint8Array | undefined {
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) >= 0x80) return ENCODER.encode(name);
  }
  return undefined;
}

/** Writes `text` as UTF-8, at most `most` bytes of it; answers how many. */
export function putText(bytes: Uint8Array, at: number, text: string, most: number): number {
  return ENCODER.encodeInto(text, bytes.subarray(at, at + most)).written;
}

/** Writes a name that {@linkcode wideName} was asked about. */
export function putName(bytes: Uint8Array, at: number, name: string, wide: Uint8Array | undefined): void {
  if (wide !== undefined) return bytes.set(wide, at);
  for (let index = 0; index < name.length; index++) bytes[at + index] = name.charCodeAt(index);
}
