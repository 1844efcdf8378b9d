/**
 * Which commits took place lately, kept with the number of the generation, so that whoever lost sight of one can ask
 * what became of it: nothing is done twice, and nothing is taken for done that is not.
 *
 * @module
 */

/** A commit that took place. */
export interface Committed {
  /** What it was called by whoever asked for it. */
  readonly correlation: string;
  /** The generation that it made. */
  readonly generation: number;
}

/** The latest commits of a workspace. */
export interface History {
  /** Tells this list from one of the same workspace that was lost. */
  readonly lineage: string;
  /** Every commit after this generation is in the list. */
  readonly from: number;
  /** The oldest first. */
  readonly commits: readonly Committed[];
}

/** How many commits are kept. */
const KEPT = 16;

/** Longest correlation that is kept, in UTF-16 units. */
const LONGEST = 200;

/** A history that knows of nothing before now. */
export function newHistory(): History {
  return { lineage: crypto.randomUUID(), from: 0, commits: [] };
}

/** `history` with one commit more. */
export function withCommit(history: History, { correlation, generation }: Committed): History {
  // One that is too long to keep leaves a gap: of what came before it nobody can say any more that it is all.
  if (correlation.length > LONGEST) return { ...history, from: generation };
  const commits = [...history.commits, { correlation, generation }];
  const dropped = commits.slice(0, -KEPT).at(-1);
  return {
    ...history,
    from: Math.max(history.from, dropped?.generation ?? 0),
    commits: commits.slice(-KEPT),
  };
}

/** `history` as it was in the generation `generation`. */
export function upTo(history: History, generation: number): History {
  return { ...history, commits: history.commits.filter((commit) => commit.generation <= generation) };
}

/** The generation `generation`, as {@linkcode committedSince} takes it. */
export function momentOf({ lineage }: History, generation: number): string {
  return `${lineage} ${generation}`;
}

/** Whether the commit `correlation` took place after `moment`; null where the history does not reach back so far. */
export function committedSince(history: History, correlation: string, moment: string): boolean | null {
  if (history.commits.some((commit) => commit.correlation === correlation)) return true;
  const [lineage, generation = ""] = moment.split(" ");
  const known = lineage === history.lineage && /^\d{1,15}$/.test(generation) &&
    Number(generation) >= history.from;
  return known && correlation.length <= LONGEST ? false : null;
}

/** The history that `value` of a file says; undefined where it says none. */
export function historyFrom(value: unknown): History | undefined {
  const { lineage, from, commits } = fieldsOf(value);
  if (typeof lineage !== "string" || !isNumber(from) || !Array.isArray(commits)) return undefined;
  const read = commits.flatMap((each: unknown): Committed[] => {
    const { correlation, generation } = fieldsOf(each);
    return typeof correlation === "string" && isNumber(generation) ? [{ correlation, generation }] : [];
  });
  return read.length === commits.length ? { lineage, from, commits: read } : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
