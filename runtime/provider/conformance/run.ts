/**
 * One run of the suite: what it may cost, what it has seen, and how it compares two tellings of the same thing.
 *
 * @module
 */
import type { Node } from "../node.ts";
import type { Provider } from "../provider.ts";
import { isOutside, type Report } from "./report.ts";
import type { RuleName } from "./rules.ts";
import { type Outcome, outcomeOf, type Subject } from "./subject.ts";

/** How much of a tree is looked at. */
export interface Budget {
  /** Directories in one another, below the root. */
  readonly depth: number;
  /** Entries in all that are looked at one by one. */
  readonly entries: number;
  /** Children of one directory that are looked at one by one: the first ones, the last ones and some between. */
  readonly width: number;
  /** Pages of one directory. */
  readonly pages: number;
  /** Bytes of one file; of a longer one its two ends are read. */
  readonly bytes: number;
}

/** Something of the tree that is looked at. */
export interface Visit {
  /** Its path below the provider's root, which is `/`. */
  readonly path: string;
  /** It. */
  readonly node: Node;
  /** How deep it lies. */
  readonly depth: number;
  /** The ids of the directories that it lies in, the root first. */
  readonly above: readonly string[];
}

/** What every check works with. */
export interface Run {
  /** Who is asked. */
  readonly subject: Subject;
  /** How much. */
  readonly budget: Budget;
  /** Where findings go. */
  readonly report: Report;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Milliseconds since the Unix epoch, now. */
  readonly now: number;
  /** Is told what is looked at next. */
  readonly progress: (path: string) => void;
  /** Every node that was seen, by its path. */
  readonly seen: Map<string, Node>;
  /**
   * What the second instance is asked, once the walk is over and the last first: it then meets every id and every
   * cursor before the answer in which the first one was told of it.
   */
  readonly later: (() => Promise<void>)[];
  /** Bytes of files that were read. */
  bytesRead: number;
}

/** What the host refuses by itself. */
const HOST_RULES = ["contract", "limits", "answers"] as const;

/** Something to ask. */
export type Ask<Value> = () => Promise<Outcome<Value>>;

/** Two ways to ask for the same thing. */
export interface Comparison<Value> {
  /** What the first way told already. */
  readonly told: Value;
  /** The first way. */
  readonly one: Ask<Value>;
  /** The second way. */
  readonly two: Ask<Value>;
  /** What differs, in words. */
  readonly differ: (a: Value, b: Value) => string | undefined;
  /** True where no change of the upstream can excuse a difference. */
  readonly lasting?: boolean;
}

/** Asks the first instance. */
export function first<Value>(run: Run, call: (provider: Provider) => Promise<Value>): Ask<Value> {
  return () => ask(run, run.subject.first, call);
}

/** Asks the second instance. */
export function second<Value>(run: Run, call: (provider: Provider) => Promise<Value>): Ask<Value> {
  return () => ask(run, run.subject.second, call);
}

/** An answer that comes has been looked at by the host: it keeps these rules. */
async function ask<Value>({ report }: Run, provider: Provider, call: (provider: Provider) => Promise<Value>) {
  const outcome = await outcomeOf(provider, call);
  if (outcome.ok) { for (const rule of HOST_RULES) report.check(rule, "", true, "", () => ""); }
  return outcome;
}

/**
 * Holds two ways to ask against each other. Where they differ, both are asked once more: the upstream may have changed
 * in between.
 *
 * @returns what the second way cost; undefined where it failed
 */
export async function compare<Value>(
  run: Run,
  rule: RuleName,
  path: string,
  expected: string,
  comparison: Comparison<Value>,
): Promise<number | undefined> {
  const { one, two, told, lasting = false } = comparison;
  const other = await two();
  let difference = judged(run, path, comparison, told, other);
  if (difference !== undefined && !lasting) {
    const again = await one();
    // What the first way no longer tells either has gone meanwhile.
    difference = again.ok ? judged(run, path, comparison, again.value, await two()) : undefined;
  }
  run.report.check(rule, path, difference === undefined, expected, () => difference ?? "");
  return other.ok ? other.cost : undefined;
}

/** Why `other` is not what `told` was; a failure that has a rule of its own goes there. */
function judged<Value>(
  run: Run,
  path: string,
  { differ }: Comparison<Value>,
  told: Value,
  other: Outcome<Value>,
): string | undefined {
  if (other.ok) return differ(told, other.value);
  const { error } = other;
  if (!isOutside(error) && error.kind !== "internal") return `${error.kind}: ${error.message}`;
  run.report.failed(path, error.op ?? "a call", error);
  return undefined;
}

/** The path of a child. */
export function below(path: string, name: string): string {
  return path === "/" ? `/${name}` : `${path}/${name}`;
}
