/**
 * Standard output and standard error: what is written while the terminal is busy goes out in one piece.
 *
 * @module
 */

/** Where the bytes go. */
export interface Stream {
  /** Takes some of the bytes, and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** True where a person looks at it. */
  isTerminal(): boolean;
}

/** How a piece of text looks on a terminal: the parameter of SGR (ECMA-48, 8.3.117). */
const STYLES: Readonly<Record<Style, string>> = {
  bold: "1",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
};

/** One of the looks that {@linkcode Output.styled} knows. */
export type Style = "bold" | "red" | "green" | "yellow" | "blue";

/** Bytes that may wait before {@linkcode Output.ready} holds a writer back. */
const WAITING_MAX = 64 * 1024;

const encoder = new TextEncoder();

/** Writes text and bytes in order. */
export class Output {
  readonly #stream: Stream;
  readonly #colour: boolean;
  #waiting: Uint8Array[] = [];
  #text = "";
  #bytes = 0;
  #draining: Promise<void> | undefined;
  #broken: unknown;

  /** Writes to `stream`; `colour` allows looks, which only a terminal gets. */
  constructor(stream: Stream, colour: boolean) {
    this.#stream = stream;
    this.#colour = colour && stream.isTerminal();
  }

  /** True where a person looks at it. */
  get isTerminal(): boolean {
    return this.#stream.isTerminal();
  }

  /** One line; it goes out soon. */
  line(text = ""): void {
    this.text(text + "\n");
  }

  /** Text without a newline of its own. */
  text(text: string): void {
    this.#text += text;
    this.#bytes += text.length;
    this.#start();
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#cut();
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#start();
  }

  /** `value` as a JSON document of several lines. */
  document(value: unknown): void {
    this.line(JSON.stringify(value, null, 2));
  }

  /** `text` in a look, where the output shows looks. */
  styled(style: Style, text: string): string {
    return this.#colour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }

  /** Resolves once there is room again; for whoever writes much. Rejects where nobody reads any more. */
  async ready(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#bytes > WAITING_MAX) await this.flush();
  }

  /** Resolves once everything is written. Rejects where nobody reads any more. */
  async flush(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
    if (this.#broken !== undefined) throw this.#broken;
  }

  #start(): void {
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Whatever is written in this turn of the loop goes out together.
    await Promise.resolve();
    try {
      for (this.#cut(); this.#waiting.length > 0; this.#cut()) {
        const chunks = this.#waiting;
        this.#waiting = [];
        for (const chunk of chunks) await this.#writeAll(chunk);
      }
    } catch (error) {
      this.#broken = error;
      this.#waiting = [];
    }
    // In the same step as the last look at what waits, or a line written in between would stay.
    this.#bytes = 0;
    this.#draining = undefined;
  }

  #cut(): void {
    if (this.#text === "") return;
    this.#waiting.push(encoder.encode(this.#text));
    this.#text = "";
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#stream.write(bytes.subarray(at));
  }
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** `text` without what would move the cursor or forge a line: names come from upstream. */
export function printable(text: string): string {
  return text.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
