/**
 * Regular expressions of strangers: matched in time that grows with the text and with the expression, never with their
 * powers, as JavaScript's own do (`^(a+)+$`). They are what JSON Schema advises its authors to keep to (draft 2020-12,
 * core, 6.4): characters, classes, groups, alternatives, quantifiers and anchors.
 *
 * The expression becomes a small program whose every possible state is followed at once (K. Thompson, "Regular
 * Expression Search Algorithm", CACM 11:6, 1968).
 *
 * @module
 */

/** Most steps of a program; a quantifier such as `{3,9}` counts what it repeats. */
const MOST_STEPS = 256;

/** Most repetitions that a quantifier may name. */
const MOST_REPEATS = 1_000;

/** Deepest group within groups, and most members of a class. */
const MOST_GROUPS = 16;
const MOST_MEMBERS = 64;

/** True for the code points that a step takes. */
type Takes = (point: number) => boolean;

/** One step: takes a character, goes on at several others, holds at an end of the text only, or is the end. */
type Step =
  | { readonly op: "take"; readonly takes: Takes }
  | { readonly op: "fork"; readonly to: readonly number[] }
  | { readonly op: "start" | "end" | "match" };

/** Writes the steps of one part, which are followed by what comes after them. */
type Part = (steps: Program) => void;

/** What a text is held against. */
export interface TextPattern {
  /** True where `text`, or a part of it, is as the expression says. */
  matches(text: string): boolean;
}

/** The expression of `source`. @throws {Error} where it is none, holds what may take long, or is too large */
export function textPattern(source: string): TextPattern {
  const parser = new Parser(source);
  const program = new Program();
  parser.whole()(program);
  program.add({ op: "match" });
  return { matches: (text) => program.matches(text) };
}

/** A list of steps that grows up to a limit. */
class Program {
  readonly #steps: Step[] = [];

  /** Where the next step will be. */
  get next(): number {
    return this.#steps.length;
  }

  /** Adds a step; answers where it is. */
  add(step: Step): number {
    if (this.#steps.length >= MOST_STEPS) throw new Error(`the pattern has more than ${MOST_STEPS} steps`);
    return this.#steps.push(step) - 1;
  }

  /** Puts another step where one is. */
  set(at: number, step: Step): void {
    this.#steps[at] = step;
  }

  /** See {@linkcode TextPattern}. */
  matches(text: string): boolean {
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const reach = new Reach(this.#steps, points.length);
    for (let at = 0;; at++) {
      // It may begin anywhere.
      if (reach.add(0, at)) return true;
      const point = points[at];
      if (point === undefined) return false;
      for (const state of reach.taken()) {
        const step = this.#steps[state];
        if (step?.op === "take" && step.takes(point) && reach.add(state + 1, at + 1)) return true;
      }
    }
  }
}

/** The steps at which a match may stand: each at most once for each character. */
class Reach {
  readonly #steps: readonly Step[];
  readonly #length: number;
  /** For each step, one more than the place in the text at which it was reached last. */
  readonly #reached: Uint32Array;
  #states: number[] = [];

  constructor(steps: readonly Step[], length: number) {
    this.#steps = steps;
    this.#length = length;
    this.#reached = new Uint32Array(steps.length);
  }

  /** The steps that were reached until now; from here on the next ones are gathered. */
  taken(): readonly number[] {
    const states = this.#states;
    this.#states = [];
    return states;
  }

  /** Adds `first` and all that is reached from it at `at` without a character; true where the match is whole. */
  add(first: number, at: number): boolean {
    const open = [first];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const step = this.#steps[state];
      if (step === undefined || this.#reached[state] === at + 1) continue;
      this.#reached[state] = at + 1;
      if (step.op === "match") return true;
      if (step.op === "take") this.#states.push(state);
      if (step.op === "fork") open.push(...step.to);
      if ((step.op === "start" && at === 0) || (step.op === "end" && at === this.#length)) {
        open.push(state + 1);
      }
    }
    return false;
  }
}

const digit: Takes = (point) => point >= 0x30 && point <= 0x39;
const word: Takes = (point) => /\w/.test(String.fromCodePoint(point));
const space: Takes = (point) => /\s/.test(String.fromCodePoint(point));
const not = (takes: Takes): Takes => (point) => !takes(point);
const is = (wanted: number): Takes => (point) => point === wanted;

/** Escapes that stand for many characters. */
const CLASSES: Readonly<Record<string, Takes>> = {
  d: digit,
  D: not(digit),
  w: word,
  W: not(word),
  s: space,
  S: not(space),
};

/** Escapes that stand for one character. */
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** The end of a line in JavaScript, which a dot does not take (ECMA-262, 12.3). */
const LINE_ENDS: ReadonlySet<number> = new Set([10, 13, 0x2028, 0x2029]);

/** Reads an expression from left to right. */
class Parser {
  readonly #source: string;
  #at = 0;
  #groups = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#source.length) throw this.#wrong("a bracket is closed that was never opened");
    return part;
  }

  #alternatives(): Part {
    const first = this.#sequence();
    if (!this.#take("|")) return first;
    const second = this.#alternatives();
    return (steps) => {
      const fork = steps.add({ op: "fork", to: [] });
      first(steps);
      const over = steps.add({ op: "fork", to: [] });
      steps.set(fork, { op: "fork", to: [fork + 1, steps.next] });
      second(steps);
      steps.set(over, { op: "fork", to: [steps.next] });
    };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      parts.push(this.#repeated(this.#single()));
    }
    return (steps) => parts.forEach((part) => part(steps));
  }

  #repeated(part: Part): Part {
    const [least, most] = this.#quantifier() ?? [1, 1];
    // How much of the text it takes does not matter to whether there is a match.
    if (least !== 1 || most !== 1) this.#take("?");
    if (this.#quantifier() !== undefined) throw this.#wrong("nothing to repeat");
    return (steps) => {
      for (let i = 0; i < least; i++) part(steps);
      if (most === Infinity) return loop(part, steps);
      for (let i = least; i < most; i++) optional(part, steps);
    };
  }

  /** The least and most repetitions, where a quantifier stands next. */
  #quantifier(): readonly [number, number] | undefined {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const found = /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.#source.slice(this.#at, this.#at + 20));
    if (found === null) return undefined;
    const [whole, low = "", comma, high = ""] = found;
    const least = Number(low);
    const most = comma === "" ? least : high === "" ? Infinity : Number(high);
    if (least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS) || most < least) {
      throw this.#wrong(`a repetition is not from 0 to ${MOST_REPEATS}`);
    }
    this.#at += whole.length;
    return [least, most];
  }

