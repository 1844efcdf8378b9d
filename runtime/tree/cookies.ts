/**
 * Directory offsets. There is no open directory to remember a reader in (the kernel sends no OPENDIR), so
 * the offset itself says which listing the reader is in, and how far.
 *
 * @module
 */

/** Lines that one listing may have, and listings that one mount may see: their product stays below 2^53. */
export const MAX_LINES = 2 ** 31;
const MAX_GENERATIONS = 2 ** 21;

/** The offset after the line `index` (from 0) of listing `generation`. Never 0, which means the start. */
export function cookieOf(generation: number, index: number): number {
  return (generation % MAX_GENERATIONS) * MAX_LINES + index + 1;
}

/** The listing that `cookie` belongs to, and the index of the line that comes next in it. */
export function readCookie(cookie: number): { generation: number; next: number } {
  return { generation: Math.floor(cookie / MAX_LINES), next: cookie % MAX_LINES };
}
