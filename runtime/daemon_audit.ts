/**
 * The audit log: a JSON line for each step before it is sent, and one for each request that was to change an upstream,
 * with who asked for it, by which draft and step, when, and what the upstream answered. Bodies and credentials are not in
 * it.
 *
 * @module
 */
import type { Bus, OmnifsEvents } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { Work } from "./drafts/mod.ts";

/** What the log stands on. */
export interface AuditParts {
  /** The file, which only its owner can read; it is added to. */
  readonly path: string;
  /** The time. */
  readonly clock: Clock;
  /** Where requests are told. */
  readonly bus: Bus;
  /** Where it is noted that the file takes nothing. */
  readonly log: Log;
}

/** Writes the log until it is closed. */
export class Audit {
  readonly #parts: AuditParts;
  readonly #leave: () => void;
  /** What is being done now, by mount. */
  readonly #works = new Map<string, Work>();
  #last: Promise<unknown> = Promise.resolve();

  /** Writes the log of `parts`. */
  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.#leave = parts.bus.subscribe(({ type, time, data }) => {
      // The bus tells type and data apart; what belongs to a type is what `OmnifsEvents` says.
      if (type === "mutation.sent") this.#sent(time, data as OmnifsEvents["mutation.sent"]);
      if (type === "draft.ended") this.#ended(data as OmnifsEvents["draft.ended"]);
    });
  }

  /**
   * Takes down what is about to be done; on the disk when this resolves.
   *
   * @throws {OmnifsError} `unavailable` where the file takes nothing
   */
  async begin(work: Work): Promise<void> {
    this.#works.set(work.mount, work);
    try {
      await this.#append(this.#parts.clock.now(), { event: "step", ...work });
    } catch (error) {
      throw new OmnifsError("unavailable", `the audit log takes nothing: ${messageOf(error)}`, {
        op: "apply",
        path: this.#parts.path,
        mend: "make room on the disk",
        cause: error,
      });
    }
  }

  /** Hears nothing any more; resolves when all that it heard is written. */
  async close(): Promise<void> {
    this.#leave();
    await this.#last;
  }

  #sent(time: number, { mount, method, url, outcome }: OmnifsEvents["mutation.sent"]): void {
    const work = this.#works.get(mount);
    // What no draft asked for was denied and went nowhere; whoever tries that again and again must not fill the disk.
    if (work === undefined && outcome === "denied") return;
    const line = { event: "request", mount, ...work, method, url, outcome };
    this.#append(time, line).catch((error) =>
      this.#parts.log.error(`the audit log takes nothing: ${messageOf(error)}`, { path: this.#parts.path })
    );
  }

  /** What is sent after that is on nobody's behalf. */
  #ended({ draft }: OmnifsEvents["draft.ended"]): void {
    for (const [mount, work] of this.#works) if (work.draft === draft) this.#works.delete(mount);
  }

  #append(at: number, line: object): Promise<void> {
    const time = new Date(at).toISOString();
    const text = new TextEncoder().encode(`${JSON.stringify({ time, ...line })}\n`);
    const written = this.#last.then(() => this.#write(text));
    this.#last = written.catch(() => {});
    return written;
  }

  async #write(text: Uint8Array): Promise<void> {
    using file = await Deno.open(this.#parts.path, { append: true, create: true, mode: 0o600 });
    for (let at = 0; at < text.length;) at += await file.write(text.subarray(at));
    await file.syncData();
  }
}
