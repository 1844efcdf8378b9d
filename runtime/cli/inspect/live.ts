/**
 * `omnifs inspect` on a terminal: figures as they come, keys as they are typed, a screen after each.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { InspectDocument } from "../../control/inspect_documents.ts";
import type { Styler } from "./cells.ts";
import { NOTHING, press, take, type ViewState } from "./state.ts";
import { frame, keysIn, onScreen, type Terminal } from "./terminal.ts";
import { render } from "./view.ts";

/** What there is to show, and where. */
export interface LiveParts {
  /** Where. */
  readonly terminal: Terminal;
  /** Begins to look; ends when `signal` is aborted. */
  readonly look: (signal: AbortSignal) => AsyncIterable<InspectDocument>;
  /** Puts text in a look, or does not. */
  readonly styled: Styler;
  /** Aborted from outside. */
  readonly signal: AbortSignal;
}

/** Shows what happens until somebody wants no more of it. @throws whatever looking fails with */
export async function live({ terminal, look, styled, signal }: LiveParts): Promise<void> {
  const quit = new AbortController();
  const ended = AbortSignal.any([signal, quit.signal]);
  const screen = new Screen(terminal, styled);
  await onScreen(terminal, async () => {
    const unlisten = terminal.onResize(() => screen.draw());
    try {
      screen.draw();
      const gone = once(ended);
      await Promise.race([
        gone,
        screen.failed,
        follow(look(ended), screen),
        keys(terminal, screen, () => quit.abort(), ended),
      ]);
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      unlisten();
      quit.abort();
      await screen.drawn();
    }
  });
}

/** A state, and the frames that show it: while one is on its way, later states wait together. */
class Screen {
  readonly #terminal: Terminal;
  readonly #styled: Styler;
  #state: ViewState = NOTHING;
  #drawing: Promise<void> | undefined;
  #again = false;
  readonly #failed = Promise.withResolvers<never>();

  constructor(terminal: Terminal, styled: Styler) {
    this.#terminal = terminal;
    this.#styled = styled;
    this.#failed.promise.catch(() => {});
  }

  /** Rejects where the terminal takes no more. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  get state(): ViewState {
    return this.#state;
  }

  show(state: ViewState): void {
    this.#state = state;
    this.draw();
  }

  draw(): void {
    this.#again = true;
    this.#drawing ??= this.#draw();
  }

  async drawn(): Promise<void> {
    await this.#drawing;
  }

  async #draw(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#terminal.write(frame(render(this.#state, this.#terminal.size(), this.#styled)));
      }
    } catch (error) {
      this.#failed.reject(error);
    } finally {
      this.#drawing = undefined;
    }
  }
}

async function follow(documents: AsyncIterable<InspectDocument>, screen: Screen): Promise<void> {
  for await (const document of documents) screen.show(take(screen.state, document));
  throw new OmnifsError("unavailable", "the omnifs that was shown has ended", { mend: "omnifs status" });
}

/** Reads keys until one of them ends it, or nothing can be typed any more. */
async function keys(
  terminal: Terminal,
  screen: Screen,
  quit: () => void,
  ended: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  const piece = new Uint8Array(1024);
  for (;;) {
    const length = await terminal.read(piece);
    if (length === null || ended.aborted) return;
    for (const key of keysIn(decoder.decode(piece.subarray(0, length), { stream: true }))) {
      const next = press(screen.state, key);
      if (next === "quit") return quit();
      screen.show(next);
    }
  }
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
