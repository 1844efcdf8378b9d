/**
 * What a run of the suite found: how often each rule was tried, where it did not hold, and what could not be asked.
 *
 * @module
 */
import { type ErrorKind, OmnifsError } from "../../base/errors.ts";
import { Fault, type FaultSort } from "../checking.ts";
import { type Level, RULE_NAMES, type RuleName, RULES } from "./rules.ts";

/** A place where a rule does not hold. */
export interface Finding {
  /** The path below the provider's root. */
  readonly path: string;
  /** What should have been. */
  readonly expected: string;
  /** What was. */
  readonly got: string;
}

/** What became of one rule. */
export interface RuleResult {
  /** Its name. */
  readonly rule: RuleName;
  /** What holds, as a sentence. */
  readonly holds: string;
  /** What to change where it does not. */
  readonly mend: string;
  /** How much it weighs. */
  readonly level: Level;
  /** How often it was tried. */
  readonly checks: number;
  /** How often it did not hold. */
  readonly failures: number;
  /** The first places where it did not, a few of them. */
  readonly findings: readonly Finding[];
}

/** Something that could not be looked at, through no fault of the provider. */
export interface Unreached {
  /** The path below the provider's root. */
  readonly path: string;
  /** Why. */
  readonly why: string;
  /** What would help. */
  readonly mend?: string;
}

/** Places that are told of one rule, and things that are told as out of reach; the rest is counted. */
const MOST_FINDINGS = 8;

/** What the upstream, the user's grants or the load can be at fault for. */
const OUTSIDE: ReadonlySet<ErrorKind> = new Set([
  "unauthorized",
  "denied",
  "rate-limited",
  "busy",
  "too-large",
  "unavailable",
]);

const RULE_OF: Readonly<Record<FaultSort, RuleName>> = {
  shape: "contract",
  names: "names",
  limits: "limits",
  sizes: "sizes",
};

interface Count {
  checks: number;
  failures: number;
  readonly findings: Finding[];
}

/** Collects findings. */
export class Report {
  readonly #counts = new Map<RuleName, Count>();
  readonly #unreached: Unreached[] = [];
  #unreachedCount = 0;

  /** Notes that `rule` was tried at `path`; where it does not hold, what was expected and what was got. */
  check(rule: RuleName, path: string, holds: boolean, expected: string, got: () => string): boolean {
    const count = this.#countOf(rule);
    count.checks++;
    if (holds) return true;
    count.failures++;
    if (count.findings.length < MOST_FINDINGS) count.findings.push({ path, expected, got: got() });
    return false;
  }

  /** Notes a call that had to answer and failed: as a finding, or as something out of reach. */
  failed(path: string, op: string, error: OmnifsError): void {
    const expected = `an answer to ${op}`;
    const got = () => `${error.kind}: ${error.message}`;
    const { cause } = error;
    if (cause instanceof Fault) {
      this.check(
        RULE_OF[cause.sort],
        path,
        false,
        `${expected} that keeps to the contract`,
        () => cause.message,
      );
    } else if (OUTSIDE.has(error.kind)) this.unreached(path, error);
    else this.check(error.kind === "internal" ? "answers" : "errors", path, false, expected, got);
  }

  /** Notes that something could not be looked at. */
  unreached(path: string, { message, mend }: OmnifsError): void {
    this.#unreachedCount++;
    if (this.#unreached.length >= MOST_FINDINGS) return;
    this.#unreached.push({ path, why: message, ...(mend === undefined ? {} : { mend }) });
  }

  /** Every rule, in the order of the table. */
  get rules(): readonly RuleResult[] {
    return RULE_NAMES.map((rule) => ({ rule, ...RULES[rule], ...this.#countOf(rule) }));
  }

  /** The first things that could not be looked at. */
  get outOfReach(): readonly Unreached[] {
    return this.#unreached;
  }

  /** How many those are in all. */
  get outOfReachCount(): number {
    return this.#unreachedCount;
  }

  #countOf(rule: RuleName): Count {
    const known = this.#counts.get(rule);
    if (known !== undefined) return known;
    const count = { checks: 0, failures: 0, findings: [] };
    this.#counts.set(rule, count);
    return count;
  }
}

/** True for a failure for which the provider is not to blame. */
export function isOutside(error: OmnifsError): boolean {
  return OUTSIDE.has(error.kind);
}
