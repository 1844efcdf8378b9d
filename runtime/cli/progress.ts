/**
 * What a command that takes long says meanwhile: one line on standard error, where a person sits in front of it, with
 * how to stop. It is gone before anything else is printed, and when the work ends, however it ends.
 *
 * @module
 */
import type { Cancel } from "../base/clock.ts";
import type { Context } from "./command.ts";
import { type Output, printable } from "./output.ts";
import { formatDuration } from "./units.ts";

/** Milliseconds of silence before anything is said: whoever is quick needs no excuse. */
export const PATIENCE = 500;

/** Milliseconds between two states of the line. */
const REDRAW = 250;

/** Columns of the line at most: one that wraps could not be taken back. */
const WIDTH = 79;

/** Back to the first column, and the line erased: EL of ECMA-48, 8.3.41. */
const ERASE = "\r\x1b[2K";

/** What a progress line stands on. */
export type ProgressContext = Pick<Context, "err" | "clock">;

/** How to stop what is under way, at the end of the line. */
const STOP = "Ctrl-C stops it";

/** The line of one piece of work. `using` takes it away at the end. */
export class Progress implements Disposable {
  readonly #context: ProgressContext;
  readonly #what: string;
  readonly #stop: string;
  readonly #began: number;
  readonly #isShown: boolean;
  #state = "";
  #drawn = false;
  #cancel: Cancel = () => {};

  /**
   * Begins to wait for {@linkcode PATIENCE}.
   *
   * @param what what is being done, such as `reading /hello/greeting`
   * @param stop what Ctrl-C does here, for work that it does not stop
   */
  constructor(context: ProgressContext, what: string, stop = STOP) {
    this.#context = context;
    this.#what = printable(what);
    this.#stop = stop;
    this.#began = context.clock.monotonic();
    this.#isShown = context.err.isTerminal;
    this.#in(PATIENCE);
  }

  /** Says from the next look on how far it has come, such as `12 MiB` or `step 2 of 5`. */
  tell(state: string): void {
    this.#state = printable(state);
  }

  /** Takes the line away before `out` prints, where that is the same terminal; it comes back after some more silence. */
  async yield(out: Output): Promise<void> {
    if (!this.#isShown || !out.isTerminal) return;
    this.#in(PATIENCE);
    if (!this.#erase()) return;
    // The other output may go to the same terminal by another way.
    await this.#context.err.flush();
  }

  /** Takes the line away for good; may be called again. */
  end(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#erase();
  }

  /** See {@linkcode Progress.end}. */
  [Symbol.dispose](): void {
    this.end();
  }

  #in(milliseconds: number): void {
    if (!this.#isShown) return;
    this.#cancel();
    this.#cancel = this.#context.clock.after(milliseconds, () => {
      this.#draw();
      this.#in(REDRAW);
    });
  }

  #draw(): void {
    const age = formatDuration(this.#context.clock.monotonic() - this.#began);
    const state = this.#state === "" ? "" : `: ${this.#state}`;
    const tail = `${state}, ${age} (${this.#stop})`;
    const room = Math.max(1, WIDTH - tail.length);
    const what = this.#what.length > room ? `${this.#what.slice(0, room - 1)}…` : this.#what;
    this.#context.err.text(`${ERASE}${what}${tail}`.slice(0, ERASE.length + WIDTH));
    this.#drawn = true;
  }

  #erase(): boolean {
    if (!this.#drawn) return false;
    this.#drawn = false;
    this.#context.err.text(ERASE);
    return true;
  }
}

/** `work` under a progress line, which `work` may keep up to date. */
export async function withProgress<Value>(
  context: ProgressContext,
  what: string,
  work: (progress: Progress) => Promise<Value>,
  stop = STOP,
): Promise<Value> {
  using progress = new Progress(context, what, stop);
  return await work(progress);
}
