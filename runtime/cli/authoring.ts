/**
 * What the commands for authors of providers share: the folder, the file or the name that a word means.
 *
 * @module
 */
import type { Author } from "../control/author.ts";
import { UsageError } from "./command.ts";
import { absolute } from "./daemons.ts";

/** What a word stands for. */
export type Source =
  | { readonly kind: "folder"; readonly path: string; readonly name: string }
  | { readonly kind: "file"; readonly path: string; readonly name: string }
  | { readonly kind: "bundled"; readonly name: string };

/** The runtime's own part, loaded when it is needed. */
export async function author(): Promise<Author> {
  return await import("../author.ts");
}

/** What `word` stands for: a path where it looks like one or leads to the sources of a provider, otherwise a name. */
export async function sourceOf(word: string): Promise<Source> {
  const path = absolute(word);
  const name = nameIn(path);
  if (word.endsWith(".wasm")) return { kind: "file", path, name };
  const isFolder = await isDirectory(path);
  const isProvider = isFolder && await isThere(`${path}/provider.json`);
  if (isProvider || (isFolder && /[/.]/.test(word))) return { kind: "folder", path, name };
  return word.includes("/") ? { kind: "file", path, name } : { kind: "bundled", name: word };
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
