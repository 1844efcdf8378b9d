/**
 * From what a scout found to what a snapshot holds.
 *
 * @module
 */
import { folderFrom } from "./columns.ts";
import { readDeclaration, sameCase } from "./declaration.ts";
import type { SeenDeclaration, SeenRegistry } from "./divergence.ts";
import type { Disk } from "./disk.ts";
import { sameFingerprint } from "./facts.ts";
import { readWhole } from "./files.ts";
import { EMPTY_FOLDER, type Entry, entryAt, type Folder, withEntry } from "./folder.ts";
import type { FoundDeclaration, Place } from "./look.ts";
import { DECLARATION, INDEX, REGISTRY_LIMIT } from "./paths.ts";
import { readRegistry, type Registry, type RegistryEntry } from "./registry.ts";
import type { Asset, DeclaredText } from "./snapshot.ts";

/** What `found`, the `asset.json` of `root`, says. */
export function seenDeclaration(
  root: string,
  found: FoundDeclaration | undefined,
): SeenDeclaration | undefined {
  if (found === undefined || "trouble" in found) return found;
  return { found, reading: readDeclaration(`${root}/${DECLARATION}`, found.text) };
}

/** True where nothing differs between two looks at a declaration. */
export function sameDeclaration(a: SeenDeclaration | undefined, b: SeenDeclaration | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ("trouble" in a || "trouble" in b) return "trouble" in a && "trouble" in b && a.trouble === b.trouble;
  return a.found.digest === b.found.digest;
}

/** The declaration in `seen`, where it is a valid one of the asset `entry`. */
function declaredBy(
  seen: SeenDeclaration | undefined,
  entry: RegistryEntry,
): DeclaredText | undefined {
  if (seen === undefined || "trouble" in seen || !seen.reading.ok) return undefined;
  const { value } = seen.reading;
  if (sameCase(value.asset_uuid) !== sameCase(entry.asset_uuid)) return undefined;
  return { text: seen.found.text, digest: seen.found.digest, value };
}

/** The asset `entry` as it was found; `before` itself where nothing differs. */
export function assetFrom(entry: RegistryEntry, place: Place | undefined, before?: Asset): Asset {
  const seen = seenDeclaration(entry.root, place?.declaration);
  const folder = place?.columns === undefined ? before?.folder : folderFrom(place.columns, before?.folder);
  return assetWith(entry, seen, folder, before);
}

/** The asset `entry` with these files and the declaration that was seen; `before` itself where nothing differs. */
export function assetWith(
  entry: RegistryEntry,
  seen: SeenDeclaration | undefined,
  folder: Folder | undefined,
  before?: Asset,
): Asset {
  const now = declaredBy(seen, entry);
  const declared = now === undefined || now.digest === before?.declared?.digest ? before?.declared : now;
  digestDeclaration(folder, seen);
  const same = before !== undefined && before.folder === folder && before.declared === declared &&
    sameEntry(before.entry, entry);
  return same ? before : { entry, declared, folder };
}

/** The bytes of `asset.json` have been read: its digest need not be asked for. */
function digestDeclaration(folder: Folder | undefined, seen: SeenDeclaration | undefined): void {
  const record = folder === undefined ? undefined : entryAt(folder, DECLARATION);
  if (record?.kind !== "file" || seen === undefined || "trouble" in seen) return;
  if (sameFingerprint(record, seen.found.facts)) record.digest ??= seen.found.digest;
}

function sameEntry(a: RegistryEntry, b: RegistryEntry): boolean {
  return a.asset_id === b.asset_id && a.asset_uuid === b.asset_uuid && a.root === b.root &&
    a.included_in_build === b.included_in_build;
}

/** The paths at which two trees differ; what both share is not gone into, nor a folder that only one of them has. */
export function* changedPaths(
  before: Entry | undefined,
  after: Entry | undefined,
  path = "",
): Generator<string> {
  if (before === after) return;
  if (before?.kind !== "folder" || after?.kind !== "folder") return void (yield path);
  for (const name of new Set([...before.entries.keys(), ...after.entries.keys()])) {
    const inner = path === "" ? name : `${path}/${name}`;
    yield* changedPaths(before.entries.get(name), after.entries.get(name), inner);
  }
}

/** `folder` with `entries` by path; undefined removes. */
export function withEntries(
  folder: Folder | undefined,
  entries: Iterable<readonly [string, Entry | undefined]>,
): Folder {
  let next = folder ?? EMPTY_FOLDER;
  for (const [path, entry] of entries) next = withEntry(next, path, entry);
  return next;
}

/** `index.json` as it is on disk: a registry, or what is wrong with it. */
export async function readIndex(
  disk: Disk,
  assets: string,
): Promise<{ readonly is: "valid"; readonly registry: Registry } | Exclude<SeenRegistry, { is: "edited" }>> {
  const bytes = await readWhole(disk, `${assets}/${INDEX}`, REGISTRY_LIMIT);
  if (bytes === undefined) return { is: "missing" };
  const reading = readRegistry(textOf(bytes));
  return reading.ok ? { is: "valid", registry: reading.value } : { is: "invalid", faults: reading.faults };
}

/** The text of `bytes`; what is no UTF-8 becomes U+FFFD, a byte order mark stays. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
