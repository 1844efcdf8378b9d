/**
 * The terminal as a screen of its own: taken over, drawn on, and given back as it was.
 *
 * @module
 */
import type { Size } from "./view.ts";

/** A terminal, as far as it is needed here. */
export interface Terminal {
  /** Its size now. */
  size(): Size;
  /** Reads what is typed; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Turns echo, line editing and the keys that send signals off or on. */
  setRaw(raw: boolean): void;
  /** Writes, and resolves once it is written. */
  write(text: string): Promise<void>;
  /** Calls `changed` after each change of its size, until the returned function is called. */
  onResize(changed: () => void): () => void;
}

/** What a terminal without a size of its own is taken for. */
const USUAL: Size = { columns: 80, rows: 24 };

/** The terminal of this process; `write` writes to its output. */
export function ownTerminal(write: Terminal["write"]): Terminal {
  return {
    size() {
      const { columns, rows } = Deno.consoleSize();
      return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
    },
    read: (into) => Deno.stdin.read(into),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    write,
    onResize(changed) {
      Deno.addSignalListener("SIGWINCH", changed);
      return () => Deno.removeSignalListener("SIGWINCH", changed);
    },
  };
}

// Private modes of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html): 1049 is the alternate screen,
// 25 the cursor, 7 the going on in the next line.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/** Runs `work` on a screen of its own, and gives the terminal back as it was, whatever `work` comes to. */
export async function onScreen<Value>(terminal: Terminal, work: () => Promise<Value>): Promise<Value> {
  terminal.setRaw(true);
  try {
    await terminal.write(ENTER);
    return await work();
  } finally {
    try {
      await terminal.write(LEAVE);
    } finally {
      terminal.setRaw(false);
    }
  }
}

/**
 * What draws `lines`, one for each row, over what stood there. A row is erased before it is written: behind its last
 * cell the cursor stands on that cell, and would take it along.
 */
export function frame(lines: readonly string[]): string {
  return `\x1b[H${lines.map((line) => `\x1b[2K${line}`).join("\r\n")}`;
}

// deno-lint-ignore no-control-regex -- what a key sends: CSI and SS3 sequences (ECMA-48, 5.4), or one character
const KEY = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~])|./gsu;

/** The keys in a piece of what was typed: characters, or sequences that begin with escape. */
export function keysIn(text: string): string[] {
  return text.match(KEY) ?? [];
}
