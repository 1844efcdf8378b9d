/** @module Interface omnifs:provider/clock@1.0.0 **/
/**
 * Milliseconds since the Unix epoch.
 */
export function now(): bigint;
