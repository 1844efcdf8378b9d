/**
 * The schema of a provider's settings: JSON Schema (draft 2020-12), as much of it as settings take. The component wrote
 * it, so it is read into data and never into a program, and nothing in it can take long: no references, patterns that are
 * matched in step with the text, a limit on how deep it goes. A keyword that is not known is refused rather than passed over.
 *
 * @module
 */
import { textPattern } from "./text_pattern.ts";

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a value. */
export interface SettingFault {
  /** Where: keys, outermost first. */
  readonly path: readonly string[];
  /** What. */
  readonly what: string;
}

/** A schema that was read. */
export interface Rule {
  /** The names of what `properties` describes. */
  readonly keys: readonly string[];
  /** `settings` with defaults in place and text taken for numbers where numbers are wanted, and what is wrong with them. */
  apply(settings: Readonly<Record<string, unknown>>): {
    readonly settings: Readonly<Record<string, unknown>>;
    readonly faults: readonly SettingFault[];
  };
}

/** Deepest schema within schemas. */
const DEEPEST = 8;

/** How much of what a schema says is told, in UTF-16 units. */
const SHOWN = 300;

/** Longest text that is held against a pattern, in UTF-16 units. */
const LONGEST_TEXT = 4_096;

/** What holds a value against one keyword; the text says what is wrong. */
type Check = (value: unknown) => string | undefined;

/** Keywords that say something to people alone. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  // An annotation unless a program chooses otherwise (validation vocabulary, 7.2.1).
  "format",
]);

/** Keywords that hold other schemas or names of them; `read` takes them apart. */
const STRUCTURE: ReadonlySet<string> = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
]);

/** A check for each keyword that concerns the value itself; it throws where the keyword is put wrongly. */
const CHECKS: Readonly<Record<string, (wanted: unknown) => Check>> = {
  enum: (wanted) => {
    const allowed = listOf(wanted).map((each) => JSON.stringify(each));
    const shown = listOf(wanted).map(String).join(", ").slice(0, SHOWN);
    return (value) =>
      allowed.includes(JSON.stringify(value))
        ? undefined
        : `must be equal to one of the allowed values (${shown})`;
  },
  const: (wanted) => (value) =>
    JSON.stringify(value) === JSON.stringify(wanted)
      ? undefined
      : `must be ${JSON.stringify(wanted).slice(0, SHOWN)}`,
  minimum: (wanted) => ofNumbers((n) => n >= numberOf(wanted), `must be >= ${numberOf(wanted)}`),
  maximum: (wanted) => ofNumbers((n) => n <= numberOf(wanted), `must be <= ${numberOf(wanted)}`),
  exclusiveMinimum: (wanted) => ofNumbers((n) => n > numberOf(wanted), `must be > ${numberOf(wanted)}`),
  exclusiveMaximum: (wanted) => ofNumbers((n) => n < numberOf(wanted), `must be < ${numberOf(wanted)}`),
  multipleOf: (wanted) =>
    ofNumbers((n) => Number.isInteger(n / numberOf(wanted)), `must be a multiple of ${numberOf(wanted)}`),
  minLength: (wanted) =>
    ofTexts((text) => lengthOf(text) >= numberOf(wanted), `must have ${numberOf(wanted)} characters or more`),
  maxLength: (wanted) =>
    ofTexts(
      (text) => lengthOf(text) <= numberOf(wanted),
      `must have ${numberOf(wanted)} characters or fewer`,
    ),
  pattern: (wanted) => {
    const pattern = textPattern(textOf(wanted));
    const shown = textOf(wanted).slice(0, SHOWN);
    const check = ofTexts((text) => pattern.matches(text), `must match the pattern ${shown}`);
    const short = ofTexts(
      (text) => text.length <= LONGEST_TEXT,
      `must have ${LONGEST_TEXT} characters or fewer`,
    );
    return (value) => short(value) ?? check(value);
  },
  minItems: (wanted) =>
    ofLists((list) => list.length >= numberOf(wanted), `must have ${numberOf(wanted)} items or more`),
  maxItems: (wanted) =>
    ofLists((list) => list.length <= numberOf(wanted), `must have ${numberOf(wanted)} items or fewer`),
  uniqueItems: (wanted) =>
    ofLists(
      (list) => wanted !== true || new Set(list.map((each) => JSON.stringify(each))).size === list.length,
      "must have no item twice",
    ),
};

/** What `type` may say, and which values are that. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: isFields,
  null: (value) => value === null,
};

/** A value of another type, where it can only be meant as one of this; undefined where it cannot. */
const COERCIONS: Readonly<Record<string, (value: unknown) => unknown>> = {
  string: (value) => typeof value === "number" || typeof value === "boolean" ? String(value) : undefined,
  number: (value) => isNumeric(value) ? Number(value) : undefined,
  integer: (value) => isNumeric(value) && Number.isInteger(Number(value)) ? Number(value) : undefined,
  boolean: (value) => value === "true" ? true : value === "false" ? false : undefined,
};

/** The schema `text`. @throws {Error} where it is none, or holds what settings do not take */
export function readSchema(text: string): Rule {
  return new Reader(JSON.parse(text), 0);
}

