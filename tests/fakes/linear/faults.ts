/**
 * Answers that the stand-in gives on demand instead of its own.
 *
 * @module
 */
import { errorOf, statusOf } from "../../../runtime/cli/demo/linear/errors.ts";

/** What goes wrong. */
export interface Fault {
  /** A code of Linear's, such as `RATELIMITED`: an answer with that error, and the status that belongs to it. */
  readonly code?: string;
  /** What the error says. */
  readonly message?: string;
  /** Another status; also that of an answer without any GraphQL in it, where no code is told. */
  readonly status?: number;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** True: the request has its effect, and its answer is lost. */
  readonly lose?: boolean;
  /** How many requests it hits; undefined: every one until the faults are cleared. */
  readonly times?: number;
}

interface Armed {
  readonly match: RegExp;
  readonly fault: Fault;
  left: number;
}

/** What a request meets: another answer than its own, or the loss of its own. */
export type Met = { readonly answer: Response; readonly loses?: never } | {
  readonly loses: true;
  readonly answer?: never;
};

/** The faults that are armed, oldest first. */
export class Faults {
  #armed: Armed[] = [];

  /** Hits requests whose operation's name matches the regular expression `match`. */
  arm(match: string, fault: Fault): void {
    this.#armed.push({ match: new RegExp(match), fault, left: fault.times ?? Infinity });
  }

  /** Disarms all. */
  clear(): void {
    this.#armed = [];
  }

  /** What one request of `operation` meets, spent once; undefined where no fault is armed for it. */
  take(operation: string): Met | undefined {
    const hit = this.#armed.find(({ left, match }) => left > 0 && match.test(operation));
    if (hit === undefined) return undefined;
    hit.left--;
    return hit.fault.lose === true ? { loses: true } : { answer: answerOf(hit.fault) };
  }
}

function answerOf({ code, message, status, headers = {} }: Fault): Response {
  if (code === undefined) return new Response("<html>", { status: status ?? 500, headers });
  const body = { errors: [errorOf(code, message ?? `Injected ${code}`)], data: null };
  return Response.json(body, { status: status ?? statusOf(code), headers });
}
