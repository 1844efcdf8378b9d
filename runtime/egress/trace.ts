/**
 * What became of a callout, for the operator beside the provider.
 *
 * @module
 */
import type { CalloutResult } from "./callout.ts";

/** What a callout took, for counts, events and `status`; holds no secret. */
export interface Trace {
  /** Who asked. */
  readonly mount: string;
  /** The contract's method. */
  readonly method: string;
  /** The URL as {@linkcode shownUrl} shows it. */
  readonly url: string;
  /** From the call to its end. */
  readonly milliseconds: number;
  /** Requests that went out: redirects count, refusals and rate-limit waits do not. */
  readonly requests: number;
  /** Bytes of bodies that were read. */
  readonly bytes: number;
  /** True where it was to change the upstream. */
  readonly write: boolean;
  /** What became of the last credential that was attached. */
  readonly credential?: CredentialUse;
}

/** One use of a credential. */
export interface CredentialUse {
  /** Its name. */
  readonly name: string;
  /** The target of the need that names it. */
  readonly need: string;
  /** Where it was sent. */
  readonly target: string;
  /** True where the upstream answered 401. */
  readonly refused: boolean;
}

/** A callout's end. */
export interface Settled {
  /** For the provider. */
  readonly result: CalloutResult;
  /** For the operator. */
  readonly trace: Trace;
}
