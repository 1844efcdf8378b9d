/**
 * Reads JSON documents and holds them against a published schema; what is wrong is told with its line.
 *
 * The usual case pays for `JSON.parse` and the schema alone: places are looked for only where something is wrong.
 *
 * @module
 */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Fault, Reading } from "./fault.ts";

/** One refusal of a schema, as ajv tells it. */
export interface SchemaError {
  /** Where: a JSON pointer (RFC 6901). */
  readonly instancePath: string;
  /** The keyword of the schema that refuses. */
  readonly keyword: string;
  /** What the keyword wanted. */
  readonly params: Readonly<Record<string, unknown>>;
  /** ajv's own words. */
  readonly message?: string;
}

/** A compiled schema. */
export interface Validator<Value> {
  /** True where `value` is as the schema asks. */
  (value: unknown): value is Value;
  /** Why the latest value was not. */
  errors?: readonly SchemaError[] | null;
}

/** Strict JSON: what other tools read, too. */
const STRICT = { allowTrailingComma: false, disallowComments: true, allowEmptyContent: false };

/** `text` of the file at `path` as what `validate` accepts. */
export function readDocument<Value>(
  path: string,
  text: string,
  validate: Validator<Value>,
): Reading<Value> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, faults: [syntaxFault(path, text)] };
  }
  if (validate(value)) return { ok: true, value };
  const tree = parseTree(text, [], STRICT);
  const [first, ...others] = (validate.errors ?? []).map((error) => schemaFault(path, text, tree, error));
  return { ok: false, faults: [first ?? unexplained(path), ...others] };
}

/** The 1-based line of the value that `keys` lead to, or of the nearest one above it. */
export function lineAt(text: string, keys: readonly (string | number)[]): number {
  return lineOfKeys(text, parseTree(text, [], STRICT), keys);
}

/** The 1-based line of `offset`. */
function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function lineOfKeys(text: string, tree: Node | undefined, keys: readonly (string | number)[]): number {
  for (let length = keys.length; tree !== undefined && length >= 0; length--) {
    const node = findNodeAtLocation(tree, keys.slice(0, length));
    if (node !== undefined) return lineOf(text, node.offset);
  }
  return 1;
}

function syntaxFault(path: string, text: string): Fault {
  const errors: ParseError[] = [];
  parseTree(text, errors, STRICT);
  const [first] = errors;
  const line = lineOf(text, first?.offset ?? text.length);
  const what = first === undefined ? "not a JSON document" : SYNTAX[printParseErrorCode(first.error)];
  return {
    path,
    line,
    rule: "json",
    message: `not JSON: ${what ?? "bad syntax"}`,
    mend: `edit line ${line}`,
  };
}

/** The parser's names, in words. */
const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: "a word that is none of true, false and null",
  InvalidNumberFormat: "a number that is none",
  PropertyNameExpected: "a property's name in double quotes was expected",
  ValueExpected: "a value was expected",
  ColonExpected: "a colon was expected",
  CommaExpected: "a comma was expected",
  CloseBraceExpected: "a closing brace is missing",
  CloseBracketExpected: "a closing bracket is missing",
  EndOfFileExpected: "there is more after the end of the document",
  InvalidCommentToken: "comments are not JSON",
  UnexpectedEndOfString: "a string has no end",
  UnexpectedEndOfNumber: "a number has no end",
  InvalidUnicode: "an escape in a string is none",
  InvalidEscapeCharacter: "an escape in a string is none",
  InvalidCharacter: "a string holds a control character",
};

function schemaFault(path: string, text: string, tree: Node | undefined, error: SchemaError): Fault {
  const keys = keysOf(error.instancePath);
  const line = lineOfKeys(text, tree, keys);
  const where = keys.length === 0 ? "the document" : keys.join(".");
  const { message, mend } = explained(where, keys, error);
  return { path, line, rule: "schema", message, mend };
}

/** `/assets/0/root` as keys (RFC 6901). A number is an index: no document of the packer has objects with such keys. */
function keysOf(pointer: string): (string | number)[] {
  return pointer.split("/").slice(1).map((part) => {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(key) ? Number(key) : key;
  });
}

function explained(
  where: string,
  keys: readonly (string | number)[],
  { keyword, params, message }: SchemaError,
): { message: string; mend: string } {
  if (keyword === "required") {
    const missing = String(params.missingProperty);
    return { message: `${where} has no ${missing}`, mend: `add ${JSON.stringify(missing)}` };
  }
  if (keyword === "false schema") {
    return {
      message: `${where} has no place here`,
      mend: `take ${keys.at(-1)} out: it belongs in index.json`,
    };
  }
  const wanted = WANTED[keyword]?.(params) ?? message ?? keyword;
  return { message: `${where} ${wanted}`, mend: `change ${keys.at(-1) ?? "it"}` };
}

/** What a value ought to be, by the keyword that refused it. */
const WANTED: Readonly<Record<string, (params: Record<string, unknown>) => string>> = {
  type: ({ type }) => `must be ${article(String(type))}`,
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  pattern: () => "must be a UUID, such as 5b1f6a0e-9c1d-4a53-8f0e-2d8f1f1c7a44",
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  minLength: () => "must not be empty",
  maxLength: ({ limit }) => `must have at most ${limit} characters`,
};

function article(type: string): string {
  return `${/^[aio]/.test(type) ? "an" : "a"} ${type}`;
}

function unexplained(path: string): Fault {
  return { path, line: 1, rule: "schema", message: "not as its schema asks", mend: "see the schema" };
}
