/**
 * The handshake: which version and which flags the kernel and this binding agree on.
 *
 * @module
 */
import {
  INIT,
  MAX_PAGES,
  MAX_TRANSFER,
  OLDEST_MINOR,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  WANTED_FLAGS,
} from "./constants.ts";
import type { Cursor } from "./cursor.ts";
import { ERRNO } from "./errno.ts";
import type { Errno } from "./filesystem.ts";
import { putZeros } from "./wire.ts";

/** What was agreed on. */
export interface InitAnswer {
  /** The lower of both minor versions. */
  readonly minor: number;
  /** The flags of {@linkcode INIT} that both sides know. */
  readonly flags: number;
  /** Bytes that the kernel may read ahead. */
  readonly readAhead: number;
  /** True where ENOSYS to OPEN ends all opens. */
  readonly openless: boolean;
  /** True where ENOSYS to OPENDIR ends all opens of directories. */
  readonly opendirless: boolean;
  /** False where the kernel was only told our major version, and will ask again with that. */
  readonly settled: boolean;
}

/** The answer to `struct fuse_init_in`; EPROTO for a kernel that is too old. */
export function negotiate(body: Cursor): InitAnswer | Errno {
  const major = body.u32();
  const minor = body.u32();
  const readAhead = Math.min(body.u32(), MAX_TRANSFER);
  const flags = (body.u32() & WANTED_FLAGS) >>> 0;
  if (major < PROTOCOL_MAJOR) return ERRNO.EPROTO;
  if (major > PROTOCOL_MAJOR) return agreement(PROTOCOL_MINOR, 0, 0, false);
  if (minor < OLDEST_MINOR) return ERRNO.EPROTO;
  return agreement(Math.min(minor, PROTOCOL_MINOR), flags, readAhead, true);
}

function agreement(minor: number, flags: number, readAhead: number, settled: boolean): InitAnswer {
  return {
    minor,
    flags,
    readAhead,
    openless: (flags & INIT.NO_OPEN_SUPPORT) !== 0,
    opendirless: (flags & INIT.NO_OPENDIR_SUPPORT) !== 0,
    settled,
  };
}

/** Background requests (read-ahead) that the kernel may have under way; its own default is 12. */
const MAX_BACKGROUND = 64;
/** From how many on it counts the device as congested. */
const CONGESTION_THRESHOLD = 48;

/** Writes `struct fuse_init_out`. */
export function putInit(view: DataView, at: number, answer: InitAnswer): void {
  view.setUint32(at, PROTOCOL_MAJOR, true);
  view.setUint32(at + 4, answer.minor, true);
  view.setUint32(at + 8, answer.readAhead, true);
  view.setUint32(at + 12, answer.flags, true);
  view.setUint16(at + 16, MAX_BACKGROUND, true);
  view.setUint16(at + 18, CONGESTION_THRESHOLD, true);
  view.setUint32(at + 20, MAX_TRANSFER, true); // max_write
  view.setUint32(at + 24, 1, true); // time_gran: nanoseconds
  view.setUint16(at + 28, MAX_PAGES, true);
  putZeros(view, at + 32, 32);
  view.setUint16(at + 30, 0, true); // map_alignment
}
