/**
 * The ways in which a provider fails, as errors that a provider can throw.
 *
 * @module
 */
import type { Failure } from "./contract.ts";

/** A failure with a case of the contract's `provider-error`; it reaches the host as that case. */
export class ProviderError extends Error {
  /** The contract's words for it. */
  readonly failure: Failure;

  /** An error that crosses to the host as `failure`. */
  constructor(failure: Failure) {
    super("val" in failure && failure.val !== undefined ? `${failure.tag}: ${failure.val}` : failure.tag);
    this.name = "ProviderError";
    this.failure = failure;
  }
}

/** The object is gone upstream: ENOENT. */
export function notFound(): ProviderError {
  return new ProviderError({ tag: "not-found" });
}

/** A file was asked for its children: ENOTDIR. */
export function notADirectory(): ProviderError {
  return new ProviderError({ tag: "not-a-directory" });
}

/** A directory was asked for its bytes: EISDIR. */
export function isADirectory(): ProviderError {
  return new ProviderError({ tag: "is-a-directory" });
}

/** The name or the staged value makes no sense to the upstream: EINVAL. */
export function invalid(why: string): ProviderError {
  return new ProviderError({ tag: "invalid", val: why });
}

/** No credential, or the upstream refused it: EACCES. */
export function unauthorized(why: string): ProviderError {
  return new ProviderError({ tag: "unauthorized", val: why });
}

/** The host refused what the user did not grant: EPERM. */
export function denied(why: string): ProviderError {
  return new ProviderError({ tag: "denied", val: why });
}

/** The staged base is no longer what the upstream holds: ESTALE. */
export function conflict(why: string): ProviderError {
  return new ProviderError({ tag: "conflict", val: why });
}

/** The upstream asks to wait, `milliseconds` where it says how long: EAGAIN. */
export function rateLimited(milliseconds?: number): ProviderError {
  return new ProviderError({ tag: "rate-limited", val: milliseconds });
}

/** Larger than the host accepts: EFBIG. */
export function tooLarge(): ProviderError {
  return new ProviderError({ tag: "too-large" });
}

/** The upstream did not answer, or answered 5xx: EIO. */
export function unavailable(why: string): ProviderError {
  return new ProviderError({ tag: "unavailable", val: why });
}

/** What `load` answers, or undefined where it fails because the object is not there. */
export function orAbsent<Value>(load: () => Value): Value | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof ProviderError && error.failure.tag === "not-found") return undefined;
    throw error;
  }
}

/** The case of the contract for anything that was thrown; a fault of the provider's code is `internal`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProviderError) return error.failure;
  return { tag: "internal", val: describe(error).slice(0, 2_000) };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message}\n${error.stack ?? ""}`.trim();
}
