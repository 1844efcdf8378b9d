/** @module Interface omnifs:provider/packer-write@1.0.0 **/
/**
 * Answers the new generation, or `conflict` where the disk no longer holds what was expected.
 */
export function commit(project: string, commands: Array<Command>): bigint;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
export interface Registration {
  root: string,
  declaration?: string,
}
export interface Inclusion {
  asset: bigint,
  includedInBuild: boolean,
}
export interface Relocation {
  asset: bigint,
  root: string,
}
export interface Edit {
  asset: bigint,
  path: string,
  content: Payload,
  expectedDigest?: string,
}
export interface Removal {
  asset: bigint,
  path: string,
  expectedDigest?: string,
}
export type Command = CommandRegister | CommandUnregister | CommandSetIncluded | CommandRelocate | CommandPut | CommandRemove;
export interface CommandRegister {
  tag: 'register',
  val: Registration,
}
export interface CommandUnregister {
  tag: 'unregister',
  val: bigint,
}
export interface CommandSetIncluded {
  tag: 'set-included',
  val: Inclusion,
}
export interface CommandRelocate {
  tag: 'relocate',
  val: Relocation,
}
export interface CommandPut {
  tag: 'put',
  val: Edit,
}
export interface CommandRemove {
  tag: 'remove',
  val: Removal,
}
