/**
 * The thread of a guest from outside: how it is started, and how long it has computed.
 *
 * @module
 */
import { CONTROL } from "./protocol.ts";

/** The thread of a guest, as far as the system tells of it. */
export interface GuestThread {
  /** Milliseconds of processor time that it has had; undefined where that is not known any more. */
  computed(): number | undefined;
}

/** A worker that was started. */
export interface StartedThread {
  /** It. */
  readonly worker: Worker;
  /** Its thread; undefined where the system does not tell. */
  readonly thread: GuestThread | undefined;
}

/** Starts the thread of a guest: `start` makes the worker, at once. */
export type StartThread = (start: () => Worker) => StartedThread;

/** Starts it as one thread among others. */
export function plainThread(start: () => Worker): StartedThread {
  return { worker: start(), thread: undefined };
}

/** So many milliseconds of waiting count as one of computing: a thread that waits for a processor is not at fault. */
const PATIENCE = 16;

/** Measures how long a guest has computed since it last heard from its host. */
export class ComputeMeter {
  readonly #control: Int32Array;
  readonly #thread: GuestThread | undefined;
  #beat = 0;
  #computed = 0;
  #milliseconds = 0;

  /** Over the control block of the thread's worker. */
  constructor(control: Int32Array, thread: GuestThread | undefined) {
    this.#control = control;
    this.#thread = thread;
  }

  /**
   * The instance that computes, 0 for none, and for how many milliseconds it has, to be asked every `interval`
   * milliseconds. Processor time counts, where the system tells it: on a busy machine a guest may get little.
   */
  read(interval: number): { readonly instance: number; readonly milliseconds: number } {
    const beat = Atomics.load(this.#control, CONTROL.beat);
    const instance = Atomics.load(this.#control, CONTROL.running);
    const computed = this.#thread?.computed();
    const more = computed === undefined ? interval : Math.max(computed - this.#computed, interval / PATIENCE);
    this.#milliseconds = beat === this.#beat && instance !== 0 ? this.#milliseconds + more : 0;
    this.#beat = beat;
    this.#computed = computed ?? 0;
    return { instance, milliseconds: this.#milliseconds };
  }
}
