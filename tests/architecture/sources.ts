/**
 * The source files of the project, read once.
 *
 * @module
 */
import { join } from "node:path";

/** The top of the checkout. */
export const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** The folders and files that make up the product; tests are not among them. */
export const PRODUCT: readonly string[] = ["main.ts", "fuse", "runtime", "wit", "providers"];

/** A source file. */
export interface Source {
  /** Relative to the checkout, with slashes. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** Every TypeScript file below `tops`, by path; built files are left out. */
export async function sourcesBelow(tops: readonly string[]): Promise<Source[]> {
  const paths = (await Promise.all(tops.map(typescriptBelow))).flat().toSorted();
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(join(ROOT, path)) })),
  );
}

/** True for what a tool writes and nobody edits. */
export function isGenerated(path: string): boolean {
  return path.startsWith("wit/types/");
}

async function typescriptBelow(path: string): Promise<string[]> {
  if (path.endsWith("/node_modules") || path === "providers/dist") return [];
  const entry = await Deno.stat(join(ROOT, path)).catch(() => null);
  if (entry === null) return [];
  if (entry.isFile) return path.endsWith(".ts") ? [path] : [];
  const names = await Array.fromAsync(Deno.readDir(join(ROOT, path)), ({ name }) => name);
  return (await Promise.all(names.map((name) => typescriptBelow(`${path}/${name}`)))).flat();
}
