/**
 * What `omnifs provider test` asks of the runtime, and what it is told: plain data, so that the command line need not
 * load the suite to say it.
 *
 * @module
 */
import type { DaemonOptions } from "./options.ts";

/** A place where a rule does not hold. */
export interface FindingDocument {
  /** The path below the provider's root. */
  readonly path: string;
  /** What should have been. */
  readonly expected: string;
  /** What was. */
  readonly got: string;
}

/** What became of one rule. */
export interface RuleDocument {
  /** Its name. */
  readonly rule: string;
  /** What holds of every provider, as a sentence. */
  readonly holds: string;
  /** What to change where it does not. */
  readonly mend: string;
  /** `must` fails the provider, `should` is advice. */
  readonly level: "must" | "should";
  /** How often it was tried. */
  readonly checks: number;
  /** How often it did not hold. */
  readonly failures: number;
  /** The first places where it did not. */
  readonly findings: readonly FindingDocument[];
}

/** What a run of the suite came to. */
export interface ConformanceDocument {
  /** The provider's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** What it stood before: the upstream, or sample data. */
  readonly upstream: "real" | "sample";
  /** Every rule. */
  readonly rules: readonly RuleDocument[];
  /** The first things that could not be looked at, through no fault of the provider. */
  readonly unreached: readonly { readonly path: string; readonly why: string; readonly mend?: string }[];
  /** How many those are in all. */
  readonly unreachedCount: number;
  /** What was looked at. */
  readonly walked: {
    readonly directories: number;
    readonly files: number;
    /** Bytes of files that were read. */
    readonly bytes: number;
    /** Requests that it took. */
    readonly callouts: number;
    /** True where that was the whole tree, as far as its listings tell it. */
    readonly whole: boolean;
  };
}

/** What is looked at, and how far. */
export interface ConformanceOptions {
  /** The provider: its mount name is that of its settings. */
  readonly name: string;
  /** The absolute path of its component; a bundled one where it is missing. */
  readonly source?: string;
  /** The absolute folder of sample data that answers in place of a network. */
  readonly sample?: string;
  /** Grants, settings and credentials. */
  readonly daemon: DaemonOptions;
  /** Paths that are looked at beside what the root lists. */
  readonly paths: readonly string[];
  /** What differs from the usual budget: directories in one another, entries in all, entries of one directory. */
  readonly budget: { readonly depth?: number; readonly entries?: number; readonly width?: number };
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Is told what is looked at next. */
  readonly progress: (path: string) => void;
}

/** What `runtime/conformance.ts` exports. */
export interface Examiner {
  /** Holds a provider to the suite. @throws {OmnifsError} why it could not be started */
  examine(options: ConformanceOptions): Promise<ConformanceDocument>;
}
