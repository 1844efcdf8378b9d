/**
 * Labels in other scripts: punycode both ways (RFC 3492). There is no `URL` in a guest that would do it.
 *
 * @module
 */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;

/** `label` without its `xn--`, from code points. */
export function encodePunycode(label: string): string {
  const points = [...label].map((character) => character.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < INITIAL_N);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? "-" : "");
  let [n, delta, bias, handled] = [INITIAL_N, 0, INITIAL_BIAS, basic.length];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      output += variableLength(delta, bias);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

/** The label behind `encoded`, which has no `xn--`; undefined where it is none. */
export function decodePunycode(encoded: string): string | undefined {
  const cut = encoded.lastIndexOf("-");
  const output = [...encoded.slice(0, Math.max(cut, 0))].map((character) => character.charCodeAt(0));
  let [n, i, bias, at] = [INITIAL_N, 0, INITIAL_BIAS, cut < 0 ? 0 : cut + 1];
  while (at < encoded.length) {
    const before = i;
    for (let weight = 1, k = BASE;; k += BASE) {
      const digit = digitOf(encoded.charAt(at++));
      if (digit === undefined) return undefined;
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
      if (weight > 2 ** 31 || i > 2 ** 31) return undefined;
    }
    bias = adapted(i - before, output.length + 1, before === 0);
    n += Math.floor(i / (output.length + 1));
    i %= output.length + 1;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

function variableLength(delta: number, bias: number): string {
  let output = "";
  let q = delta;
  for (let k = BASE;; k += BASE) {
    const t = threshold(k, bias);
    if (q < t) break;
    output += digitText(t + (q - t) % (BASE - t));
    q = Math.floor((q - t) / (BASE - t));
  }
  return output + digitText(q);
}

function threshold(k: number, bias: number): number {
  return Math.max(T_MIN, Math.min(T_MAX, k - bias));
}

function adapted(delta: number, points: number, first: boolean): number {
  let left = first ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  left += Math.floor(left / points);
  let k = 0;
  for (; left > (BASE - T_MIN) * T_MAX / 2; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor((BASE - T_MIN + 1) * left / (left + SKEW));
}

/** 0 to 25 are letters, 26 to 35 digits. */
function digitText(digit: number): string {
  return String.fromCharCode(digit < 26 ? 97 + digit : 22 + digit);
}

function digitOf(character: string): number | undefined {
  if (/^[a-z]$/i.test(character)) return character.toLowerCase().charCodeAt(0) - 97;
  return /^\d$/.test(character) ? Number(character) + 26 : undefined;
}
