/**
 * `omnifs inspect` on a terminal that is none: what it is told to do, whatever ends the command.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { InspectDocument } from "../../runtime/control/inspect_documents.ts";
import { live } from "../../runtime/cli/inspect/live.ts";
import type { Terminal } from "../../runtime/cli/inspect/terminal.ts";
import { until } from "../support/deadline.ts";
import { second } from "./document.ts";

/** A terminal whose keys the test types. */
class FakeTerminal implements Terminal {
  readonly raw: boolean[] = [];
  readonly resized = new Set<() => void>();
  text = "";
  dimensions = { columns: 60, rows: 6 };
  broken = false;
  ended = false;
  #typed = "";
  #reading = Promise.withResolvers<void>();

  type(keys: string): void {
    this.#typed += keys;
  }

  size = () => this.dimensions;

  async read(into: Uint8Array): Promise<number | null> {
    this.#reading = Promise.withResolvers();
    try {
      return await this.#read(into);
    } finally {
      this.#reading.resolve();
    }
  }

  /** Resolves when nobody reads. */
  async idle(): Promise<void> {
    await this.#reading.promise;
  }

  async #read(into: Uint8Array): Promise<number | null> {
    await until(() => this.#typed !== "" || this.ended, 30_000, "a key, or the end of the test");
    const keys = this.#typed;
    this.#typed = "";
    return this.ended ? null : new TextEncoder().encodeInto(keys, into).written;
  }

  setRaw(raw: boolean): void {
    this.raw.push(raw);
  }

  write(text: string): Promise<void> {
    if (this.broken) return Promise.reject(new Deno.errors.BrokenPipe("gone"));
    this.text += text;
    return Promise.resolve();
  }

  onResize(changed: () => void): () => void {
    this.resized.add(changed);
    return () => void this.resized.delete(changed);
  }
}

interface Scene {
  readonly terminal: FakeTerminal;
  readonly stop: AbortController;
  /** Ends the stream of documents with an error. */
  readonly fail: (error: Error) => void;
  readonly looking: { ended: boolean };
  readonly done: Promise<void>;
}

async function onTerminal(test: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = begin();
  try {
    await test(scene);
  } finally {
    // Whoever still reads keys gets no more.
    scene.terminal.ended = true;
    await scene.terminal.idle();
  }
}

function begin(): Scene {
  const terminal = new FakeTerminal();
  const stop = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  const looking = { ended: false };
  async function* look(signal: AbortSignal): AsyncGenerator<InspectDocument> {
    try {
      yield second();
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
      await Promise.race([aborted, failure.promise]);
    } finally {
      looking.ended = true;
    }
  }
  const done = live({ terminal, look, styled: (_, text) => text, signal: stop.signal });
  done.catch(() => {});
  return { terminal, stop, fail: failure.reject, looking, done };
}

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/** The screen was taken over once, and given back at the very end. */
function assertRestored({ terminal }: Scene): void {
  assert.deepEqual(terminal.raw, [true, false]);
  assert.ok(terminal.text.startsWith(ENTER));
  assert.equal(terminal.text.split(ENTER).length, 2);
  assert.ok(terminal.text.endsWith(LEAVE));
  assert.equal(terminal.text.split(LEAVE).length, 2);
  assert.equal(terminal.resized.size, 0);
}

const shown = (scene: Scene, text: string) =>
  until(() => scene.terminal.text.includes(text), 10_000, `${text} on the screen`);

Deno.test("q and Ctrl-C end the looking and give the terminal back", async () => {
  for (const key of ["q", "\x03"]) {
    await onTerminal(async (scene) => {
      await shown(scene, "/home/ada/omnifs");
      scene.terminal.type(key);
      await scene.done;
      assertRestored(scene);
      await until(() => scene.looking.ended, 10_000, "the end of looking");
    });
  }
});

Deno.test("SIGTERM gives the terminal back", () =>
  onTerminal(async (scene) => {
    await shown(scene, "/home/ada/omnifs");
    scene.stop.abort();
    await scene.done;
    assertRestored(scene);
  }));

Deno.test("a daemon that is gone gives the terminal back, and is told", () =>
  onTerminal(async (scene) => {
    await shown(scene, "/home/ada/omnifs");
    scene.fail(new Error("cut off"));
    await assert.rejects(scene.done, /cut off/);
    assertRestored(scene);
  }));

Deno.test("a terminal that takes no more text ends it, and echo is on again", () =>
  onTerminal(async (scene) => {
    await shown(scene, "/home/ada/omnifs");
    scene.terminal.broken = true;
    scene.terminal.type("/");
    await assert.rejects(scene.done, Deno.errors.BrokenPipe);
    assert.deepEqual(scene.terminal.raw, [true, false]);
  }));

Deno.test("a key shows at once, and so does another size", () =>
  onTerminal(async (scene) => {
    await shown(scene, "/home/ada/omnifs");
    scene.terminal.type("/gith");
    await shown(scene, "filter: gith");
    scene.terminal.dimensions = { columns: 12, rows: 2 };
    scene.terminal.text = ENTER;
    for (const changed of scene.terminal.resized) changed();
    await shown(scene, "\x1b[H\x1b[2K/home/ada/o…\r\n\x1b[2Kfilter: gith");
    scene.terminal.type("\x03");
    await scene.done;
    assertRestored(scene);
  }));
