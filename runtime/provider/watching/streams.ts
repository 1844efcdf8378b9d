/**
 * The streams of one mount, each held open once, however many watches it serves.
 *
 * @module
 */
import type { Cancel } from "../../base/clock.ts";
import { OmnifsError } from "../../base/errors.ts";
import type { StreamEnd } from "../../egress/callout.ts";
import { Backoff } from "./backoff.ts";
import type { WatchParts } from "./host.ts";

/** A watch that a stream serves. */
export interface StreamUser {
  /** The stream is open: what happens from now on will come. What happened until now may be missing. */
  opened(): void;
  /** The stream is not open any more. It will be opened again. */
  broken(error: OmnifsError): void;
}

/** What {@linkcode Streams} needs. */
export interface StreamsParts extends WatchParts {
  /** Takes one line; resolves when it has been dealt with, and never rejects. */
  readonly line: (url: string, line: Uint8Array) => Promise<void>;
}

/** Holds streams open for whoever uses them. */
export class Streams {
  readonly #parts: StreamsParts;
  readonly #streams = new Map<string, Stream>();

  /** No stream is open. */
  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** `user` wants the stream at `url`, until the returned function is called. */
  use(url: string, user: StreamUser): () => Promise<void> {
    const stream = this.#streams.get(url) ?? new Stream(url, this.#parts);
    this.#streams.set(url, stream);
    stream.join(user);
    return async () => {
      if (!stream.leave(user)) return;
      this.#streams.delete(url);
      await stream.stop();
    };
  }

  /** When the stream at `url` last said something, in milliseconds since the Unix epoch. */
  lastWord(url: string): number | undefined {
    return this.#streams.get(url)?.lastWord;
  }
}

/** One stream, opened again whenever it breaks. */
class Stream {
  readonly #url: string;
  readonly #parts: StreamsParts;
  readonly #users = new Set<StreamUser>();
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #run: Promise<void>;
  #open = false;
  #lastWord: number | undefined;

  constructor(url: string, parts: StreamsParts) {
    this.#url = url;
    this.#parts = parts;
    this.#backoff = new Backoff(parts.limits.firstRetry, parts.limits.longestRetry);
    this.#run = this.#hold();
  }

  get lastWord(): number | undefined {
    return this.#lastWord;
  }

  join(user: StreamUser): void {
    this.#users.add(user);
    if (this.#open) user.opened();
  }

  /** True where nobody uses it any more. */
  leave(user: StreamUser): boolean {
    return this.#users.delete(user) && this.#users.size === 0;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#run;
  }

  async #hold(): Promise<void> {
    const { signal } = this.#abort;
    // Whoever made it has yet to join.
    await Promise.resolve();
    while (!signal.aborted) {
      const end = await this.#once(signal);
      if (signal.aborted) return;
      const error = streamFailure(this.#url, end);
      for (const user of [...this.#users]) user.broken(error);
      await this.#pause(Math.max(this.#backoff.next(), error.retryAfter ?? 0), signal);
    }
  }

  /** Opens it, and stays until it ends. */
  async #once(signal: AbortSignal): Promise<StreamEnd> {
    const { clock, events, limits } = this.#parts;
    let openedAt = Infinity;
    const end = await events.subscribe(this.#url, {
      opened: () => {
        if (signal.aborted) return;
        openedAt = clock.monotonic();
        this.#open = true;
        this.#lastWord = clock.now();
        for (const user of [...this.#users]) user.opened();
      },
      line: async (line) => {
        if (signal.aborted) return;
        this.#lastWord = clock.now();
        await this.#parts.line(this.#url, line);
      },
    }, signal);
    this.#open = false;
    if (clock.monotonic() - openedAt >= limits.lived) this.#backoff.reset();
    return end;
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        cancel();
        signal.removeEventListener("abort", over);
        resolve();
      };
      const cancel: Cancel = this.#parts.clock.after(milliseconds, over);
      signal.addEventListener("abort", over, { once: true });
    });
  }
}

/** How a stream ended, as a failure of `subscribe`. */
function streamFailure(url: string, end: StreamEnd): OmnifsError {
  const op = "subscribe";
  switch (end.tag) {
    case "denied":
      return new OmnifsError("denied", `the stream ${url} was not granted: ${end.reason}`, {
        op,
        ...(end.flag === "" ? {} : { path: end.flag, mend: end.flag }),
      });
    case "rate-limited": {
      const wait = end.milliseconds === undefined ? {} : { retryAfter: end.milliseconds };
      return new OmnifsError("rate-limited", `the stream ${url}: the upstream asks to wait`, { op, ...wait });
    }
    case "refused":
      return new OmnifsError(REFUSED[end.status] ?? "unavailable", `the stream ${url}: ${end.status}`, {
        op,
      });
    case "connection":
      return new OmnifsError("unavailable", `the stream ${url} broke: ${end.reason}`, { op });
    default:
      return new OmnifsError("unavailable", `the stream ${url} ended: ${WORDS[end.tag]}`, { op });
  }
}

const REFUSED: Readonly<Record<number, "unauthorized" | "not-found">> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "not-found",
  410: "not-found",
};

const WORDS: Readonly<Record<"closed" | "idle" | "timeout" | "too-large", string>> = {
  "closed": "the upstream closed it",
  "idle": "it was silent for too long",
  "timeout": "it was not opened in time",
  "too-large": "a line of it was too long",
};
