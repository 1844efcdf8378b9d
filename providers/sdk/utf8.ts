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
