/**
 * The conformance suite: what every provider is held to, whoever wrote it. It walks the provider's tree within a budget
 * and asks two instances of it, so that an answer which hangs on what was asked before is found out.
 *
 * @module
 */
import type { Node } from "../node.ts";
import { checkManifest, checkUnknown, checkWatches } from "./basics.ts";
import { Report, type RuleResult, type Unreached } from "./report.ts";
import type { Budget, Run } from "./run.ts";
import type { Subject } from "./subject.ts";
import { Walk } from "./walk.ts";

/** What is looked at unless told otherwise: enough of each directory to see what is wrong with it. */
const DEFAULT_BUDGET: Budget = {
  depth: 16,
  entries: 2_000,
  width: 24,
  pages: 20,
  bytes: 8 * 1024 * 1024,
};

/** What a run of the suite came to. */
export interface Conformance {
  /** Every rule. */
  readonly rules: readonly RuleResult[];
  /** The first things that could not be looked at, through no fault of the provider. */
  readonly unreached: readonly Unreached[];
  /** How many those are in all. */
  readonly unreachedCount: number;
  /** What was looked at. */
  readonly walked: {
    readonly directories: number;
    readonly files: number;
    readonly bytes: number;
    readonly callouts: number;
    /** True where that was the whole tree, as far as its listings tell it. */
    readonly whole: boolean;
  };
  /** Every node that was seen, by its path. */
  readonly seen: ReadonlyMap<string, Node>;
}

/** How a run differs from the usual. */
export interface RunOptions {
  /** How much is looked at; the usual budget for what is not told. */
  readonly budget?: Partial<Budget>;
  /** Paths that are looked at beside what the root lists. */
  readonly paths?: readonly string[];
  /** Ends the run. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Is told what is looked at next. */
  readonly progress?: (path: string) => void;
}

/** The root of a provider's tree, which no provider tells. */
const ROOT: Node = {
  id: "",
  directory: true,
  size: undefined,
  modified: undefined,
  version: undefined,
  freshness: { tag: "volatile" },
  content: { tag: "ask" },
  listFirst: false,
  writable: false,
};

/**
 * Holds a provider to every rule.
 *
 * @throws {OmnifsError} `interrupted` where the run was ended
 */
export async function checkProvider(subject: Subject, options: RunOptions): Promise<Conformance> {
  const { paths = [], signal = new AbortController().signal, now, progress = () => {} } = options;
  const report = new Report();
  const budget = { ...DEFAULT_BUDGET, ...options.budget };
  const run: Run = {
    subject,
    budget,
    report,
    signal,
    now,
    progress,
    seen: new Map(),
    later: [],
    bytesRead: 0,
  };
  const walk = new Walk(run);
  checkManifest(run);
  await checkUnknown(run);
  await walk.run({ path: "/", node: ROOT, depth: 0, above: [] }, paths);
  await checkWatches(run);
  for (const task of run.later.toReversed()) await task();
  const callouts = subject.first.counts.callouts + subject.second.counts.callouts;
  const { directories, files, whole } = walk;
  return {
    rules: report.rules,
    unreached: report.outOfReach,
    unreachedCount: report.outOfReachCount,
    walked: { directories, files, bytes: run.bytesRead, callouts, whole },
    seen: run.seen,
  };
}
