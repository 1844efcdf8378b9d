/**
 * What is wrong with a document, where, and what mends it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";

/** One thing that is wrong with `index.json` or an `asset.json`. */
export interface Fault {
  /** The file, relative to `assets/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The rule that it breaks: `json`, `schema`, or a name of the packer's own, such as `id-twice`. */
  readonly rule: string;
  /** What is wrong. */
  readonly message: string;
  /** What makes it right. */
  readonly mend: string;
}

/** A document that was read, or everything that is wrong with it. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/** `fault` on one line. */
function faultText({ path, line, message }: Fault): string {
  return `${path}:${line}: ${message}`;
}

/** `faults` as an error: the first one told whole, and how many there are. */
export function faultError(faults: readonly [Fault, ...Fault[]], op: string): OmnifsError {
  const [first, ...others] = faults;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new OmnifsError("invalid", faultText(first) + more, { op, path: first.path, mend: first.mend });
}
