/** @module Interface omnifs:provider/types@1.0.0 **/
/**
 * Identity of one upstream object, minted by the provider and opaque to the host.
 * 
 * Stable for the life of the object: a repository's numeric id, not its slug; a container's
 * id, not its name; an arXiv id, not a URL. The host derives the inode number from it, so two
 * nodes with the same id are the same file, wherever they appear. At most 1,024 bytes of
 * UTF-8. The root of a provider's tree is the empty string.
 */
export type NodeId = string;
/**
 * What a node is.
 * # Variants
 * 
 * ## `"directory"`
 * 
 * Answers `list-children` and `lookup-child`.
 * ## `"file"`
 * 
 * Answers `read-file`.
 */
export type NodeKind = 'directory' | 'file';
/**
 * Names one upstream source of change, such as `repo:1296269`. At most 256 bytes.
 */
export type WatchKey = string;
/**
 * How the host learns that what it holds of a node is no longer true.
 * 
 * There is no time to live. The host keeps a node for as long as somebody has promised to
 * say when it changes, and not a moment longer.
 */
export type Freshness = FreshnessImmutable | FreshnessWatched | FreshnessVolatile;
/**
 * Never changes: a paper's version, a finished run's log.
 */
export interface FreshnessImmutable {
  tag: 'immutable',
}
/**
 * Valid until this watch says otherwise. See `events`.
 */
export interface FreshnessWatched {
  tag: 'watched',
  val: WatchKey,
}
/**
 * Nobody will tell: asked for anew each time, never kept.
 */
export interface FreshnessVolatile {
  tag: 'volatile',
}
export interface Header {
  name: string,
  value: string,
}
/**
 * Bytes, in the shape that is cheaper for the guest: text crosses as UTF-8 without a codec there.
 */
export type Payload = PayloadText | PayloadBytes;
export interface PayloadText {
  tag: 'text',
  val: string,
}
export interface PayloadBytes {
  tag: 'bytes',
  val: Uint8Array,
}
/**
 * A body that the host fetches by itself, through the same gate: nothing large ever passes
 * through the guest, and ranges, resumption and the length are the host's business. Refused where the
 * component does not import `http`.
 */
export interface UpstreamBody {
  url: string,
  headers: Array<Header>,
}
/**
 * Where a file's bytes are.
 */
export type Content = ContentInline | ContentUpstream | ContentAsk;
/**
 * Here. At most 64 KiB.
 */
export interface ContentInline {
  tag: 'inline',
  val: Payload,
}
/**
 * At this URL.
 */
export interface ContentUpstream {
  tag: 'upstream',
  val: UpstreamBody,
}
/**
 * To be asked for with `read-file`.
 */
export interface ContentAsk {
  tag: 'ask',
}
/**
 * One object of the projected tree.
 */
export interface Node {
  id: NodeId,
  kind: NodeKind,
  /**
   * Exact length in bytes of a file. None: the host finds it out (from the inline bytes, a HEAD,
   * or a read) before it tells anybody a length.
   */
  size?: bigint,
  /**
   * Last upstream change, in milliseconds since the Unix epoch.
   */
  modified?: bigint,
  /**
   * The upstream's own mark of this state (an ETag, an `updatedAt`). Drafts compare it to
   * find a conflict. At most 256 bytes.
   */
  version?: string,
  freshness: Freshness,
  /**
   * A directory's is `ask`.
   */
  content: Content,
  /**
   * True for a directory of which one page costs no more than one look-up of a child does: the
   * host lists it where a name is asked for, and the siblings then cost nothing.
   */
  listFirst: boolean,
  /**
   * True where a draft may stage a write to this file, or a new child in this directory.
   */
  writable: boolean,
}
/**
 * A node under the name that one directory gives it.
 */
export interface DirEntry {
  /**
   * One path segment: 1 to 255 bytes of UTF-8, without `/` or NUL, neither `.` nor `..`.
   */
  name: string,
  node: Node,
}
/**
 * What is no longer true, and what is true instead where the provider knows it.
 */
export type Invalidation = InvalidationNode | InvalidationChildren | InvalidationPlaced | InvalidationRemoved | InvalidationWatch | InvalidationHeard;
/**
 * The node's attributes and bytes.
 */
export interface InvalidationNode {
  tag: 'node',
  val: NodeId,
}
/**
 * The directory's listing; its children are asked for anew, each by its name.
 */
export interface InvalidationChildren {
  tag: 'children',
  val: NodeId,
}
/**
 * A child of this directory as the upstream now holds it, under the name that it now has there. The host
 * keeps it as it is: neither the child nor the directory's listing is asked for again. A child of the same
 * identity that had another name there has been renamed.
 */
export interface InvalidationPlaced {
  tag: 'placed',
  val: [NodeId, DirEntry],
}
/**
 * This directory no longer has a child of this identity (the second one); the rest of its listing stays true.
 */
export interface InvalidationRemoved {
  tag: 'removed',
  val: [NodeId, NodeId],
}
/**
 * All that this watch guards.
 */
export interface InvalidationWatch {
  tag: 'watch',
  val: WatchKey,
}
/**
 * Nothing changed: a webhook of this watch was delivered, so the host may ask less often.
 */
export interface InvalidationHeard {
  tag: 'heard',
  val: WatchKey,
}
/**
 * Why an operation failed. The host maps each case to one errno.
 */
export type ProviderError = ProviderErrorNotFound | ProviderErrorNotADirectory | ProviderErrorIsADirectory | ProviderErrorInvalid | ProviderErrorUnauthorized | ProviderErrorDenied | ProviderErrorConflict | ProviderErrorRateLimited | ProviderErrorTooLarge | ProviderErrorUnavailable | ProviderErrorInternal;
/**
 * The object is gone upstream. ENOENT.
 */
export interface ProviderErrorNotFound {
  tag: 'not-found',
}
/**
 * `lookup-child` or `list-children` was asked of a file. ENOTDIR.
 */
export interface ProviderErrorNotADirectory {
  tag: 'not-a-directory',
}
/**
 * `read-file` was asked of a directory. EISDIR.
 */
export interface ProviderErrorIsADirectory {
  tag: 'is-a-directory',
}
/**
 * The name or the staged value makes no sense to the upstream. EINVAL.
 */
export interface ProviderErrorInvalid {
  tag: 'invalid',
  val: string,
}
/**
 * No credential, or the upstream refused it. EACCES.
 */
export interface ProviderErrorUnauthorized {
  tag: 'unauthorized',
  val: string,
}
/**
 * The host refused a callout that the user did not grant. EPERM.
 */
export interface ProviderErrorDenied {
  tag: 'denied',
  val: string,
}
/**
 * The staged base is no longer what the upstream holds. ESTALE.
 */
export interface ProviderErrorConflict {
  tag: 'conflict',
  val: string,
}
/**
 * The upstream asks to wait. EAGAIN.
 */
export interface ProviderErrorRateLimited {
  tag: 'rate-limited',
  val: bigint | undefined,
}
/**
 * The answer is larger than the host accepts. EFBIG.
 */
export interface ProviderErrorTooLarge {
  tag: 'too-large',
}
/**
 * The upstream did not answer, or answered 5xx. EIO.
 */
export interface ProviderErrorUnavailable {
  tag: 'unavailable',
  val: string,
}
/**
 * A fault of the provider itself; the text is for people. EIO.
 */
export interface ProviderErrorInternal {
  tag: 'internal',
  val: string,
}