/** One schema with those within it. */
class Reader implements Rule {
  readonly #types: readonly string[] | undefined;
  readonly #checks: readonly Check[];
  readonly #properties: ReadonlyMap<string, Reader>;
  readonly #required: readonly string[];
  readonly #others: Reader | boolean;
  readonly #items: Reader | undefined;
  readonly #default: { readonly value: unknown } | undefined;

  constructor(schema: unknown, depth: number) {
    if (!isFields(schema)) throw new Error("a schema is no object");
    if (depth > DEEPEST) throw new Error(`it is more than ${DEEPEST} schemas deep`);
    const unknown = Object.keys(schema).find((keyword) =>
      !ANNOTATIONS.has(keyword) && !STRUCTURE.has(keyword) && !Object.hasOwn(CHECKS, keyword)
    );
    if (unknown !== undefined) {
      throw new Error(`settings do not take the keyword ${JSON.stringify(unknown.slice(0, 80))}`);
    }
    const within = (inner: unknown) => new Reader(inner, depth + 1);
    const { type, properties = {}, required = [], additionalProperties: others = true, items } = schema;
    if (!isFields(properties)) throw new Error("properties is no object");
    this.#types = type === undefined ? undefined : typesOf(type);
    this.#checks = Object.entries(CHECKS).flatMap(([keyword, check]) =>
      Object.hasOwn(schema, keyword) ? [check(schema[keyword])] : []
    );
    this.#properties = new Map(Object.entries(properties).map(([key, inner]) => [key, within(inner)]));
    this.#required = listOf(required).map(textOf);
    this.#others = typeof others === "boolean" ? others : within(others);
    this.#items = items === undefined ? undefined : within(items);
    this.#default = Object.hasOwn(schema, "default") ? { value: schema.default } : undefined;
  }

  get keys(): readonly string[] {
    return [...this.#properties.keys()];
  }

  apply(given: Fields): { settings: Fields; faults: SettingFault[] } {
    const faults: SettingFault[] = [];
    const value = this.#apply(given, [], faults);
    return { settings: isFields(value) ? value : given, faults };
  }

  #apply(given: unknown, path: readonly string[], faults: SettingFault[]): unknown {
    const value = this.#coerced(given);
    const fault = this.#typeFault(value);
    if (fault !== undefined) {
      faults.push({ path, what: fault });
      return value;
    }
    for (const check of this.#checks) {
      const what = check(value);
      if (what !== undefined) faults.push({ path, what });
    }
    if (Array.isArray(value)) return this.#list(value, path, faults);
    return isFields(value) ? this.#object(value, path, faults) : value;
  }

  #list(value: readonly unknown[], path: readonly string[], faults: SettingFault[]): unknown[] {
    return value.map((each, index) =>
      this.#items === undefined ? each : this.#items.#apply(each, [...path, `${index}`], faults)
    );
  }

  #object(value: Fields, path: readonly string[], faults: SettingFault[]): Fields {
    const filled = new Map(Object.entries(value));
    for (const [key, rule] of this.#properties) {
      if (!filled.has(key) && rule.#default !== undefined) {
        filled.set(key, structuredClone(rule.#default.value));
      }
    }
    for (const key of this.#required) {
      if (!filled.has(key)) faults.push({ path: [...path, key], what: "it must be set" });
    }
    for (const [key, each] of filled) {
      const rule = this.#properties.get(key) ?? this.#others;
      if (rule === false) faults.push({ path: [...path, key], what: "there is no such setting" });
      else if (rule !== true) filled.set(key, rule.#apply(each, [...path, key], faults));
    }
    return Object.fromEntries(filled);
  }

  #coerced(value: unknown): unknown {
    if (this.#types === undefined || this.#typeFault(value) === undefined) return value;
    return this.#types.map((type) => COERCIONS[type]?.(value)).find((other) => other !== undefined) ?? value;
  }

  #typeFault(value: unknown): string | undefined {
    if (this.#types === undefined || this.#types.some((type) => TYPES[type]?.(value))) return undefined;
    return `must be ${this.#types.join(" or ")}`;
  }
}

function typesOf(type: unknown): readonly string[] {
  const types = (Array.isArray(type) ? type : [type]).map(textOf);
  const unknown = types.find((each) => !Object.hasOwn(TYPES, each));
  if (unknown !== undefined || types.length === 0) {
    throw new Error(`there is no type ${JSON.stringify(unknown)}`);
  }
  return types;
}

function ofNumbers(holds: (value: number) => boolean, what: string): Check {
  return (value) => typeof value !== "number" || holds(value) ? undefined : what;
}

function ofTexts(holds: (value: string) => boolean, what: string): Check {
  return (value) => typeof value !== "string" || holds(value) ? undefined : what;
}

function ofLists(holds: (value: readonly unknown[]) => boolean, what: string): Check {
  return (value) => !Array.isArray(value) || holds(value) ? undefined : what;
}

/** Characters as JSON Schema counts them: code points (RFC 8259). */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function isNumeric(value: unknown): value is string {
  return typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  throw new Error(`${JSON.stringify(value)?.slice(0, 80)} stands where a number belongs`);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`${JSON.stringify(value)?.slice(0, 80)} stands where a text belongs`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${JSON.stringify(value)?.slice(0, 80)} stands where a list belongs`);
}
