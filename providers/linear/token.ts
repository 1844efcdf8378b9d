/**
 * The id of what a step makes, from the step's idempotency token: Linear takes ids that its clients choose, so that the
 * same step can never make two things, and whoever asks for the id learns whether the step took place.
 *
 * @module
 */
import { encode } from "../sdk/utf8.ts";

/** Offset basis and prime of FNV-1a with 128 bits (https://datatracker.ietf.org/doc/html/rfc9923, section 5). */
const BASIS = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;
const MASK = (1n << 128n) - 1n;

/**
 * A UUID for `token`: always the same one. It has the form of version 4, which Linear asks for; its 122 bits are those of
 * a hash, and the token itself is what makes it unique.
 */
export function uuidOf(token: string): string {
  let hash = BASIS;
  for (const byte of encode(token)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  const hex = hash.toString(16).padStart(32, "0");
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) % 4];
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20)].join("-");
}
