/**
 * What becomes of the memory of this process when it crashes.
 *
 * @module
 */
import { libc } from "./libc.ts";

/**
 * Has the kernel write no core file of this process, and let no other process of the same user read its memory or its
 * environment (`PR_SET_DUMPABLE`, prctl(2)). Programs that it starts are not concerned.
 *
 * @throws {Error} where the C library does not open, or the kernel refuses
 */
export function forbidDump(): void {
  libc().forbidDump();
}
