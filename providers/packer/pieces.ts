/**
 * From what a change is about to the packer's commands, with those that take them back.
 *
 * @module
 */
import {
  clashOf,
  conflict,
  invalid,
  type PackerAsset,
  type PackerCommand,
  type PackerEntry,
  type PackerExpectation,
  stagedText,
  textOf,
  unavailable,
} from "../sdk/mod.ts";
import type { PackerClient } from "../sdk/packer.ts";
import { decode } from "../sdk/utf8.ts";
import { parentIn } from "./ids.ts";
import { bytesOf, DECLARATION, FILES, flagIn, INCLUDED, type Intent, ROOT, rootIn } from "./intents.ts";
import { NOTES_LIMIT } from "./notes.ts";
import { isStill } from "./versions.ts";

/** What one change, or all changes of one new asset, come to. */
export interface Piece {
  /** The numbers of the changes. */
  readonly changes: readonly number[];
  /** What is done. */
  readonly forward: readonly PackerCommand[];
  /** What takes it back; undefined where nothing does: an `asset_id` is never given out twice. */
  readonly back: readonly PackerCommand[] | undefined;
}

/** In which order commands are made: files before their asset goes elsewhere or away, what frees a place before what takes it. */
const ORDER: readonly PackerCommand["tag"][] = [
  ...["remove", "put", "set-included", "relocate", "unregister", "register"] as const,
];

/** The commands of `pieces` as one commit takes them. */
export function ordered(commands: readonly PackerCommand[]): PackerCommand[] {
  return commands.toSorted((a, b) => ORDER.indexOf(a.tag) - ORDER.indexOf(b.tag));
}

/** An intent, with the number of its change. */
export type NumberedIntent = readonly [number: number, intent: Intent];

/** Makes pieces of one project, by what the packer says now. Every method throws a `ProviderError`. */
export class Pieces {
  readonly #packer: PackerClient;
  readonly #project: string;
  readonly #listings = new Map<string, PackerEntry[]>();

  /** Asks `packer` about `project`. */
  constructor(packer: PackerClient, project: string) {
    this.#packer = packer;
    this.#project = project;
  }

  /** The piece of one change that is none of a new asset. */
  of(number: number, intent: Exclude<Intent, { readonly what: "part" }>): Piece {
    return { changes: [number], ...this.#commands(intent) };
  }

  /** The piece of a new asset, whose files are `parts`. */
  newAsset(parts: readonly NumberedIntent[]): Piece {
    const contents = new Map<string, Uint8Array>();
    let [root, included] = ["", true];
    for (const [, intent] of parts) {
      if (intent.what !== "part") continue;
      contents.set(intent.part, intent.content);
      [root, included] = [intent.folder, intent.set !== "_excluded"];
    }
    const text = (part: string) => {
      const content = contents.get(part);
      return content === undefined ? undefined : stagedText(bytes(content));
    };
    const [where, flag, declaration] = [text(ROOT), text(INCLUDED), text(DECLARATION)];
    const files = [...contents].flatMap(([part, content]) =>
      part.startsWith(FILES) ? [{ path: part.slice(FILES.length), content: bytes(content) }] : []
    );
    const val = {
      root: where === undefined ? root : rootIn(where),
      includedInBuild: flag === undefined ? included : flagIn(flag),
      files,
      ...(declaration === undefined ? {} : { declaration }),
    };
    return { changes: parts.map(([number]) => number), forward: [{ tag: "register", val }], back: undefined };
  }

  #commands(intent: Exclude<Intent, { readonly what: "part" }>): Omit<Piece, "changes"> {
    switch (intent.what) {
      case "put":
        return intent.base === undefined ? made(intent) : this.#written(intent, intent.base);
      case "remove":
        return intent.folder ? this.#emptied(intent) : this.#removed(intent);
      case "include": {
        const { asset, included } = intent;
        const { includedInBuild } = this.#unchanged(asset, INCLUDED, intent.base);
        const set = (value: boolean) => ({
          tag: "set-included" as const,
          val: { asset, includedInBuild: value },
        });
        return { forward: [set(included)], back: [set(includedInBuild)] };
      }
      case "move": {
        const { asset } = intent;
        const { root } = this.#unchanged(asset, ROOT, intent.base);
        const to = (place: string) => ({ tag: "relocate" as const, val: { asset, root: place } });
        return { forward: [to(intent.root)], back: [to(root)] };
      }
      case "unregister":
        return { forward: [{ tag: "unregister", val: intent.asset }], back: undefined };
    }
  }

