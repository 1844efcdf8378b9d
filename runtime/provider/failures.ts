/**
 * From the contract's cases of failure to the kinds of omnifs.
 *
 * @module
 */
import { type ErrorKind, OmnifsError } from "../base/errors.ts";
import type { CalloutFailure } from "../egress/callout.ts";

/** Every case of `provider-error`; the kinds have the same names. */
const CASES: ReadonlySet<string> = new Set<ErrorKind>([
  "not-found",
  "not-a-directory",
  "is-a-directory",
  "invalid",
  "unauthorized",
  "denied",
  "conflict",
  "rate-limited",
  "too-large",
  "unavailable",
  "internal",
]);

/** Longest reason of a provider that is told, in UTF-16 units. */
const WHY_LENGTH = 2_000;

/** The longest wait that is believed, in milliseconds: a day. */
const LONGEST_WAIT = 86_400_000n;

/** The refusal that a call of a guest met in the gate. */
export type Denial = CalloutFailure & { readonly tag: "denied" };

/** A flag of omnifs that only omnifs itself may advise. */
const FLAG = /--(?:allow|deny)-[a-z]+(?:=[^\s,;]*)?/gi;

/**
 * What an operation of the provider `mount` failed with: `failure` is a case of `provider-error`, if it is honest.
 * Which flag would have helped is told by `denial`, the gate's last refusal of that call, and never by the guest.
 */
export function providerFailure(mount: string, op: string, failure: unknown, denial?: Denial): OmnifsError {
  if (typeof failure !== "object" || failure === null || !("tag" in failure) || !isCase(failure.tag)) {
    return new OmnifsError("internal", `${mount}: ${op} failed in a way that the contract does not know`, {
      op,
    });
  }
  const value = "val" in failure ? failure.val : undefined;
  const told = typeof value === "string" && value !== ""
    ? value.slice(0, WHY_LENGTH)
    : failure.tag.replaceAll("-", " ");
  const why = failure.tag === "denied" && denial !== undefined
    ? `${denial.target} was not granted: ${denial.reason}`
    : told.replaceAll(FLAG, "(a flag)");
  const wait = failure.tag === "rate-limited" && typeof value === "bigint" ? waitOf(value) : undefined;
  return new OmnifsError(failure.tag, `${mount}: ${why}`, {
    op,
    ...(wait === undefined ? {} : { retryAfter: wait }),
    ...advice(denial),
  });
}

/** The flag that would have allowed it, where there is one. */
function advice(denial: Denial | undefined): { readonly path?: string; readonly mend?: string } {
  if (denial === undefined || denial.flag === "") return {};
  return { path: denial.flag, mend: denial.flag };
}

function waitOf(milliseconds: bigint): number {
  if (milliseconds < 0n) return 0;
  return Number(milliseconds < LONGEST_WAIT ? milliseconds : LONGEST_WAIT);
}

function isCase(tag: unknown): tag is ErrorKind {
  return typeof tag === "string" && CASES.has(tag);
}

/** What a request of the host itself failed with, for the body of a file. */
export function calloutFailure(url: string, failure: CalloutFailure): OmnifsError {
  const op = "callout";
  switch (failure.tag) {
    case "denied":
      return new OmnifsError("denied", `${url} was not granted: ${failure.reason}`, {
        op,
        ...advice(failure),
      });
    case "timeout":
      return new OmnifsError("unavailable", `${url} did not answer in time`, { op });
    case "too-large":
      return new OmnifsError("too-large", `${url} is larger than omnifs accepts`, { op });
    case "rate-limited":
      return new OmnifsError("rate-limited", `${url} asks to wait`, waiting(op, failure.milliseconds));
    case "connection":
      return new OmnifsError("unavailable", `${url} cannot be reached: ${failure.reason}`, { op });
  }
}

/** What an HTTP status means for the body of a file; undefined for a success. */
export function statusFailure(url: string, status: number, header: HeaderOf): OmnifsError | undefined {
  if (status < 400) return undefined;
  const op = "callout";
  if (status === 429 || (status === 403 && saysWait(header))) {
    return new OmnifsError("rate-limited", `${url} asks to wait`, waiting(op, retryAfter(header)));
  }
  return new OmnifsError(STATUS_KINDS[status] ?? "unavailable", `${url} answered ${status}`, { op });
}

/** Looks a header up by its lower-case name. */
export type HeaderOf = (name: string) => string | undefined;

const STATUS_KINDS: Readonly<Record<number, ErrorKind>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "not-found",
  410: "not-found",
  422: "invalid",
};

function saysWait(header: HeaderOf): boolean {
  return header("x-ratelimit-remaining") === "0" || header("retry-after") !== undefined;
}

/** Milliseconds of a `retry-after` that counts seconds (RFC 9110, section 10.2.3). */
function retryAfter(header: HeaderOf): number | undefined {
  const seconds = header("retry-after");
  return seconds !== undefined && /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}

function waiting(op: string, retryAfter: number | undefined): { op: string; retryAfter?: number } {
  return retryAfter === undefined ? { op } : { op, retryAfter };
}
