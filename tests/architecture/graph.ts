/**
 * The import graph as `deno info` sees it, and the two laws that it obeys: the import table, and no cycles.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CLOSED, IMPORTS, PACKAGES } from "./rules.ts";
import { PRODUCT, ROOT, sourcesBelow } from "./sources.ts";

/** One import: `lazy` where it is an `import()`, `type` where nothing is left of it at run time. */
export interface Edge {
  /** The importing file, relative to the checkout. */
  readonly from: string;
  /** A file of the checkout, or `npm:` and the name of a package. */
  readonly to: string;
  /** When it loads. */
  readonly kind: "value" | "type" | "lazy";
}

interface InfoDependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly InfoDependency[];
  }[];
}

/** Every import of the product. One `deno info` over a file that imports all of it. */
export async function productEdges(): Promise<Edge[]> {
  const folder = await Deno.makeTempDir({ prefix: "omnifs-graph-" });
  try {
    const entry = join(folder, "all.ts");
    const sources = await sourcesBelow(PRODUCT);
    const lines = sources.map(({ path }) =>
      `import ${JSON.stringify(pathToFileURL(join(ROOT, path)).href)};`
    );
    await Deno.writeTextFile(entry, lines.join("\n"));
    return edgesOf(await info(entry), pathToFileURL(`${ROOT}/`).href);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function info(entry: string): Promise<Info> {
  const args = ["info", "--json", "--config", join(ROOT, "deno.json"), entry];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (code !== 0) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The edges of `graph` that start in a source file below `root`, a URL that ends in a slash. */
export function edgesOf(graph: Info, root: string): Edge[] {
  const edges: Edge[] = [];
  for (const { specifier: from, dependencies = [] } of graph.modules) {
    if (!from.startsWith(root) || from.includes("/node_modules/")) continue;
    for (const dependency of dependencies) {
      const to = target(dependency, root);
      if (to === undefined) continue;
      const kind = dependency.isDynamic ? "lazy" : dependency.code ? "value" : "type";
      edges.push({ from: from.slice(root.length), to, kind });
    }
  }
  return edges;
}

function target({ specifier, code, type }: InfoDependency, root: string): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  const url = code?.specifier ?? type?.specifier ?? specifier;
  if (url.startsWith(root) && !url.includes("/node_modules/")) return url.slice(root.length);
  return `npm:${packageOf(specifier)}`;
}

function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The module that a file belongs to, as the import table names it; a file of `runtime/` itself is the daemon's. */
function moduleOf(path: string): string {
  if (path === "main.ts") return "main";
  if (path.startsWith("wit/types/")) return "wit/types";
  const [top = "", second = "", ...rest] = path.split("/");
  if (top !== "runtime" && top !== "providers") return top;
  if (top === "runtime" && rest.length === 0) return "runtime/daemon";
  return `${top}/${second}`;
}

/** One line for each edge that the import table does not allow. */
export function forbidden(edges: readonly Edge[]): string[] {
  return edges.filter((edge) => !allowed(edge)).map(({ from, to, kind }) => `${from} → ${to} (${kind})`);
}

function allowed({ from, to, kind }: Edge): boolean {
  const module = moduleOf(from);
  if (to.startsWith("npm:")) return PACKAGES[to.slice("npm:".length)]?.includes(module) ?? false;
  if (moduleOf(to) === module) return true;
  if (CLOSED[module]?.includes(to)) return false;
  const rule = IMPORTS[module] ?? (module.startsWith("providers/") ? IMPORTS["providers/*"] : undefined);
  if (rule === undefined) return false;
  const named = (list: readonly string[] = []) => list.includes(to) || list.includes(moduleOf(to));
  return named(rule.may) || (kind === "lazy" && named(rule.lazily));
}

/** The cycles of a graph, each as `a → b → a`; the empty list where there is none. */
export function cycles(edges: readonly { readonly from: string; readonly to: string }[]): string[] {
  const next = Map.groupBy(edges, (edge) => edge.from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) return void found.push([...path.slice(at), node].join(" → "));
    if (done.has(node)) return;
    for (const { to } of next.get(node) ?? []) visit(to, [...path, node]);
    done.add(node);
  };
  for (const node of next.keys()) visit(node, []);
  return found;
}

/** The same edges between modules, each pair once; what stays inside of a module is left out. */
export function betweenModules(edges: readonly Edge[]): { from: string; to: string }[] {
  const pairs = new Map<string, { from: string; to: string }>();
  for (const edge of edges) {
    const [from, to] = [moduleOf(edge.from), moduleOf(edge.to)];
    if (from !== to && !edge.to.startsWith("npm:")) pairs.set(`${from} ${to}`, { from, to });
  }
  return [...pairs.values()];
}
