/**
 * What a test run came to, out of the JUnit report that `deno test` writes.
 *
 * @module
 */

/** Counts of tests; a step of a test counts like a test. */
export interface Tally {
  /** Tests that passed. */
  readonly passed: number;
  /** The names of those that failed. */
  readonly failed: readonly string[];
  /** Tests that were not run. */
  readonly skipped: number;
}

/** Nothing was run. */
export const NOTHING: Tally = { passed: 0, failed: [], skipped: 0 };

/** The counts of a JUnit report. */
export function tallyOf(junit: string): Tally {
  const cases = junit.split("<testcase ").slice(1);
  const failed = cases.filter((text) => /<(failure|error)\b/.test(text)).map(nameOf);
  const skipped = cases.filter((text) => text.includes("<skipped")).length;
  return { passed: cases.length - failed.length - skipped, failed, skipped };
}

/** The test files that a JUnit report tells of, as paths relative to where `deno test` ran. */
export function filesOf(junit: string): string[] {
  return [...junit.matchAll(/<testsuite name="\.\/([^"]*)"/g)].map(([, path = ""]) => path);
}

/** The sum of two. */
export function plus(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: [...a.failed, ...b.failed], skipped: a.skipped + b.skipped };
}

/** The line that ends a run, for people and for scripts. */
export function totals({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed.length} failed, ${skipped} skipped`;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function nameOf(testcase: string): string {
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(testcase)?.[1] ?? "?";
  const name = attribute("name").replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
  return `${name} (${attribute("classname")}:${attribute("line")})`;
}
