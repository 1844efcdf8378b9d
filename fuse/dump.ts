/**
 * What becomes of the memory of this process when it crashes.
 *
 * @module
 */
import { libc, SystemError } from "./libc.ts";

/**
 * Has the kernel write no core file of this process, and let no other process of the same user read its memory or its
 * environment (`PR_SET_DUMPABLE`, prctl(2)). Programs that it starts are not concerned.
 *
 * @throws {Error} where the C library does not open
 */
export function forbidDump(): void {
  const result = libc().forbidDump();
  if (result < 0) throw new SystemError("prctl PR_SET_DUMPABLE", -result);
}
