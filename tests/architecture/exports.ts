/**
 * Finds exports that nobody needs, on the syntax trees of all files at once.
 *
 * An export lives where a file of the product imports it. A test alone does not keep it alive, unless its own
 * file uses it too: then the test looks at a part of something that is in use. A type that its own file uses
 * lives as well, since a documented signature may only name types that can be imported.
 *
 * It needs `Deno.lint.runPlugin`, which exists under `deno test` alone.
 *
 * @module
 */
import { posix } from "node:path";
import type { KeptExport } from "./rules.ts";
import type { Source } from "./sources.ts";

/** What one file exports and takes from others. */
interface Surface {
  readonly path: string;
  /** Exported name → true where it is a type. */
  readonly exports: Map<string, boolean>;
  /** `file name`, or `file *` for everything of it. */
  readonly takes: Set<string>;
  /** How often each identifier stands in the file. */
  readonly mentions: Map<string, number>;
}

/** One line, `path: name`, for each export of `sources` that is dead; `kept` are not asked. */
export function deadExports(sources: readonly Source[], kept: readonly KeptExport[]): string[] {
  const surfaces = sources.map(surfaceOf);
  const isTest = (path: string) => path.startsWith("tests/");
  const taken = (tests: boolean) =>
    new Set(surfaces.filter(({ path }) => isTest(path) === tests).flatMap(({ takes }) => [...takes]));
  const [byProduct, byTests] = [taken(false), taken(true)];
  const isKept = (path: string) => kept.some((keep) => path === keep.path || isBelow(path, keep.path));

  return surfaces.filter(({ path }) => !isKept(path)).flatMap(({ path, exports, mentions }) =>
    [...exports].filter(([name, isType]) => {
      const has = (taken: Set<string>) => taken.has(`${path} ${name}`) || taken.has(`${path} *`);
      if (has(byProduct) || (isTest(path) && has(byTests))) return false;
      const usedAtHome = (mentions.get(name) ?? 0) > 1;
      return !(usedAtHome && (isType || has(byTests)));
    }).map(([name]) => `${path}: ${name}`)
  );
}

function isBelow(path: string, folder: string): boolean {
  return folder.endsWith("/") && path.startsWith(folder);
}

function surfaceOf({ path, text }: Source): Surface {
  const surface: Surface = { path, exports: new Map(), takes: new Set(), mentions: new Map() };
  const plugin: Deno.lint.Plugin = { name: "omnifs", rules: { surface: { create: () => visitor(surface) } } };
  Deno.lint.runPlugin(plugin, path, text);
  return surface;
}

function visitor({ path, exports, takes, mentions }: Surface): Deno.lint.LintVisitor {
  const take = (specifier: string, name: string) => void takes.add(`${resolve(path, specifier)} ${name}`);
  return {
    ImportDeclaration(node) {
      for (const specifier of node.specifiers) take(node.source.value, importedName(specifier));
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") take(String(node.source.value), "*");
    },
    TSImportType({ argument }) {
      if (argument.type !== "TSLiteralType" || argument.literal.type !== "Literal") return;
      take(String(argument.literal.value), "*");
    },
    ExportAllDeclaration(node) {
      take(node.source.value, "*");
    },
    ExportNamedDeclaration(node) {
      for (const name of declaredNames(node.declaration)) exports.set(name, isType(node.declaration));
      for (const { local, exported } of node.specifiers) {
        const name = nameOf(exported);
        if (node.source === null) exports.set(name, node.exportKind === "type");
        else take(node.source.value, nameOf(local));
      }
    },
    Identifier({ name }) {
      mentions.set(name, (mentions.get(name) ?? 0) + 1);
    },
  };
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : specifier;
}

function importedName(specifier: Deno.lint.ImportDeclaration["specifiers"][number]): string {
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
}

function nameOf(node: Deno.lint.Identifier | Deno.lint.StringLiteral): string {
  return node.type === "Identifier" ? node.name : node.value;
}

type Declaration = Deno.lint.ExportNamedDeclaration["declaration"];

function isType(declaration: Declaration): boolean {
  return declaration?.type === "TSInterfaceDeclaration" || declaration?.type === "TSTypeAliasDeclaration";
}

function declaredNames(declaration: Declaration): string[] {
  if (declaration === null) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => id.type === "Identifier" ? [id.name] : []);
  }
  return "id" in declaration && declaration.id?.type === "Identifier" ? [declaration.id.name] : [];
}
