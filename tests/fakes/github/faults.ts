/**
 * Answers that the stand-in gives on demand instead of its own.
 *
 * @module
 */

/** What goes wrong. Delay comes first; then a stall, or the status, or the usual answer. */
export interface Fault {
  /** Answer with this status; undefined: the usual answer (after `delay`). */
  readonly status?: number;
  /** Headers of that answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of that answer; undefined: a message as GitHub's errors have it. */
  readonly body?: string;
  /** Milliseconds before anything is answered. */
  readonly delay?: number;
  /** Never answer, until the client gives up. */
  readonly stall?: boolean;
  /** Do what is asked, and never answer, until the client gives up. */
  readonly lose?: boolean;
  /** How many requests it hits; undefined: every one until the faults are cleared. */
  readonly times?: number;
}

interface Armed {
  readonly match: RegExp;
  readonly fault: Fault;
  left: number;
}

/** The faults that are armed, oldest first. */
export class Faults {
  #armed: Armed[] = [];

  /** Hits requests whose `METHOD /path?query` matches the regular expression `match`. */
  arm(match: string, fault: Fault): void {
    this.#armed.push({ match: new RegExp(match), fault, left: fault.times ?? Infinity });
  }

  /** Disarms all. */
  clear(): void {
    this.#armed = [];
  }

  /** The fault for one request, spent once; undefined where none is armed for it. */
  take(method: string, path: string): Fault | undefined {
    const hit = this.#armed.find((armed) => armed.left > 0 && armed.match.test(`${method} ${path}`));
    if (hit === undefined) return undefined;
    hit.left--;
    return hit.fault;
  }
}

/** Keeps an answer from a client that `fault` says is to lose it. */
export async function lost(fault: Fault | undefined, request: Request): Promise<void> {
  if (fault?.lose === true) await pause(undefined, request.signal);
}

/** Waits, stalls, or answers as `fault` says; undefined: go on with the usual answer. */
export async function apply(fault: Fault, request: Request): Promise<Response | undefined> {
  if (fault.delay !== undefined) await pause(fault.delay, request.signal);
  if (fault.stall === true) {
    await pause(undefined, request.signal);
    // Nobody hears it, and nothing may come of what was asked after all.
    return new Response(null, { status: 499 });
  }
  if (fault.status === undefined) return undefined;
  const empty = [204, 301, 302, 304].includes(fault.status);
  const body = empty ? null : fault.body ?? JSON.stringify({ message: `Injected ${fault.status}` });
  const headers = { "content-type": "application/json; charset=utf-8", ...fault.headers };
  return new Response(body, { status: fault.status, headers });
}

/** Resolves after `milliseconds` (undefined: never), or when the client goes away. */
function pause(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
