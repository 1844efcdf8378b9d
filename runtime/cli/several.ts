/**
 * One thing done to several words: a failure of one does not keep it from the others.
 *
 * @module
 */
import { asOmnifsError } from "../base/errors.ts";
import { type Context, EXIT, type ExitCode } from "./command.ts";
import { isBrokenPipe, report } from "./report.ts";

/** Counts what went well and what did not. */
export class Tally {
  readonly #context: Context;
  #good = 0;
  #bad: unknown[] = [];

  /** Reports to the standard error of `context`. */
  constructor(context: Context) {
    this.#context = context;
  }

  /** Does `work`, and reports its failure; one that concerns more than this word is thrown. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#good++;
    } catch (error) {
      this.failed(error);
    }
  }

  /** Reports a failure; one that concerns more than this word is thrown. */
  failed(error: unknown): void {
    if (isBrokenPipe(error)) throw error;
    // However the work put it: it was the user who ended it.
    if (this.#context.signal.aborted) throw this.#context.signal.reason;
    this.#bad.push(error);
    report(this.#context.err, this.#context.format, asOmnifsError(error));
  }

  /** Something went well that was not attempted here. */
  succeeded(): void {
    this.#good++;
  }

  /** How the command exits. */
  get code(): ExitCode {
    if (this.#bad.length === 0) return EXIT.done;
    return this.#good > 0 ? EXIT.partial : EXIT.failed;
  }
}

/** Prints values one by one: as one JSON array, as JSON lines, or by `line` for people. */
export class Printer<Value> {
  readonly #context: Context;
  readonly #line: (value: Value) => string;
  #printed = 0;

  /** Prints to the standard output of `context`. */
  constructor(context: Context, line: (value: Value) => string) {
    this.#context = context;
    this.#line = line;
  }

  /** Prints one value; resolves when there is room for the next. */
  async print(value: Value): Promise<void> {
    const { out, format } = this.#context;
    if (format === "human") out.line(this.#line(value));
    else if (format === "jsonl") out.line(JSON.stringify(value));
    else out.text(`${this.#printed === 0 ? "[\n" : ",\n"}  ${JSON.stringify(value)}`);
    this.#printed++;
    await out.ready();
  }

  /** Ends the array. */
  end(): void {
    if (this.#context.format !== "json") return;
    this.#context.out.line(this.#printed === 0 ? "[]" : "\n]");
  }
}
