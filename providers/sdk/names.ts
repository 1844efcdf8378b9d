/**
 * Upstream names as path segments and back.
 *
 * Most names stay as they are. What a path cannot hold (`/`, NUL, the whole names `.` and `..`) is
 * percent-encoded, and so is a `%` that would otherwise read as an escape; decoding gives the same name back.
 * A name of more than 255 bytes cannot be decoded from any segment: it is cut and marked with a hash, and found
 * again by comparing ({@linkcode findName}).
 *
 * @module
 */
import { byteLength, cut, encode } from "./utf8.ts";

/** Longest name in bytes, `NAME_MAX` of `linux/limits.h`. */
const NAME_MAX = 255;

/** Stands before the hash of a name that was cut; alone, it is the empty name. */
const MARK = "%~";

/** Hexadecimal digits of the hash: 64 bits. */
const HASH_DIGITS = 16;

/** The path segment for an upstream name. Two names never share a segment, but for a collision of 64-bit hashes. */
export function encodeName(upstream: string): string {
  if (upstream === "") return MARK;
  if (upstream === "." || upstream === "..") return upstream.replaceAll(".", "%2E");
  const segment = /[/\0%]/.test(upstream) ? escaped(upstream) : upstream;
  if (segment.length * 3 <= NAME_MAX || byteLength(segment) <= NAME_MAX) return segment;
  return cut(segment, NAME_MAX - MARK.length - HASH_DIGITS) + MARK + hash(upstream);
}

/**
 * The upstream name behind a path segment; undefined for a segment that {@linkcode encodeName} never makes, and
 * for one that stands for a name of more than 255 bytes.
 */
export function decodeName(segment: string): string | undefined {
  if (segment === MARK) return "";
  const upstream = segment.replace(
    /%([0-9A-F]{2}|~)/g,
    (escape, code: string) => code === "~" ? escape : String.fromCharCode(parseInt(code, 16)),
  );
  return encodeName(upstream) === segment ? upstream : undefined;
}

/** The one of `upstreams` that `segment` stands for, however long it is. */
export function findName<Item>(
  segment: string,
  upstreams: Iterable<Item>,
  nameOf: (item: Item) => string,
): Item | undefined {
  for (const item of upstreams) if (encodeName(nameOf(item)) === segment) return item;
  return undefined;
}

function escaped(name: string): string {
  return name.replace(/[/\0]|%(?=[0-9A-F]{2}|~)/g, (c) => c === "/" ? "%2F" : c === "%" ? "%25" : "%00");
}

/** FNV-1a with 64 bits, in four limbs of 16 because numbers hold 53 bits. */
function hash(text: string): string {
  let [a, b, c, d] = [0xcbf2, 0x9ce4, 0x8422, 0x2325];
  for (const byte of encode(text)) {
    d ^= byte;
    // Times 2^40 + 0x1b3: each limb times 0x1b3, and the two lowest limbs shifted up by 40 bits.
    const d1 = d * 0x1b3;
    const c1 = c * 0x1b3 + (d1 >>> 16);
    const b1 = b * 0x1b3 + (d << 8) + (c1 >>> 16);
    const a1 = a * 0x1b3 + (c << 8) + Math.floor(b1 / 65_536);
    [a, b, c, d] = [a1 & 0xffff, b1 & 0xffff, c1 & 0xffff, d1 & 0xffff];
  }
  return [a, b, c, d].map((limb) => limb.toString(16).padStart(4, "0")).join("");
}
