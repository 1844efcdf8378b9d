/**
 * Where each key and each value of a TOML document stands, which its parser does not tell. It reads documents that the
 * parser has taken, so it need not see what is wrong with one. TOML 1.0.0: https://toml.io/en/v1.0.0
 *
 * @module
 */

/** A place in a text. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** The way to a value: keys of tables and indices of lists. */
export type TomlPath = readonly (string | number)[];

/** Where the key and where the value stands that `path` leads to, or the nearest one above it. */
export interface Positions {
  /** The key; of a list's entry, the entry. */
  key(path: TomlPath): Position;
  /** The value. */
  value(path: TomlPath): Position;
}

/** The places in `text`, a document without errors. */
export function positionsOf(text: string): Positions {
  const reader = new Reader(text);
  reader.document();
  const find = (found: ReadonlyMap<string, number>, path: TomlPath): Position => {
    for (let length = path.length; length > 0; length--) {
      const at = found.get(nameOf(path.slice(0, length)));
      if (at !== undefined) return positionAt(text, at);
    }
    return { line: 1, column: 1 };
  };
  return { key: (path) => find(reader.keys, path), value: (path) => find(reader.values, path) };
}

function nameOf(path: TomlPath): string {
  return JSON.stringify(path);
}

function positionAt(text: string, at: number): Position {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** What lies between two things, with and without line ends. */
const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const STRING = /"""(?:[^"\\]|\\[^]|"(?!""))*"{3,5}|'''(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const BARE_VALUE = /[^,\]}\n#]+/y;

class Reader {
  readonly keys = new Map<string, number>();
  readonly values = new Map<string, number>();
  readonly #text: string;
  /** How many tables each array of tables has so far. */
  readonly #counts = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    let table: TomlPath = [];
    for (this.#match(BLANK); this.#at < this.#text.length; this.#match(BLANK)) {
      const before = this.#at;
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
      // A document with errors must not hold anybody up.
      if (this.#at === before) return;
    }
  }

  #header(): TomlPath {
    const isArray = this.#text.startsWith("[[", this.#at);
    this.#at += isArray ? 2 : 1;
    const path = this.#key([]);
    this.#at += isArray ? 2 : 1;
    if (!isArray) return path;
    const index = this.#counts.get(nameOf(path)) ?? 0;
    this.#counts.set(nameOf(path), index + 1);
    return [...path, index];
  }

  #pair(table: TomlPath): void {
    const path = this.#key(table);
    this.#at++;
    this.#match(BLANK);
    this.#value(path);
  }

  /** A dotted key; what stands behind it is next. */
  #key(table: TomlPath): TomlPath {
    let path = table;
    do {
      if (path !== table) this.#at++;
      this.#match(BLANK);
      const at = this.#at;
      const quoted = this.#match(STRING);
      path = [...path, quoted === "" ? this.#match(BARE_KEY) : unquoted(quoted)];
      if (!this.keys.has(nameOf(path))) this.#found(path, at, at);
      this.#match(BLANK);
    } while (this.#text[this.#at] === ".");
    return path;
  }

  #value(path: TomlPath): void {
    this.values.set(nameOf(path), this.#at);
    const first = this.#text[this.#at];
    if (first === "[") this.#entries("]", (index) => this.#entry([...path, index]));
    else if (first === "{") this.#entries("}", () => this.#pair(path));
    else if (this.#match(STRING) === "") this.#match(BARE_VALUE);
  }

  #entry(path: TomlPath): void {
    this.#found(path, this.#at, this.#at);
    this.#value(path);
  }

  /** What stands between brackets, with commas between. */
  #entries(end: string, entry: (index: number) => void): void {
    this.#at++;
    for (let index = 0; this.#at < this.#text.length; index++) {
      this.#match(BLANK);
      if (this.#text[this.#at] === end) break;
      entry(index);
      this.#match(BLANK);
      if (this.#text[this.#at] === ",") this.#at++;
    }
    this.#at++;
  }

  #found(path: TomlPath, key: number, value: number): void {
    this.keys.set(nameOf(path), key);
    this.values.set(nameOf(path), value);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

/** A quoted key; one with escapes is read as JSON, whose escapes are TOML's but for `\U`, which no key of ours needs. */
function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1, -1);
  try {
    return String(JSON.parse(word));
  } catch {
    return word.slice(1, -1);
  }
}
