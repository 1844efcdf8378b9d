/**
 * The inode number that users see: derived from identity alone, so that it is the same after a remount
 * without a database.
 *
 * @module
 */

/** The root's, as on most file systems. */
export const ROOT_INO = 1;

/** Gives each identity a number below 2^53, and no two live ones the same. */
export class InodeNumbers {
  readonly #owners = new Map<number, { readonly key: string; claims: number }>();
  /** Claimed numbers that are not their key's hash, for as long as they are claimed. */
  readonly #displaced = new Map<string, number>();
  readonly #hash: (key: string) => number;

  /** `hash` is another function only in tests, which cannot wait for a collision in 53 bits. */
  constructor(hash: (key: string) => number = hash53) {
    this.#hash = hash;
  }

  /** The number of `key`: its hash, or the next free one where another live identity has that. */
  of(key: string): number {
    const displaced = this.#displaced.size === 0 ? undefined : this.#displaced.get(key);
    return displaced ?? this.#probe(key);
  }

  /** Keeps the number of `key` from every other identity until it is released. */
  claim(key: string): number {
    const ino = this.of(key);
    const owner = this.#owners.get(ino);
    if (owner === undefined) this.#owners.set(ino, { key, claims: 1 });
    else owner.claims++;
    // It stays with its number when whoever has its hash goes away.
    if (ino !== this.#hash(key)) this.#displaced.set(key, ino);
    return ino;
  }

  /** Frees a number that was claimed, once it was released as often. */
  release(ino: number): void {
    const owner = this.#owners.get(ino);
    if (owner === undefined || --owner.claims > 0) return;
    this.#displaced.delete(owner.key);
    this.#owners.delete(ino);
  }

  #probe(key: string): number {
    let ino = this.#hash(key);
    for (;;) {
      const owner = this.#owners.get(ino)?.key;
      if (ino > ROOT_INO && (owner === undefined || owner === key)) return ino;
      ino = ino >= Number.MAX_SAFE_INTEGER ? ROOT_INO + 1 : ino + 1;
    }
  }
}

/**
 * A 64-bit hash of `text`, cut to 53 bits: two lanes of 32 bits, each mixed by multiplication with an odd
 * constant and finished as in MurmurHash3 (Appleby, `fmix32`), each lane shaken by the other.
 */
export function hash53(text: string): number {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x85ebca77);
    high = Math.imul(high ^ unit, 0xc2b2ae3d);
  }
  const left = finish(low ^ text.length) ^ finish(high);
  const right = finish(high ^ left);
  return (right & 0x1fffff) * 0x100000000 + (left >>> 0);
}

function finish(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
