/**
 * The tree of the packer: what each directory holds, and what each file says.
 *
 * @module
 */
import {
  askFile,
  directory,
  type DirEntry,
  entry,
  isADirectory,
  type ListingDefinition,
  markOf,
  type Node,
  notADirectory,
  notFound,
  orAbsent,
  type PackerAsset,
  type PackerDivergence,
  type PackerEntry,
  type Payload,
  slice,
  textFile,
  volatile,
  watched,
  whole,
} from "../sdk/mod.ts";
import type { PackerClient } from "../sdk/packer.ts";
import { byteLength } from "../sdk/utf8.ts";
import {
  ASSET_FILES,
  DIVERGENCE_FILES,
  idOf,
  nameIn,
  parsedId,
  PROJECT_FILES,
  type SetName,
  SETS,
  watchOf,
} from "./ids.ts";
import { versionOf } from "./versions.ts";

/** The children of the directory with this identity. */
function childrenOf(packer: PackerClient, id: string): DirEntry[] {
  const { kind, project, first, rest } = parsedId(id);
  switch (kind) {
    case "":
      return packer.projects().map((name) => entry(name, directory(idOf("project", name), told(name))));
    case "project":
      return projectEntries(packer, project);
    case "assets":
      return SETS.map((name) => entry(name, directory(idOf("set", project, name), taking(told(project)))));
    case "set":
      return assetsIn(packer, project, first).map((asset) =>
        entry(`${asset.id}`, directory(idOf("asset", project, asset.id), dated(project, asset.modified)))
      );
    case "asset":
      return assetEntries(packer, assetWith(packer, project, first), project);
    case "files":
    case "folder":
      return packer.files(project, Number(first), rest).map((each) => fileEntry(project, first, each));
    case "divergences":
      return packer.divergences(project).map(({ id }) =>
        entry(`${id}`, directory(idOf("divergence", project, id), told(project)))
      );
    case "divergence":
      return divergenceEntries(divergenceWith(packer, project, first), project);
    case "builds":
      return packer.latestBuild(project) === undefined
        ? []
        : [entry("latest", directory(idOf("build", project), told(project)))];
    case "build":
      return buildEntries(packer, project);
    default:
      throw FILES.has(kind) ? notADirectory() : notFound();
  }
}

/** Kinds of directories, and of files. */
const DIRECTORIES: ReadonlySet<string> = new Set(
  [
    "",
    "project",
    "assets",
    "set",
    "asset",
    "files",
    "folder",
    "divergences",
    "divergence",
    "builds",
    "build",
  ],
);
const FILES: ReadonlySet<string> = new Set([
  ...Object.values(PROJECT_FILES),
  ...Object.values(ASSET_FILES),
  ...DIVERGENCE_FILES.map((name) => `divergence-${name}`),
  ...["file", "manifest", "archive"],
]);

/** Entries of one page; the contract has room for 10,000. */
const PAGE = 5_000;

/** One page of the children of a directory. */
export function listed(packer: PackerClient, id: string, cursor: string | undefined): ListingDefinition {
  const all = childrenOf(packer, id);
  const from = Number(cursor ?? 0);
  if (from === 0 && all.length <= PAGE) return whole(all);
  const next = from + PAGE < all.length ? `${from + PAGE}` : undefined;
  return { entries: all.slice(from, from + PAGE), exhaustive: true, next };
}

/** The child of `parent` that is called `name`. */
export function found(packer: PackerClient, parent: string, name: string): Node | undefined {
  const { kind, project, first } = parsedId(parent);
  // A directory of thousands is not told whole for one name.
  if (kind === "set") {
    const asset = orAbsent(() => assetWith(packer, project, name));
    if (asset === undefined || !isIn(asset, first)) return undefined;
    return directory(idOf("asset", project, asset.id), dated(project, asset.modified));
  }
  return childrenOf(packer, parent).find((child) => child.name === name)?.node;
}

/** Bytes of a file. */
export function bytesOf(packer: PackerClient, id: string, offset: number, length: number): Payload {
  const { kind, project, first, rest } = parsedId(id);
  switch (kind) {
    case "file":
      return packer.read(project, Number(first), rest, offset, length);
    case "archive":
      return packer.readBuild(project, offset, length);
    case "manifest":
      return slice(builtOf(packer, project).manifest, offset, length);
    case "events":
      return slice(packer.events(project), offset, length);
    case "index":
      return slice(packer.registry(project), offset, length);
    case "declaration":
      return slice(packer.declaration(project, Number(first)), offset, length);
    default:
      throw DIRECTORIES.has(kind) ? isADirectory() : notFound();
  }
}

