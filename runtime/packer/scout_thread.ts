/**
 * Starts the scout's thread and speaks to it.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Digested, Place } from "./look.ts";
import type { Changes, Found, FromScout, RootFound, Scout, ScoutAnswer, ScoutAsk, ToScout } from "./scout.ts";

interface Waiting {
  readonly take: (places: readonly Place[]) => void;
  readonly resolve: (answer: ScoutAnswer) => void;
  readonly reject: (error: OmnifsError) => void;
}

/** A scout in a thread that may read `assets` (absolute, without links) and has no other permission. */
export class ScoutThread implements Scout {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #latest = 0;
  #listener: (changes: Changes) => void = () => {};
  #mourn: (why: string) => void = () => {};
  #ended: OmnifsError | undefined;

  /** Starts the thread. */
  constructor(assets: string) {
    this.#worker = new Worker(new URL("./scout_worker.ts", import.meta.url), {
      type: "module",
      name: "omnifs packer",
      deno: { permissions: { read: [assets] } },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromScout>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(messageOf(event.message));
      this.#mourn(messageOf(event.message));
    };
    this.#post({ type: "start", assets });
  }

  /** See {@linkcode Scout.survey}. */
  async survey(
    from: string,
    registered: readonly string[],
    take: (places: readonly Place[]) => void,
  ): Promise<void> {
    await this.#ask({ ask: "survey", from, registered }, take);
  }

  /** See {@linkcode Scout.find}. */
  async find(path: string): Promise<Found> {
    const answer = await this.#ask({ ask: "find", path });
    if (answer.ask === "find") return answer.found;
    throw wrongAnswer();
  }

  /** See {@linkcode Scout.declaration}. */
  async declaration(root: string): Promise<RootFound> {
    const answer = await this.#ask({ ask: "declaration", root });
    if (answer.ask === "declaration") return answer.found;
    throw wrongAnswer();
  }

  /** See {@linkcode Scout.digests}. */
  async digests(paths: readonly string[]): Promise<readonly Digested[]> {
    const answer = await this.#ask({ ask: "digests", paths });
    if (answer.ask === "digests") return answer.digests;
    throw wrongAnswer();
  }

  /** See {@linkcode Scout.watch}. */
  async watch(listener: (changes: Changes) => void): Promise<void> {
    this.#listener = listener;
    await this.#ask({ ask: "watch" });
  }

  /** See {@linkcode Scout.onDeath}. */
  onDeath(listener: (why: string) => void): void {
    this.#mourn = listener;
  }

  /** See {@linkcode Scout.close}. */
  close(): void {
    this.#mourn = () => {};
    this.#end("the packer was closed");
    this.#worker.terminate();
  }

  #ask(question: ScoutAsk, take: (places: readonly Place[]) => void = () => {}): Promise<ScoutAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#latest;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { take, resolve, reject });
      this.#post({ type: "ask", id, question });
    });
  }

  #take(message: FromScout): void {
    if (message.type === "changes") return this.#listener(message.changes);
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.type === "places") return waiting.take(message.places);
    this.#waiting.delete(message.id);
    if (message.type === "answer") return waiting.resolve(message.answer);
    const { message: text, mend } = message;
    waiting.reject(new OmnifsError("unavailable", text, mend === undefined ? {} : { mend }));
  }

  #end(why: string): void {
    this.#ended = new OmnifsError("unavailable", `the thread that looks at the workspace has ended: ${why}`);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }

  #post(message: ToScout): void {
    this.#worker.postMessage(message);
  }
}

function wrongAnswer(): OmnifsError {
  return new OmnifsError("internal", "the scout answered another question");
}
