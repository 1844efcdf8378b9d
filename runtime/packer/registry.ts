/**
 * `assets/.prometeu/index.json`: which assets are managed, where they are, and whether a build takes them.
 *
 * @module
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import { OmnifsError } from "../base/errors.ts";
import { sameCase } from "./declaration.ts";
import { lineAt, readDocument } from "./document.ts";
import type { Fault, Reading } from "./fault.ts";
import { INDEX, overlap, rootFault } from "./paths.ts";
import { appendedElement, removedValue, replacedValue } from "./rewrite.ts";
import schema from "./schemas/index.schema.json" with { type: "json" };

/** One managed asset, as `index.json` spells it. */
export interface RegistryEntry {
  /** Never used again. */
  readonly asset_id: number;
  /** The same as in its `asset.json`. */
  readonly asset_uuid: string;
  /** Relative to `assets/`. */
  readonly root: string;
  /** Whether a build takes it. */
  readonly included_in_build: boolean;
}

/** What `index.json` says. */
export interface RegistryDocument {
  /** Larger than every id that was ever given out. */
  readonly next_asset_id: number;
  /** In the order of the file. */
  readonly assets: readonly RegistryEntry[];
}

/** A registry with the text that says it. */
export interface Registry extends RegistryDocument {
  /** The text; the empty string where there is no `index.json` yet. */
  readonly text: string;
}

/** The text of a registry without assets. */
export const EMPTY_REGISTRY = '{\n  "schema_version": 1,\n  "next_asset_id": 1,\n  "assets": []\n}\n';

const validate = new Ajv2020({ allErrors: true }).compile<RegistryDocument>(schema);

/** The registry that `text` says. */
export function readRegistry(text: string): Reading<Registry> {
  const reading = readDocument(INDEX, text, validate);
  if (!reading.ok) return reading;
  const [first, ...others] = faultsOf(text, reading.value);
  if (first !== undefined) return { ok: false, faults: [first, ...others] };
  const { next_asset_id, assets } = reading.value;
  return { ok: true, value: { next_asset_id, assets, text } };
}

/** What no schema can say: ids, uuids and roots stand once, and `next_asset_id` is ahead of them. */
function faultsOf(text: string, { next_asset_id: next, assets }: RegistryDocument): Fault[] {
  const faults: Fault[] = [];
  const tell = (keys: readonly (string | number)[], rule: string, message: string, mend: string) =>
    faults.push({ path: INDEX, line: lineAt(text, keys), rule, message, mend });
  const ids = new Map<number, number>();
  const uuids = new Map<string, number>();
  for (const [index, { asset_id: id, asset_uuid: uuid, root }] of assets.entries()) {
    const at = (key: string) => ["assets", index, key];
    if (ids.has(id)) {
      tell(at("asset_id"), "id-twice", `asset_id ${id} stands twice`, `give one of them ${next}`);
    }
    if (uuids.has(sameCase(uuid))) {
      tell(
        at("asset_uuid"),
        "uuid-twice",
        `asset_uuid ${uuid} stands twice`,
        "remove one of the two entries",
      );
    }
    const fault = rootFault(root);
    if (fault !== undefined) {
      tell(at("root"), "root", `${JSON.stringify(root)} is no root: ${fault}`, "change root");
    }
    if (id >= next) {
      tell(
        ["next_asset_id"],
        "next-id",
        `next_asset_id is ${next}, and there is an asset ${id}`,
        `set it to ${id + 1}`,
      );
    }
    ids.set(id, index);
    uuids.set(sameCase(uuid), index);
  }
  for (const [index, other] of overlaps(assets)) {
    tell(
      ["assets", index, "root"],
      "root-overlap",
      `${assets[index]?.root} lies in or on ${other}`,
      "move one of the two",
    );
  }
  return faults;
}

/** The entries whose root meets the one before it, in order of path, with that other root. */
function overlaps(assets: readonly RegistryEntry[]): [number, string][] {
  // A slash sorts before every other character that a name can hold but a few, so it is made the least of all.
  const key = (root: string) => root.replaceAll("/", "\0");
  const sorted = assets.map(({ root }, index) => ({ root, index, key: key(root) }))
    .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  const found: [number, string][] = [];
  let outer: string | undefined;
  for (const { root, index } of sorted) {
    if (outer !== undefined && overlap(outer, root)) found.push([index, outer]);
    else outer = root;
  }
  return found;
}

/** One change of a registry. */
export type RegistryChange =
  | { readonly change: "add"; readonly entry: RegistryEntry }
  | { readonly change: "drop"; readonly id: number }
  | { readonly change: "set"; readonly id: number; readonly values: Partial<Omit<RegistryEntry, "asset_id">> }
  | { readonly change: "next"; readonly id: number };

/**
 * `registry` after `changes`, with a text in which nothing else has changed.
 *
 * @throws {OmnifsError} `conflict` where they do not go together
 */
export function changedRegistry(registry: Registry, changes: readonly RegistryChange[]): Registry {
  let text = registry.text === "" ? EMPTY_REGISTRY : registry.text;
  for (const change of changes) text = changedText(text, change);
  const reading = readRegistry(text);
  if (reading.ok) return reading.value;
  throw new OmnifsError("conflict", `the changed registry would be none: ${reading.faults[0].message}`, {
    path: INDEX,
    mend: "change what meets there together, or look for a key that stands twice in index.json",
  });
}

function changedText(text: string, change: RegistryChange): string {
  if (change.change === "next") return replacedValue(text, ["next_asset_id"], change.id);
  if (change.change === "add") {
    const added = appendedElement(text, ["assets"], { ...change.entry });
    return replacedValue(added, ["next_asset_id"], change.entry.asset_id + 1);
  }
  const index = indexOf(text, change.id);
  if (change.change === "drop") return removedValue(text, ["assets", index]);
  return Object.entries(change.values).reduce(
    (before, [key, value]) => replacedValue(before, ["assets", index, key], value),
    text,
  );
}

function indexOf(text: string, id: number): number {
  const value: unknown = JSON.parse(text);
  const index = validate(value) ? value.assets.findIndex(({ asset_id }) => asset_id === id) : -1;
  if (index >= 0) return index;
  throw new OmnifsError("not-found", `there is no asset ${id} in the registry`, { path: INDEX });
}
