/**
 * Looks for calls outside of their home, on the syntax tree: a word in a comment or a string is no call.
 *
 * It needs `Deno.lint.runPlugin`, which exists under `deno test` alone.
 *
 * @module
 */
import type { Home } from "./rules.ts";
import type { Source } from "./sources.ts";

/** One line, `path:line: what`, for each call in `source` that stands outside of its home. */
export function strays(source: Source, homes: readonly Home[]): string[] {
  const away = homes.filter((home) => !home.homes.some((place) => isIn(source.path, place)));
  return matches(source, away.map(({ what, selector }) => ({ what, selector })));
}

/** One line for each place in `source` that waits: `await`, an async function, `.then(…)`. */
export function waits(source: Source): string[] {
  return matches(source, [
    { what: "await", selector: "AwaitExpression" },
    {
      what: "an async function",
      selector: ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)[async=true]",
    },
    { what: ".then(…)", selector: "CallExpression[callee.property.name='then']" },
  ]);
}

function isIn(path: string, place: string): boolean {
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}

function matches(source: Source, searches: readonly { what: string; selector: string }[]): string[] {
  const rules = searches.map(({ what, selector }, index): [string, Deno.lint.Rule] => [
    `rule-${index}`,
    {
      create: (context) => ({
        [selector]: (node: Deno.lint.Node) => context.report({ node, message: what }),
      }),
    },
  ]);
  const plugin: Deno.lint.Plugin = { name: "omnifs", rules: Object.fromEntries(rules) };
  const found = Deno.lint.runPlugin(plugin, source.path, source.text);
  // Two ways to write a call may be one and the same line.
  return [
    ...new Set(
      found.map(({ message, range: [start] }) => `${source.path}:${lineAt(source.text, start)}: ${message}`),
    ),
  ];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
