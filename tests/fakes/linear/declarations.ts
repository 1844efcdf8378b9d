/**
 * Reads the type declarations that `@linear/sdk` ships: they were generated from Linear's GraphQL schema.
 *
 * @module
 */

/** One field of an object, input or table of arguments: its name and its type as TypeScript writes it. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** One declaration. */
export type Declaration =
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "alias"; readonly body: string }
  | { readonly kind: "object"; readonly parents: readonly string[]; readonly fields: readonly Field[] };

/** The declarations of the installed `@linear/sdk`, by name. */
export async function readDeclarations(): Promise<Map<string, Declaration>> {
  const folder = new URL(".", import.meta.resolve("@linear/sdk"));
  for await (const { name } of Deno.readDir(folder)) {
    if (/^index-.*\.d\.mts$/.test(name)) return parsed(await Deno.readTextFile(new URL(name, folder)));
  }
  throw new Error(`no declarations of @linear/sdk in ${folder}`);
}

const ENUM = /^(?:declare )?enum (\w+) \{/;
const TYPE = /^type (\w+) = (.*)$/;

function parsed(text: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const name = (ENUM.exec(line) ?? TYPE.exec(line))?.[1];
    if (name === undefined) continue;
    const body = bodyFrom(lines, at);
    found.set(name, ENUM.test(line) ? enumOf(body) : typeOf(body));
    at += body.length - 1;
  }
  return found;
}

/** The lines of the declaration that starts at `start`: up to its closing brace or semicolon. */
function bodyFrom(lines: readonly string[], start: number): string[] {
  const opens = /\{\s*$/.test(lines[start] ?? "");
  const ends = opens ? /^\}/ : /;\s*$/;
  let end = start;
  while (end < lines.length && !(ends.test(lines[end] ?? "") && (end > start || !opens))) end++;
  return lines.slice(start, end + 1);
}

function enumOf(lines: readonly string[]): Declaration {
  const values = lines.map((line) => /^\s*\w+ = "(\w+)"/.exec(line)?.[1]);
  return { kind: "enum", values: values.filter((value) => value !== undefined) };
}

function typeOf(lines: readonly string[]): Declaration {
  const [first = "", ...rest] = lines;
  const head = TYPE.exec(first)?.[2] ?? "";
  if (!/\{\s*$/.test(head)) {
    return { kind: "alias", body: [head, ...rest].map((line) => line.trim()).join(" ").replace(/;$/, "") };
  }
  return { kind: "object", parents: head.match(/\w+/g) ?? [], fields: fieldsOf(rest.slice(0, -1)) };
}

function fieldsOf(lines: readonly string[]): Field[] {
  const code = lines.map((line) => line.trim()).filter((line) => line !== "" && !/^(\/\*\*|\*)/.test(line));
  return code.join(" ").split(/;\s*/).flatMap((part) => {
    const [, name, type] = /^(\w+)\??: (.*)$/.exec(part) ?? [];
    return name === undefined || type === undefined ? [] : [{ name, type }];
  });
}
