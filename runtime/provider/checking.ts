/**
 * Reading what a guest answered: each value is looked at before anything is done with it, whatever the types of the
 * contract say.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";

const encoder = new TextEncoder();

/** What sort of rule an answer breaks. */
export type FaultSort = "shape" | "names" | "limits" | "sizes";

/** A rule that the answer breaks: the cause of the error that refuses it. */
export class Fault extends Error {
  /** What sort of rule it is. */
  readonly sort: FaultSort;

  /** `message` tells the rule. */
  constructor(message: string, sort: FaultSort = "shape") {
    super(message);
    this.sort = sort;
  }
}

/** What `check` answers; a {@linkcode Fault} in it is the fault of the provider `mount`, and says so. */
export function checked<Value>(mount: string, op: string, check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const message = `the provider ${mount} answered ${op} against the contract: ${error.message}`;
    throw new OmnifsError("internal", message, { op, cause: error });
  }
}

/** A record of the contract. */
export function record(answer: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(answer)) return answer;
  throw new Fault(`${what} is no record`);
}

function isRecord(answer: unknown): answer is Readonly<Record<string, unknown>> {
  return typeof answer === "object" && answer !== null && !Array.isArray(answer);
}

/** A variant of the contract: which case, and what it holds. */
export function variant(answer: unknown, what: string): { tag: unknown; val: unknown } {
  const fields = record(answer, what);
  return { tag: fields.tag, val: fields.val };
}

/** A list of at most `most` things. */
export function list(answer: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(answer)) throw new Fault(`${what} is no list`);
  if (answer.length > most) throw new Fault(`${what} are ${answer.length}, more than ${most}`, "limits");
  return answer;
}

/** Text of at most `limit` bytes of UTF-8; a unit of UTF-16 has at most three, so most are never encoded. */
export function text(answer: unknown, what: string, limit = Infinity): string {
  if (typeof answer !== "string") throw new Fault(`${what} is no text`);
  if (answer.length * 3 > limit && encoder.encode(answer).length > limit) {
    throw new Fault(`${what} is longer than ${limit} bytes`, "limits");
  }
  return answer;
}

/** A `bool`. */
export function flag(answer: unknown, what: string): boolean {
  if (typeof answer !== "boolean") throw new Fault(`${what} is neither true nor false`);
  return answer;
}

/** A `u64` that a number can hold. */
export function integer(answer: unknown, what: string): number {
  if (typeof answer !== "bigint") throw new Fault(`${what} is no whole number`);
  if (answer < 0n || answer > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Fault(`${what} is ${answer}: too large`, "limits");
  }
  return Number(answer);
}

/** A `u32` of at most `most`. */
export function index(answer: unknown, what: string, most: number): number {
  if (Number.isInteger(answer) && Number(answer) >= 0 && Number(answer) <= most) return Number(answer);
  throw new Fault(`${what} is no number up to ${most}`);
}

/** An `option`: what `read` makes of it where it is there. */
export function optional<Value>(answer: unknown, read: (answer: unknown) => Value): Value | undefined {
  return answer === undefined || answer === null ? undefined : read(answer);
}
