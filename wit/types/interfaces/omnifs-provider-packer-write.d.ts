/** @module Interface omnifs:provider/packer-write@1.0.0 **/
/**
 * Answers the new generation, or `conflict` where the disk no longer holds what was expected. `correlation` goes with
 * the events of the commit, and finds it again: see `packer.committed`. At most 200 bytes.
 */
export function commit(project: string, commands: Array<Command>, correlation: string): bigint;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
export type Command = import('./omnifs-provider-packer.d.ts').Command;
