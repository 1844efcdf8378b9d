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
