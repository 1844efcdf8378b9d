/**
 * The operator's log: one line an entry, for people and for `grep`.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** From the least to the most urgent. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@linkcode LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** Facts beside the message, printed as `key=value`. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Takes one finished line, without its newline. */
export type Sink = (line: string) => void;

/** Writes entries of at least one level to a sink. */
export class Log {
  readonly #clock: Clock;
  readonly #sink: Sink;
  readonly #least: number;
  readonly #scope: string;

  /** A log whose entries are stamped by `clock`; `scope` names the part of omnifs that speaks. */
  constructor(clock: Clock, sink: Sink, least: Level = "info", scope = "omnifs") {
    this.#clock = clock;
    this.#sink = sink;
    this.#least = LEVELS.indexOf(least);
    this.#scope = scope;
  }

  /** The same log under another scope. */
  scoped(scope: string): Log {
    return new Log(this.#clock, this.#sink, LEVELS[this.#least] ?? "info", scope);
  }

  /** Writes one entry. */
  write(level: Level, message: string, fields: Fields = {}): void {
    if (LEVELS.indexOf(level) < this.#least) return;
    const time = new Date(this.#clock.now()).toISOString();
    const facts = Object.entries(fields).filter(([, value]) => value !== undefined).map(([key, value]) =>
      ` ${key}=${quoted(String(value))}`
    );
    this.#sink(`${time} ${level.padEnd(5)} ${this.#scope}: ${oneLine(message)}${facts.join("")}`);
  }

  /** For whoever looks for a fault. */
  debug(message: string, fields?: Fields): void {
    this.write("debug", message, fields);
  }

  /** Something happened as it should. */
  info(message: string, fields?: Fields): void {
    this.write("info", message, fields);
  }

  /** Something went wrong and omnifs went on. */
  warn(message: string, fields?: Fields): void {
    this.write("warn", message, fields);
  }

  /** Something went wrong and somebody lost something by it. */
  error(message: string, fields?: Fields): void {
    this.write("error", message, fields);
  }
}

/**
 * `text` with whatever ends a line or moves a cursor escaped, the 8-bit controls too: a provider's words
 * cannot forge an entry.
 */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : json;
}

function quoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : oneLine(JSON.stringify(value));
}
