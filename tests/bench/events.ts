/**
 * How long it takes from an event to the change that a reader sees.
 *
 * A board of notes (`tests/mounted/board`) is mounted by `omnifs mount`, all notes are read once, and a stream is held
 * open. Then a note is written, and its file is read again and again until it shows the new text: the time between is
 * that of the whole way, from the upstream's line over the loopback through gate, component, cache and kernel.
 *
 * @module
 */
import { until } from "../support/deadline.ts";
import { builtComponent } from "../support/build.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { Board } from "../mounted/board_upstream.ts";

/** Most milliseconds that 99 of 100 changes may take to be seen. */
const GOAL = 10;

/** How much is measured; a smoke test takes less. */
export interface EventVolume {
  /** Notes that are cached. */
  readonly notes: number;
  /** Changes that are measured. */
  readonly changes: number;
}

/** How long changes took. */
export interface EventResult {
  /** What the events told. */
  readonly title: string;
  /** How many were measured. */
  readonly changes: number;
  /** Milliseconds within which half of them were seen. */
  readonly p50: number;
  /** Milliseconds within which 99 of 100 were seen. */
  readonly p99: number;
  /** The goal, in words. */
  readonly goal: string;
  /** Whether it was reached. */
  readonly met: boolean;
}

/** How long one change may take before the run is given up, in milliseconds. */
const DEADLINE = 10_000;

/** Measures events that tell what is true now, and such that tell only what changed. */
export async function benchEvents({ notes, changes }: EventVolume): Promise<EventResult[]> {
  await using stack = new AsyncDisposableStack();
  const board = stack.use(new Board());
  for (let n = 0; n < notes; n++) board.write(`n${n}`, `note ${n}`);
  const component = await builtComponent(`${ROOT}/tests/mounted/board`);
  const mounted = stack.use(
    await mountOmnifs([
      `--provider=board=${component}`,
      `--allow-net=${new URL(board.url).host}`,
      `--set=board.url=${board.url}`,
      "--set=board.sources=stream",
    ]),
  );
  const folder = `${mounted.dir}/board/notes`;
  for await (const { name } of Deno.readDir(folder)) await Deno.readTextFile(`${folder}/${name}`);
  await until(() => board.streams > 0, DEADLINE, "an open stream");
  const results: EventResult[] = [];
  for (const telling of [true, false]) {
    board.telling = telling;
    const times: number[] = [];
    for (let n = 0; n < changes; n++) {
      times.push(await timeOf(board, folder, `n${(n * 7) % notes}`, `${telling} ${n}`));
    }
    results.push(
      resultOf(
        telling ? "event to visible change, told in full" : "event to visible change, asked for anew",
        times,
      ),
    );
  }
  return results;
}

async function timeOf(board: Board, folder: string, id: string, text: string): Promise<number> {
  const began = performance.now();
  board.write(id, text);
  for (;;) {
    if (await Deno.readTextFile(`${folder}/${id}`) === `${text}\n`) return performance.now() - began;
    if (performance.now() - began > DEADLINE) throw new Error(`${id} never said ${text}`);
  }
}

/** What `times` say. */
export function resultOf(title: string, times: readonly number[]): EventResult {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
  const [p50, p99] = [at(0.5), at(0.99)];
  return { title, changes: times.length, p50, p99, goal: `p99 ≤ ${GOAL} ms`, met: p99 <= GOAL };
}

/** The results as lines for people. */
export function eventLines(results: readonly EventResult[]): string {
  return results.map(({ title, changes, p50, p99, goal, met }) =>
    `${title}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms of ${changes} (${goal}: ${
      met ? "met" : "missed"
    })`
  ).join("\n");
}
