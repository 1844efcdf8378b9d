/**
 * UTF-8 where a guest cannot do without it: there is no `TextEncoder` in QuickJS. Text crosses to the host as a
 * string, so these run for long text only.
 *
 * @module
 */

/** How many bytes `text` takes in UTF-8; a lone surrogate counts as U+FFFD, as it will be written. */
export function byteLength(text: string): number {
  // The engine's own regular expressions are several times faster than a loop of ours, and most text is ASCII.
  // deno-lint-ignore no-control-regex -- the range of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isPair(unit, text.charCodeAt(i + 1))) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}

/** `text` in UTF-8; a lone surrogate becomes U+FFFD. */
export function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(byteLength(text));
  let at = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    at = writePoint(bytes, at, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return bytes;
}

/** Bytes that are made text at once: an engine's stack holds so many arguments. */
const CHUNK = 8_192;

/** The text of `bytes` in UTF-8; what is no UTF-8 becomes U+FFFD, byte by byte. */
export function decode(bytes: Uint8Array): string {
  let units = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    units += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  if (!/[\x80-\xff]/.test(units)) return units;
  return units.replace(SEQUENCE, (sequence) => sequence.length > 1 ? decoded(sequence) : "\ufffd");
}

/** Well-formed sequences of two to four bytes (Unicode, table 3-7), and any other byte above ASCII. */
const SEQUENCE =
  /(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g;

/** A run of well-formed sequences: the engine's own codec of URIs decodes it much faster than a loop of ours. */
function decoded(units: string): string {
  let escaped = "";
  for (let i = 0; i < units.length; i++) escaped += `%${units.charCodeAt(i).toString(16)}`;
  return decodeURIComponent(escaped);
}

/** At most `limit` bytes from the start of `text`, cut between two characters. */
export function cut(text: string, limit: number): string {
  let bytes = 0;
  let kept = "";
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > limit) break;
    kept += character;
  }
  return kept;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

function writePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  bytes[at] = (0xff00 >> (tail + 1)) & 0xff | point >> (6 * tail);
  for (let i = 1; i <= tail; i++) bytes[at + i] = 0x80 | point >> (6 * (tail - i)) & 0x3f;
  return at + tail + 1;
}