  #single(): Part {
    if (this.#take("^")) return (steps) => void steps.add({ op: "start" });
    if (this.#take("$")) return (steps) => void steps.add({ op: "end" });
    if (this.#take("(")) return this.#group();
    const takes = this.#take("[")
      ? this.#class()
      : this.#take(".")
      ? not((p) => LINE_ENDS.has(p))
      : this.#atom();
    return (steps) => void steps.add({ op: "take", takes });
  }

  #group(): Part {
    if (this.#take("?") && !this.#take(":")) throw this.#wrong("only plain groups are matched");
    if (++this.#groups > MOST_GROUPS) throw this.#wrong(`groups are more than ${MOST_GROUPS} deep`);
    const part = this.#alternatives();
    if (!this.#take(")")) throw this.#wrong("a bracket is not closed");
    this.#groups--;
    return part;
  }

  #atom(): Takes {
    const next = this.#peek();
    if ("*+?{}]".includes(next)) throw this.#wrong(`${next} stands alone`);
    const member = this.#member();
    return typeof member === "number" ? is(member) : member;
  }

  #class(): Takes {
    const inverted = this.#take("^");
    const members: Takes[] = [];
    while (!this.#take("]")) {
      if (members.length >= MOST_MEMBERS) throw this.#wrong(`a class has more than ${MOST_MEMBERS} members`);
      const low = this.#member();
      if (typeof low === "number" && this.#peek() === "-" && this.#source[this.#at + 1] !== "]") {
        this.#at++;
        const high = this.#member();
        if (typeof high !== "number" || high < low) throw this.#wrong("a range is out of order");
        members.push((point) => point >= low && point <= high);
      } else members.push(typeof low === "number" ? is(low) : low);
    }
    const any: Takes = (point) => members.some((takes) => takes(point));
    return inverted ? not(any) : any;
  }

  /** One member of a class: a code point, or what an escape stands for. */
  #member(): number | Takes {
    const character = this.#character();
    if (character !== "\\") return character.codePointAt(0) ?? 0;
    const letter = this.#peek();
    const takes = CLASSES[letter];
    if (takes === undefined) return this.#escaped();
    this.#at++;
    return takes;
  }

  /** The code point of an escape that stands for one. */
  #escaped(): number {
    const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/.exec(
      this.#source.slice(this.#at, this.#at + 10),
    );
    if (code !== null) {
      this.#at += code[0].length;
      return parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
    }
    const character = this.#character();
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(character)) throw this.#wrong(`\\${character} is not matched`);
    return character.codePointAt(0) ?? 0;
  }

  #character(): string {
    const point = this.#source.codePointAt(this.#at);
    if (point === undefined) throw this.#wrong("it ends too soon");
    const character = String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }

  #peek(): string {
    return this.#source[this.#at] ?? "";
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #wrong(why: string): Error {
    return new Error(`the pattern ${JSON.stringify(this.#source.slice(0, 80))}: ${why}`);
  }
}

/** `part` any number of times. */
function loop(part: Part, steps: Program): void {
  const fork = steps.add({ op: "fork", to: [] });
  part(steps);
  steps.add({ op: "fork", to: [fork] });
  steps.set(fork, { op: "fork", to: [fork + 1, steps.next] });
}

/** `part` once or not at all. */
function optional(part: Part, steps: Program): void {
  const fork = steps.add({ op: "fork", to: [] });
  part(steps);
  steps.set(fork, { op: "fork", to: [fork + 1, steps.next] });
}
