/**
 * A guest's question to the packer, and the answer on its way back: the contract's `packer`, over the desks of the
 * workspaces that the user named. Every answer comes from one generation.
 *
 * @module
 */
import { asOmnifsError, type ErrorKind, OmnifsError } from "../base/errors.ts";
import type { AssetDocument, EntryDocument, PackerDesk } from "../base/packer.ts";
import type { StreamEnd, StreamListener } from "../egress/callout.ts";
import type { CalloutReply } from "./protocol.ts";

/** The workspaces that a provider may see: nothing but the contract's words crosses to it, no path and no handle. */
export interface Workspaces {
  /** The names of the projects. */
  projects(): readonly string[];
  /** The packer of a project. @throws {OmnifsError} `not-found` */
  desk(project: string): PackerDesk;
  /** What happened in a project: the latest events, one JSON document a line. */
  events(project: string): string;
  /** Hands each event of a project on as a line, until `signal` is aborted. */
  follow(project: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd>;
}

/** The beginning of the URL of a project's events, as a source of change. */
const SCHEME = "packer:";

/** Largest number that crosses, and most bytes of one read: as `read-file` of the contract. */
const NUMBER_LIMIT = BigInt(Number.MAX_SAFE_INTEGER);

/** The project whose events a source of change names; undefined for any other source. */
export function projectIn(url: string): string | undefined {
  return url.startsWith(SCHEME) ? url.slice(SCHEME.length) : undefined;
}

/** The answer to `packer.NAME`. Never rejects. */
export async function answerPacker(
  workspaces: Workspaces | undefined,
  name: string,
  args: readonly unknown[],
): Promise<CalloutReply> {
  const answer = ANSWERS[name];
  // The one question whose answer has no room for a refusal.
  if (workspaces === undefined && name === "packer.projects") return { ok: [] };
  if (workspaces === undefined) return { error: { tag: "denied", val: "no workspace was named to omnifs" } };
  if (answer === undefined) return { error: { tag: "internal", val: `there is no ${name}` } };
  try {
    return { ok: await answer(workspaces, args) };
  } catch (error) {
    return { error: failureOf(asOmnifsError(error, name)) };
  }
}

type Answer = (workspaces: Workspaces, args: readonly unknown[]) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "packer.projects": (workspaces) => [...workspaces.projects()],
  "packer.get-status": async (workspaces, [project]) => {
    const { state, generation, detail, changed } = await deskOf(workspaces, project).call("status", {});
    return { state, generation: BigInt(generation), detail, changed: BigInt(changed) };
  },
  "packer.registry": (workspaces, [project]) => deskOf(workspaces, project).call("registry", {}),
  "packer.assets": async (workspaces, [project]) =>
    (await deskOf(workspaces, project).call("assets", {})).map(contractAsset),
  "packer.get-asset": async (workspaces, [project, asset]) =>
    contractAsset(await deskOf(workspaces, project).call("asset", { asset: numberOf(asset) })),
  "packer.declaration": async (workspaces, [project, asset]) => {
    const { declaration, root } = await deskOf(workspaces, project).call("asset", { asset: numberOf(asset) });
    if (declaration !== null) return declaration;
    throw new OmnifsError("not-found", `${root} never had a valid asset.json`);
  },
  "packer.files": async (workspaces, [project, asset, path]) => {
    const request = { asset: numberOf(asset), path: textOf(path) };
    return (await deskOf(workspaces, project).call("files", request)).map(contractEntry);
  },
  "packer.read": async (workspaces, [project, asset, path, offset, length]) => {
    const request = {
      asset: numberOf(asset),
      path: textOf(path),
      offset: numberOf(offset),
      length: numberOf(length),
    };
    return bytes(await deskOf(workspaces, project).call("read", request));
  },
  "packer.divergences": async (workspaces, [project]) =>
    (await deskOf(workspaces, project).call("divergences", {}))
      .map(({ id, kind, path, detail }) => ({ id: BigInt(id), kind, path, detail })),
  "packer.events": (workspaces, [project]) => workspaces.events(textOf(project)),
  "packer.latest-build": async (workspaces, [project]) => {
    const build = await deskOf(workspaces, project).call("latestBuild", {});
    if (build === null) return undefined;
    const { generation, manifest, size, modified } = build;
    return { generation: BigInt(generation), manifest, size: BigInt(size), modified: BigInt(modified) };
  },
  "packer.read-build": async (workspaces, [project, offset, length]) =>
    bytes(
      await deskOf(workspaces, project).call("readBuild", {
        offset: numberOf(offset),
        length: numberOf(length),
      }),
    ),
};

function deskOf(workspaces: Workspaces, project: unknown): PackerDesk {
  return workspaces.desk(textOf(project));
}

function contractAsset({ id, uuid, name, root, includedInBuild, modified }: AssetDocument) {
  return {
    id: BigInt(id),
    uuid,
    name,
    root,
    includedInBuild,
    modified: BigInt(Math.max(0, Math.trunc(modified))),
  };
}

function contractEntry({ path, kind, size, modified, digest }: EntryDocument) {
  return {
    path,
    kind,
    size: BigInt(size),
    modified: BigInt(Math.max(0, Math.trunc(modified))),
    digest: digest ?? undefined,
  };
}

function bytes(val: Uint8Array) {
  return { tag: "bytes", val };
}

/** A `u64` as a guest sends it: the component's own types may say something else. */
function numberOf(value: unknown): number {
  if (typeof value === "bigint" && value >= 0n && value <= NUMBER_LIMIT) return Number(value);
  throw new OmnifsError("invalid", "the question is not one of the contract");
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new OmnifsError("invalid", "the question is not one of the contract");
}

/** A case of `provider-error`. */
function failureOf({ kind, message }: OmnifsError): { readonly tag: string; readonly val?: unknown } {
  return (CASES[kind] ?? ((val) => ({ tag: "unavailable", val })))(message);
}

const bare = (tag: string) => () => ({ tag });
const told = (tag: string) => (val: string) => ({ tag, val });

const CASES: Readonly<Partial<Record<ErrorKind, (message: string) => { tag: string; val?: unknown }>>> = {
  "not-found": bare("not-found"),
  "not-a-directory": bare("not-a-directory"),
  "is-a-directory": bare("is-a-directory"),
  "too-large": bare("too-large"),
  "invalid": told("invalid"),
  "denied": told("denied"),
  "conflict": told("conflict"),
  "internal": told("internal"),
};
