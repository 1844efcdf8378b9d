/** @module Interface omnifs:provider/packer@1.0.0 **/
export function projects(): Array<string>;
export function getStatus(project: string): Status;
/**
 * The text of `index.json`.
 */
export function registry(project: string): string;
export function assets(project: string): Array<Asset>;
export function getAsset(project: string, id: bigint): Asset;
/**
 * The text of an asset's `asset.json`, as the author wrote it; of the last valid one where that is none.
 */
export function declaration(project: string, asset: bigint): string;
export function files(project: string, asset: bigint, path: string): Array<Entry>;
export function read(project: string, asset: bigint, path: string, offset: bigint, length: bigint): Payload;
export function divergences(project: string): Array<Divergence>;
/**
 * What happened in the project: the latest events, one JSON document a line.
 */
export function events(project: string): string;
export function latestBuild(project: string): Build | undefined;
/**
 * Bytes of the latest build's archive.
 */
export function readBuild(project: string, offset: bigint, length: bigint): Payload;
/**
 * What a commit of these commands would change on disk, one line each. Changes nothing, and fails as the commit would.
 */
export function preview(project: string, commands: Array<Command>): Array<string>;
/**
 * Now, as `committed` takes it: opaque, and the same after a restart.
 */
export function moment(project: string): string;
/**
 * Whether the commit of this correlation has taken place since `since`, a `moment`. Answers only when no commit is
 * under way: what has not taken place by then will not. None where the packer cannot know any more.
 */
export function committed(project: string, correlation: string, since: string): boolean | undefined;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
/**
 * # Variants
 * 
 * ## `"clean"`
 * 
 * ## `"stale"`
 * 
 * ## `"diverged"`
 * 
 * ## `"reconciling"`
 * 
 * ## `"failed"`
 */
export type State = 'clean' | 'stale' | 'diverged' | 'reconciling' | 'failed';
export interface Status {
  state: State,
  /**
   * Increases by one with every commit and every edit that was taken in.
   */
  generation: bigint,
  /**
   * One sentence for people.
   */
  detail: string,
  /**
   * When anything of this, or anything that the other functions answer, last changed: milliseconds since the
   * Unix epoch.
   */
  changed: bigint,
}
export interface Asset {
  /**
   * `asset_id` of the registry.
   */
  id: bigint,
  uuid: string,
  name: string,
  /**
   * Relative to the workspace's `assets/`.
   */
  root: string,
  includedInBuild: boolean,
  /**
   * Milliseconds since the Unix epoch.
   */
  modified: bigint,
}
/**
 * # Variants
 * 
 * ## `"directory"`
 * 
 * ## `"file"`
 */
export type EntryKind = 'directory' | 'file';
export interface Entry {
  /**
   * Relative to the asset's root.
   */
  path: string,
  kind: EntryKind,
  size: bigint,
  modified: bigint,
  /**
   * SHA-256 of a file's bytes, in lower-case hexadecimal.
   */
  digest?: string,
}
export interface Divergence {
  id: bigint,
  kind: string,
  path: string,
  detail: string,
}
/**
 * The latest build that is still where it was written.
 */
export interface Build {
  /**
   * The generation that was packed.
   */
  generation: bigint,
  /**
   * The text of its manifest.
   */
  manifest: string,
  /**
   * Bytes of the archive.
   */
  size: bigint,
  /**
   * Milliseconds since the Unix epoch.
   */
  modified: bigint,
}
/**
 * What a file has to be for a change of it to be made.
 */
export type Expectation = ExpectationAnything | ExpectationNothing | ExpectationDigest | ExpectationHolds;
export interface ExpectationAnything {
  tag: 'anything',
}
/**
 * No file is there.
 */
export interface ExpectationNothing {
  tag: 'nothing',
}
/**
 * Its SHA-256, in lower-case hexadecimal.
 */
export interface ExpectationDigest {
  tag: 'digest',
  val: string,
}
/**
 * Its bytes.
 */
export interface ExpectationHolds {
  tag: 'holds',
  val: Payload,
}
export interface NewFile {
  path: string,
  content: Payload,
}
/**
 * The directory `root` becomes an asset, with `files` in it, none of which is there yet. Without a declaration its
 * `asset.json` is there already.
 */
export interface Registration {
  root: string,
  declaration?: string,
  includedInBuild: boolean,
  files: Array<NewFile>,
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
  expected: Expectation,
}
export interface Removal {
  asset: bigint,
  path: string,
  expected: Expectation,
}
/**
 * One change of a workspace.
 */
export type Command = CommandRegister | CommandUnregister | CommandSetIncluded | CommandRelocate | CommandPut | CommandRemove;
export interface CommandRegister {
  tag: 'register',
  val: Registration,
}
/**
 * Its files stay.
 */
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