/** What holds until the project's watch says otherwise. */
function told(project: string) {
  return { freshness: watched(watchOf(project)), listFirst: true };
}

function dated(project: string, modified: number) {
  return { ...told(project), modified: modified > 0 ? modified : undefined };
}

/** `options` of what a draft may write, or make something in. */
function taking<Options>(options: Options): Options & { readonly writable: true } {
  return { ...options, writable: true };
}

function projectEntries(packer: PackerClient, project: string): DirEntry[] {
  const { state, detail, generation, changed } = packer.status(project);
  const id = (name: keyof typeof PROJECT_FILES) => idOf(PROJECT_FILES[name], project);
  const now = { ...told(project), modified: changed };
  return [
    entry(
      "status",
      textFile(id("status"), [state, detail], { ...now, version: markOf(`${state} ${detail}`) }),
    ),
    entry("generation", textFile(id("generation"), generation, { ...now, version: `${generation}` })),
    entry("index.json", textAsked(id("index.json"), packer.registry(project), now)),
    // It grows with whatever happens, also with what changes nothing else here.
    entry("events.jsonl", askFile(id("events.jsonl"), { freshness: volatile })),
    entry("_assets", directory(idOf("assets", project), told(project))),
    entry("_divergence", directory(idOf("divergences", project), told(project))),
    entry("_builds", directory(idOf("builds", project), told(project))),
  ];
}

/** A file with exactly this text, which is the author's: no newline is added to it. */
function textAsked(id: string, text: string, options: Parameters<typeof askFile>[1]): Node {
  return askFile(id, { ...options, size: byteLength(text), version: markOf(text) });
}

function assetsIn(packer: PackerClient, project: string, set: string): PackerAsset[] {
  return packer.assets(project).filter((asset) => isIn(asset, set));
}

function isIn({ includedInBuild }: PackerAsset, set: SetName | string): boolean {
  return set === "_all" || includedInBuild === (set === "_included");
}

function assetWith(packer: PackerClient, project: string, id: string): PackerAsset {
  if (!/^[1-9]\d{0,15}$/.test(id)) throw notFound();
  return packer.asset(project, Number(id));
}

function assetEntries(packer: PackerClient, asset: PackerAsset, project: string): DirEntry[] {
  const now = dated(project, asset.modified);
  const text = (name: keyof typeof ASSET_FILES, value: string) => {
    const options = { ...now, version: markOf(value), writable: name !== "uuid" };
    return entry(name, textFile(idOf(ASSET_FILES[name], project, asset.id), value, options));
  };
  // One that never was valid is among the files alone.
  const declaration = orAbsent(() => packer.declaration(project, asset.id));
  return [
    ...(declaration === undefined ? [] : [
      entry(
        "asset.json",
        textAsked(idOf(ASSET_FILES["asset.json"], project, asset.id), declaration, taking(now)),
      ),
    ]),
    text("uuid", asset.uuid),
    text("root", asset.root),
    text("included_in_build", `${asset.includedInBuild}`),
    entry("files", directory(idOf("files", project, asset.id), taking(now))),
  ];
}

function fileEntry(project: string, asset: string, file: PackerEntry): DirEntry {
  const { path, kind, size, modified } = file;
  const options = { ...taking(dated(project, modified)), version: versionOf(file) };
  const node = kind === "directory"
    ? directory(idOf("folder", project, asset, path), options)
    : askFile(idOf("file", project, asset, path), { ...options, size });
  return entry(nameIn(path), node);
}

function divergenceWith(packer: PackerClient, project: string, id: string): PackerDivergence {
  const divergence = packer.divergences(project).find((each) => `${each.id}` === id);
  if (divergence === undefined) throw notFound();
  return divergence;
}

function divergenceEntries(divergence: PackerDivergence, project: string): DirEntry[] {
  return DIVERGENCE_FILES.map((name) =>
    entry(name, textFile(idOf(`divergence-${name}`, project, divergence.id), divergence[name], told(project)))
  );
}

function builtOf(packer: PackerClient, project: string) {
  const build = packer.latestBuild(project);
  if (build === undefined) throw notFound();
  return build;
}

function buildEntries(packer: PackerClient, project: string): DirEntry[] {
  const { generation, manifest, size, modified } = builtOf(packer, project);
  const now = { ...told(project), modified, version: `${generation}-${modified}` };
  return [
    entry("manifest.json", { ...textAsked(idOf("manifest", project), manifest, now) }),
    entry("assets.tar", askFile(idOf("archive", project), { ...now, size })),
  ];
}
