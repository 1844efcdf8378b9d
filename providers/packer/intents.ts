/**
 * What a staged change is about, as far as its identity and its bytes tell by themselves.
 *
 * @module
 */
import { type Change, decodeName, invalid, oneLine, type Payload, stagedText } from "../sdk/mod.ts";
import { encode } from "../sdk/utf8.ts";
import { parsedId, type SetName } from "./ids.ts";

/** The name of an asset's declaration in its root. */
export const DECLARATION = "asset.json";

/** The file of a new asset that says where it is, and the one that says whether it is built. */
export const ROOT = "root";
/** See {@linkcode ROOT}. */
export const INCLUDED = "included_in_build";

/** Where the files of a new asset are. */
export const FILES = "files/";

/** What a change is about. */
export type Intent =
  & { readonly project: string }
  & (
    /** A file of an asset gets other bytes, or is made where `base` is undefined. */
    | {
      readonly what: "put";
      readonly asset: number;
      readonly path: string;
      readonly content: Uint8Array;
      readonly base: Uint8Array | undefined;
    }
    | {
      readonly what: "include";
      readonly asset: number;
      readonly included: boolean;
      readonly base: string;
    }
    | { readonly what: "move"; readonly asset: number; readonly root: string; readonly base: string }
    /** A file goes, or a directory with all that is in it. */
    | {
      readonly what: "remove";
      readonly asset: number;
      readonly path: string;
      readonly folder: boolean;
      readonly version: string | undefined;
    }
    | { readonly what: "unregister"; readonly asset: number }
    /** A file in the directory of a new asset. */
    | {
      readonly what: "part";
      readonly set: SetName | string;
      readonly folder: string;
      readonly part: string;
      readonly content: Uint8Array;
    }
  );

/** What `change` is about. @throws ProviderError `invalid` where it can be none */
export function intentOf(change: Change): Intent {
  switch (change.tag) {
    case "write":
      return written(change.val);
    case "create":
      return made(change.val);
    case "remove":
      return removed(change.val);
  }
}

function written({ file, base, content }: (Change & { readonly tag: "write" })["val"]): Intent {
  const { kind, project, first, rest } = parsedId(file);
  const asset = Number(first);
  switch (kind) {
    case "declaration":
    case "file": {
      const path = kind === "file" ? rest : DECLARATION;
      return { what: "put", project, asset, path, content: bytesOf(content), base: bytesOf(base) };
    }
    case "included":
      return {
        what: "include",
        project,
        asset,
        included: flagIn(stagedText(content)),
        base: stagedText(base),
      };
    case "root":
      return { what: "move", project, asset, root: rootIn(stagedText(content)), base: stagedText(base) };
    default:
      throw invalid("it cannot be written");
  }
}

function made({ parent, name, content }: (Change & { readonly tag: "create" })["val"]): Intent {
  const { kind, project, first, rest } = parsedId(parent);
  const path = pathIn(name);
  const bytes = bytesOf(content);
  if (kind === "files" || kind === "folder") {
    const below = rest === "" ? path : `${rest}/${path}`;
    return { what: "put", project, asset: Number(first), path: below, content: bytes, base: undefined };
  }
  if (kind !== "set") throw invalid("nothing new can be made there");
  const slash = path.indexOf("/");
  if (slash < 0) throw invalid("a new asset is a directory with an asset.json, or with a root, in it");
  const [folder, part] = [path.slice(0, slash), path.slice(slash + 1)];
  if (part === ROOT) rootIn(stagedText(content));
  else if (part === INCLUDED) flagIn(stagedText(content));
  else if (part === DECLARATION) stagedText(content);
  else if (!part.startsWith(FILES)) {
    throw invalid(`a new asset has ${DECLARATION}, ${ROOT}, ${INCLUDED} and ${FILES}, not ${part}`);
  }
  return { what: "part", project, set: first, folder, part, content: bytes };
}

function removed({ node, baseVersion }: (Change & { readonly tag: "remove" })["val"]): Intent {
  const { kind, project, first, rest } = parsedId(node);
  const asset = Number(first);
  if (kind === "asset") return { what: "unregister", project, asset };
  const isFolder = kind === "folder" || kind === "files";
  if (!isFolder && kind !== "file") throw invalid("an asset goes as a whole: remove its directory");
  return { what: "remove", project, asset, path: rest, folder: isFolder, version: baseVersion ?? undefined };
}

/** The text of `included_in_build`. @throws ProviderError `invalid` */
export function flagIn(text: string): boolean {
  const value = text.trim();
  if (value === "true" || value === "false") return value === "true";
  throw invalid(`${INCLUDED} is true or false, not ${JSON.stringify(value.slice(0, 40))}`);
}

/** The text of `root`: what else is no root is the packer's to say. @throws ProviderError `invalid` */
export function rootIn(text: string): string {
  return oneLine(text, "root").trim();
}

/** The names that a draft gave, as the packer has them. */
function pathIn(name: string): string {
  const names = name.split("/").map((segment) => decodeName(segment) ?? segment);
  if (names.some((each) => each.includes("/"))) throw invalid("a name cannot have a slash in it");
  return names.join("/");
}

/** The bytes of a payload. */
export function bytesOf(payload: Payload): Uint8Array {
  return payload.tag === "bytes" ? payload.val : encode(payload.val);
}
