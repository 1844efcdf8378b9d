/**
 * What was probably meant by a word that is none.
 *
 * @module
 */

/** The one of `names` that is at most two slips away from `word`, and at most half of it. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil((word.length + 1) / 2));
  for (const name of names) {
    const distance = slips(word.toLowerCase(), name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** The end of a message about `word`, which is none of `names`: the one that was probably meant, if any. */
export function meant(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

/** How many letters must be put in, left out, replaced or swapped with the next (optimal string alignment). */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const costs = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same];
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) costs.push((before[j - 2] ?? 0) + 1);
      next.push(Math.min(...costs));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
