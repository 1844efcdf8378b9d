/**
 * What the commands for authors of providers share: the folder, the file or the name that a word means.
 *
 * @module
 */
import type { Author, BuiltDocument } from "../control/author.ts";
import type { Environment } from "../control/places.ts";
import { type Context, UsageError } from "./command.ts";
import { absolute } from "./daemons.ts";
import { installedPath } from "./installed.ts";
import { printable } from "./output.ts";
import { withProgress } from "./progress.ts";
import { formatSize } from "./units.ts";

/** What a word stands for. */
export type Source =
  | { readonly kind: "folder"; readonly path: string; readonly name: string }
  | { readonly kind: "file"; readonly path: string; readonly name: string }
  | { readonly kind: "bundled"; readonly name: string };

/** The runtime's own part, loaded when it is needed. */
export async function author(): Promise<Author> {
  return await import("../author.ts");
}

/**
 * What `word` stands for: a path where it looks like one or leads to the sources of a provider, otherwise the name of an
 * installed or a bundled one.
 */
export async function sourceOf(word: string, environment: Environment): Promise<Source> {
  const path = absolute(word);
  const name = nameIn(path);
  if (word.endsWith(".wasm")) return { kind: "file", path, name };
  const isFolder = await isDirectory(path);
  const isProvider = isFolder && await isThere(`${path}/provider.json`);
  if (isProvider || (isFolder && /[/.]/.test(word))) return { kind: "folder", path, name };
  if (word.includes("/")) return { kind: "file", path, name };
  const installed = installedPath(word, environment);
  return installed === undefined
    ? { kind: "bundled", name: word }
    : { kind: "file", path: installed, name: word };
}

/** A component that was built outside of its folder. */
export interface Built extends BuiltDocument {
  /** Where it may be transpiled to: sources change with every run, and each of their components would stay for good. */
  readonly cacheDir: string;
}

/** Builds sources into a folder that `cleanup` removes. */
export async function builtIn(
  context: Context,
  { path: folder, name }: Source & { readonly kind: "folder" },
  cleanup: AsyncDisposableStack,
): Promise<Built> {
  const { err, signal, format } = context;
  const { build } = await author();
  const temporary = await Deno.makeTempDir({ prefix: `omnifs-provider-${Deno.pid}-` });
  cleanup.defer(() => Deno.remove(temporary, { recursive: true }));
  const file = `${temporary}/${name}.wasm`;
  const built = await withProgress(
    context,
    `building ${folder}`,
    () => build({ folder, file, check: true, signal }),
  );
  if (format === "human") err.line(`built ${printable(folder)}, ${formatSize(built.bytes)}`);
  return { ...built, cacheDir: `${temporary}/cache` };
}

/** The last name of a path, without its ending: the name of the provider that is there. */
export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.wasm$/, "");
}

/** `word` as a number that counts something. @throws {UsageError} where it is none */
export function counted(flag: string, least: number): (word: string) => number {
  return (word) => {
    if (/^\d{1,9}$/.test(word) && Number(word) >= least) return Number(word);
    throw new UsageError(`${flag} is a number from ${least}, not ${JSON.stringify(word)}`, "");
  };
}

/** True where `path` leads to a directory. */
export async function isDirectory(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory === true;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).catch(() => undefined) !== undefined;
}
