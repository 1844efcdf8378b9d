/**
 * Linear's own schema, rebuilt from the declarations of its official client.
 *
 * @module
 */
import { type Declaration, type Field, readDeclarations } from "./declarations.ts";

const BUILT_IN: readonly string[] = ["ID", "String", "Boolean", "Int", "Float"];

/** The schema in GraphQL's own language: all that can be reached from `Query` and `Mutation`. */
export async function linearSchema(): Promise<string> {
  return new Writer(await readDeclarations()).text();
}

/** Writes what is reachable. */
class Writer {
  readonly #all: ReadonlyMap<string, Declaration>;
  readonly #interfaces: ReadonlySet<string>;
  readonly #written = new Map<string, string>();

  constructor(all: ReadonlyMap<string, Declaration>) {
    this.#all = all;
    const parents = [...all.values()].flatMap((one) => one.kind === "object" ? one.parents : []);
    this.#interfaces = new Set(parents.filter((name) => all.has(name)));
  }

  text(): string {
    this.#writeFrom(["Query", "Mutation"]);
    // Types that only ever stand behind an interface are named by no field.
    for (;;) {
      const more = [...this.#all].filter(([name, one]) => this.#isHidden(name, one)).map(([name]) => name);
      if (more.length === 0) break;
      this.#writeFrom(more);
    }
    const scalars = this.#all.get("Scalars");
    const names = scalars?.kind === "object" ? scalars.fields.map(({ name }) => name) : [];
    const own = names.filter((name) => !BUILT_IN.includes(name)).map((name) => `scalar ${name}`);
    return [...own, ...this.#written.values()].join("\n");
  }

  #isHidden(name: string, one: Declaration): boolean {
    if (this.#written.has(name) || !isOutput(one) || one.kind !== "object") return false;
    return one.parents.some((parent) => parent !== "Node" && this.#written.has(parent));
  }

  #writeFrom(names: readonly string[]): void {
    const queue = [...names];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const one = this.#all.get(name);
      if (one === undefined || this.#written.has(name) || name === "Scalars") continue;
      const text = this.#definition(name, one);
      this.#written.set(name, text);
      queue.push(...new Set(text.match(/\b[A-Z]\w*/g) ?? []));
    }
  }

  #definition(name: string, one: Declaration): string {
    if (one.kind === "enum") return `enum ${name} { ${one.values.join(" ")} }`;
    if (one.kind === "alias") return `union ${name} = ${one.body.replace(/^\s*\|/, "")}`;
    if (!isOutput(one) && !this.#interfaces.has(name)) {
      return `input ${name} { ${
        one.fields.map((field) => `${field.name}: ${typeOf(field.type)}`).join(" ")
      } }`;
    }
    const parents = one.parents.filter((parent) => this.#interfaces.has(parent));
    const implemented = parents.length === 0 ? "" : ` implements ${parents.join(" & ")}`;
    const fields = one.fields.filter((field) => field.name !== "__typename").map((field) =>
      `  ${field.name}${this.#arguments(name, field)}: ${typeOf(field.type)}`
    );
    return `${this.#interfaces.has(name) ? "interface" : "type"} ${name}${implemented} {\n${
      fields.join("\n")
    }\n}`;
  }

  #arguments(type: string, field: Field): string {
    const name = `${type}${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Args`;
    const one = this.#all.get(name);
    if (one?.kind !== "object" || one.fields.length === 0) return "";
    return `(${one.fields.map((argument) => `${argument.name}: ${typeOf(argument.type)}`).join(", ")})`;
  }
}

function isOutput(one: Declaration): boolean {
  return one.kind === "object" && one.fields.some(({ name }) => name === "__typename");
}

/** A TypeScript type of the generator as GraphQL writes it. */
function typeOf(type: string): string {
  const [, wrapper, inner] = /^(InputMaybe|Maybe|Array)<(.*)>$/.exec(type) ?? [];
  if (inner !== undefined) {
    return wrapper === "Array" ? `[${typeOf(inner)}]!` : typeOf(inner).replace(/!$/, "");
  }
  const name = /^Scalars\["(\w+)"\]$/.exec(type)?.[1] ?? type;
  if (!/^\w+$/.test(name)) throw new Error(`a type of @linear/sdk that nobody expected: ${type}`);
  return `${name}!`;
}
