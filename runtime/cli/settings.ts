/**
 * What can be said outside of the command line: by the configuration file and by the environment. Every setting is an
 * option of `omnifs mount`; its key, its variable, its type and its page in the manual follow from that one table.
 *
 * @module
 */
import { longFlag, type OptionSpec, quote, type SettingKind, type SettingSpec } from "./command.ts";
import { MOUNT_OPTIONS } from "./grants.ts";

/** One setting. */
export interface Setting {
  /** The option's key. */
  readonly option: string;
  /** The option. */
  readonly spec: OptionSpec<unknown>;
  /** How it is said outside. */
  readonly setting: SettingSpec;
  /** What the file calls it. */
  readonly key: string;
  /** What the environment calls it. */
  readonly variable: string;
}

/** Every setting, in the order of the help of `omnifs mount`. */
export const SETTINGS: readonly Setting[] = Object.entries<OptionSpec<unknown>>(MOUNT_OPTIONS).flatMap(
  ([option, spec]) => {
    const { setting, flags } = spec;
    if (setting === undefined) return [];
    const key = setting.key ?? longFlag(flags).slice(2);
    return [{ option, spec, setting, key, variable: `OMNIFS_${key.toUpperCase().replaceAll("-", "_")}` }];
  },
);

/** A word as a flag would have it. */
export interface SaidWord {
  /** The word. */
  readonly text: string;
  /** Where it is in the value: keys and indices. */
  readonly path: readonly (string | number)[];
}

/** What one place says of a setting: words as a flag would have them, or a switch. */
export type Said = readonly SaidWord[] | boolean;

/** A value that is not of its setting's type. */
export class TypeFault extends Error {
  /** Where in the value: keys and indices; nothing for the whole. */
  readonly path: readonly (string | number)[];

  /** `message` says what is there and what should be. */
  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.name = "TypeFault";
    this.path = path;
  }
}

/** How a type is told, in the manual and in messages. */
export const KINDS: Readonly<Record<SettingKind, string>> = {
  switch: "true or false",
  word: "a string",
  size: 'a string such as "256MiB", or a number of bytes',
  words: "a list of strings",
  scopes: "a list of strings",
  grant: "a list of strings, or true for all that is asked for",
  tables: "a table for each mount",
};

/** How a variable says a value of the type. */
export const VARIABLE_KINDS: Readonly<Record<SettingKind, string>> = {
  switch: "true or false",
  word: "the word",
  size: "the word",
  words: "one a line",
  scopes: "separated by commas",
  grant: "separated by commas, or true",
  tables: "MOUNT.KEY=VALUE, one a line",
};

const whole = (text: string): readonly SaidWord[] => [{ text, path: [] }];

type FromFile = (value: unknown) => Said;

const FROM_FILE: Readonly<Record<SettingKind, FromFile>> = {
  switch: switchOf,
  word: (value) => whole(stringOf(value, "word")),
  size: (value) => whole(typeof value === "number" ? `${value}` : stringOf(value, "size")),
  words: (value) => strings(value, "words"),
  scopes: (value) => strings(value, "scopes"),
  grant: (value) => typeof value === "boolean" ? (value ? whole("") : []) : strings(value, "grant"),
  tables,
};

type FromVariable = (text: string) => Said;

const lines: FromVariable = (text) =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "").flatMap(whole);

const FROM_VARIABLE: Readonly<Record<SettingKind, FromVariable>> = {
  switch: switched,
  word: whole,
  size: whole,
  words: lines,
  scopes: whole,
  grant: (text) => isSwitch(text) ? (switched(text) ? whole("") : []) : whole(text),
  tables: lines,
};

/** What `value` of the file says. @throws {TypeFault} where it is not of the type */
export function fromFile(kind: SettingKind, value: unknown): Said {
  return FROM_FILE[kind](value);
}

/** What the text of a variable says. @throws {TypeFault} where it is not of the type */
export function fromVariable(kind: SettingKind, text: string): Said {
  return FROM_VARIABLE[kind](text);
}

function switchOf(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeFault(`it is ${called(value)}, and takes ${KINDS.switch}`);
}

function stringOf(value: unknown, kind: SettingKind): string {
  if (typeof value === "string") return value;
  throw new TypeFault(`it is ${called(value)}, and takes ${KINDS[kind]}`);
}

function strings(value: unknown, kind: SettingKind): readonly SaidWord[] {
  if (!Array.isArray(value)) throw new TypeFault(`it is ${called(value)}, and takes ${KINDS[kind]}`);
  return value.map((each: unknown, index) => {
    if (typeof each === "string" && each.trim() !== "") return { text: each, path: [index] };
    const what = each === "" ? "an empty string" : called(each);
    throw new TypeFault(`${what} is in the list, which takes strings`, [index]);
  });
}

/** `MOUNT.KEY=VALUE` of each entry of each table. */
function tables(value: unknown): readonly SaidWord[] {
  if (!isTable(value)) throw new TypeFault(`it is ${called(value)}, and takes ${KINDS.tables}`);
  return Object.entries(value).flatMap(([mount, table]) => {
    if (!isTable(table)) {
      throw new TypeFault(`it is ${called(table)}, and takes a table of settings`, [mount]);
    }
    return Object.entries(table).map(([key, entry]) => {
      const path = [mount, key];
      if (["string", "number", "boolean"].includes(typeof entry)) {
        return { text: `${path.join(".")}=${entry}`, path };
      }
      throw new TypeFault(`it is ${called(entry)}, and takes a string, a number, true or false`, path);
    });
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isSwitch(text: string): boolean {
  return /^(?:true|false|1|0|yes|no)$/i.test(text);
}

function switched(text: string): boolean {
  if (isSwitch(text)) return /^(?:true|1|yes)$/i.test(text);
  throw new TypeFault(`it takes true or false, not ${quote(text)}`);
}

function called(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (isTable(value)) return "a table";
  return { string: "a string", number: "a number", boolean: "true or false" }[String(typeof value)] ??
    "nothing";
}
