/** @module Interface omnifs:provider/provider@1.0.0 **/
/**
 * The child of `parent` that is called `name`, or none (ENOENT).
 */
export function lookupChild(parent: NodeId, name: string): Node | undefined;
/**
 * One page of the children of `parent`. `cursor` is none, or the `next` of an earlier page.
 */
export function listChildren(parent: NodeId, cursor: string | undefined): Listing;
/**
 * The bytes of `file` from `offset`, at most `length` of them; fewer only at its end. Called only
 * where `content` says `ask`; up to 64 MiB the host asks once, for the whole.
 */
export function readFile(file: NodeId, offset: bigint, length: bigint): Payload;
export type NodeId = import('./omnifs-provider-types.d.ts').NodeId;
export type Node = import('./omnifs-provider-types.d.ts').Node;
export type DirEntry = import('./omnifs-provider-types.d.ts').DirEntry;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
export type ProviderError = import('./omnifs-provider-types.d.ts').ProviderError;
/**
 * A child together with the directory that holds it.
 */
export interface Projected {
  parent: NodeId,
  entry: DirEntry,
}
/**
 * What one upstream answer told about a directory, and about the nodes below it.
 */
export interface Listing {
  /**
   * The directory's children, in the order in which `ls -U` should show them.
   */
  entries: Array<DirEntry>,
  /**
   * True where `entries` is all there is: a name that is absent is then known to be absent.
   */
  exhaustive: boolean,
  /**
   * Where to continue, to be handed back as it is. None: this was the last page.
   */
  next?: string,
  /**
   * Children of other directories that the same upstream answer already contained, so that
   * one page of issues fills every issue directory on it.
   */
  also: Array<Projected>,
  /**
   * Other directories of which the same answer told every child (those in `also`, or none at
   * all): they are never listed again, and a name that is absent from them is known to be.
   */
  complete: Array<NodeId>,
}