  /** The asset, whose `field` still is what the draft was staged on. */
  #unchanged(asset: number, field: typeof ROOT | typeof INCLUDED, base: string): PackerAsset {
    const now = this.#packer.asset(this.#project, asset);
    const clash = clashOf(field, textOf(field === ROOT ? now.root : now.includedInBuild), base);
    if (clash !== undefined) throw conflict(clash);
    return now;
  }

  #written(
    { asset, path, content }: Intent & { readonly what: "put" },
    base: Uint8Array,
  ): Omit<Piece, "changes"> {
    const entry = this.#entry(asset, path);
    // It differs already, and nobody wants to see it.
    if (entry.size !== base.length && entry.size > SHOWN) throw conflict(changedText(path));
    const now = this.#whole(asset, entry);
    if (!sameBytes(now, base)) throw conflict(clash(path, now, base));
    const put = (content: Uint8Array, expected: PackerExpectation): PackerCommand => ({
      tag: "put",
      val: { asset, path, content: bytes(content), expected },
    });
    return { forward: [put(content, expected(entry, base))], back: [put(base, holding(content))] };
  }

  #removed({ asset, path, version }: Intent & { readonly what: "remove" }): Omit<Piece, "changes"> {
    const entry = this.#entry(asset, path);
    if (version !== undefined && !isStill(entry, version)) {
      throw conflict(changedText(path));
    }
    return this.#without(asset, entry);
  }

  #emptied({ asset, path, version }: Intent & { readonly what: "remove" }): Omit<Piece, "changes"> {
    if (path === "") {
      throw invalid("an asset keeps its files/: remove what is in it, or the asset's directory");
    }
    const folder = this.#entry(asset, path);
    if (version !== undefined && !isStill(folder, version)) {
      throw conflict(`something in ${path} was changed since it was staged`);
    }
    const pieces = [...this.#below(asset, path)].map((entry) => this.#without(asset, entry));
    return {
      forward: pieces.flatMap(({ forward }) => forward),
      back: allOf(pieces.map(({ back }) => back)),
    };
  }

  /** The removal of one file. What is too large to be noted cannot come back. */
  #without(asset: number, entry: PackerEntry): Omit<Piece, "changes"> {
    const { path, size, digest } = entry;
    const remove = (expected: PackerExpectation): PackerCommand => ({
      tag: "remove",
      val: { asset, path, expected },
    });
    if (size <= NOTES_LIMIT / 4) {
      const was = this.#whole(asset, entry);
      const back: PackerCommand = {
        tag: "put",
        val: { asset, path, content: bytes(was), expected: { tag: "nothing" } },
      };
      return { forward: [remove(expected(entry, was))], back: [back] };
    }
    if (digest !== undefined) return { forward: [remove({ tag: "digest", val: digest })], back: undefined };
    throw unavailable(`${path} is large, and was not read yet: try again in a moment`);
  }

  #entry(asset: number, path: string): PackerEntry {
    const entry = this.#listing(asset, parentIn(path)).find((each) => each.path === path);
    if (entry === undefined) throw conflict(`${path} is gone since it was staged`);
    return entry;
  }

  *#below(asset: number, path: string): Generator<PackerEntry> {
    for (const entry of this.#listing(asset, path)) {
      if (entry.kind === "directory") yield* this.#below(asset, entry.path);
      else yield entry;
    }
  }

  #listing(asset: number, path: string): PackerEntry[] {
    const key = `${asset}/${path}`;
    const listing = this.#listings.get(key) ?? this.#packer.files(this.#project, asset, path);
    this.#listings.set(key, listing);
    return listing;
  }

  #whole(asset: number, { path, size }: PackerEntry): Uint8Array {
    return bytesOf(this.#packer.read(this.#project, asset, path, 0, size));
  }
}

function made({ asset, path, content }: Intent & { readonly what: "put" }): Omit<Piece, "changes"> {
  return {
    forward: [{
      tag: "put",
      val: { asset, path, content: bytes(content), expected: { tag: "nothing" } },
    }],
    back: [{ tag: "remove", val: { asset, path, expected: holding(content) } }],
  };
}

/** `entry`, whose bytes are `now`: its digest where it is known, or else the bytes. */
function expected({ digest }: PackerEntry, now: Uint8Array): PackerExpectation {
  return digest === undefined ? holding(now) : { tag: "digest", val: digest };
}

function holding(content: Uint8Array): PackerExpectation {
  return { tag: "holds", val: bytes(content) };
}

function bytes(val: Uint8Array) {
  return { tag: "bytes" as const, val };
}

/** All of `lists`, the latest first; undefined where one of them is. */
export function allOf(
  lists: readonly (readonly PackerCommand[] | undefined)[],
): PackerCommand[] | undefined {
  const all: PackerCommand[] = [];
  for (const list of lists.toReversed()) {
    if (list === undefined) return undefined;
    all.push(...list);
  }
  return all;
}

function changedText(path: string): string {
  return `${path} was changed since it was staged`;
}

/** Most bytes of a text that is shown in a conflict. */
const SHOWN = 65_536;

/** Why a file is not what was staged on: both texts, where they are texts. */
function clash(path: string, now: Uint8Array, base: Uint8Array): string {
  const changed = changedText(path);
  if (now.length > SHOWN || base.length > SHOWN) return changed;
  const [first, second] = [decode(now), decode(base)];
  const isText = !first.includes("\ufffd") && !second.includes("\ufffd");
  return (isText ? clashOf(path, first, second) : undefined) ?? changed;
}

/** Four bytes at a time: a guest is slow at going through them one by one. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const [first, second] = [words(a), words(b)];
  for (let at = 0; at < first.length; at++) if (first[at] !== second[at]) return false;
  for (let at = first.length * 4; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

function words(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
}
