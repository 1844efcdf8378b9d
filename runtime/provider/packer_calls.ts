/**
 * A guest's question to the packer, and the answer on its way back: the contract's `packer` and `packer-write`, over the
 * desks of the workspaces that the user named. Every answer comes from one generation.
 *
 * @module
 */
import { asOmnifsError, type ErrorKind, OmnifsError } from "../base/errors.ts";
import type { AssetDocument, EntryDocument, PackerDesk } from "../base/packer.ts";
import type { StreamEnd, StreamListener } from "../egress/callout.ts";
import { APPLYING, type GuestCallout, MUTE } from "./callouts.ts";
import { commandsOf, numberOf, textOf } from "./packer_commands.ts";
import type { CalloutReply } from "./protocol.ts";

/** The workspaces that a provider may see: nothing but the contract's words crosses to it, no path and no handle. */
export interface Workspaces {
  /** The names of the projects. */
  projects(): readonly string[];
  /** The packer of a project. @throws {OmnifsError} `not-found` */
  desk(project: string): PackerDesk;
  /** True where the user granted `--allow-apply` for that mount. */
  mayApply(mount: string): boolean;
  /** What happened in a project: the latest events, one JSON document a line. */
  events(project: string): string;
  /** Hands each event of a project on as a line, until `signal` is aborted. */
  follow(project: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd>;
}

/** The beginning of the URL of a project's events, as a source of change. */
const SCHEME = "packer:";

/** Longest correlation, in UTF-16 units. */
const CORRELATION = 200;

/** The project whose events a source of change names; undefined for any other source. */
export function projectIn(url: string): string | undefined {
  return url.startsWith(SCHEME) ? url.slice(SCHEME.length) : undefined;
}

/** The answer to `packer.NAME` or `packer-write.NAME`, which `mount` asks on behalf of the call `op`. Never rejects. */
export async function answerPacker(
  workspaces: Workspaces | undefined,
  mount: string,
  { name, args, op }: GuestCallout,
): Promise<CalloutReply> {
  const answer = ANSWERS[name];
  // The one question whose answer has no room for a refusal.
  if (workspaces === undefined && name === "packer.projects") return { ok: [] };
  if (workspaces === undefined) return denied("no workspace was named to omnifs");
  if (op === MUTE) return denied(`${op} may not ask for anything`);
  if (name.startsWith(WRITES)) {
    const why = refusal(workspaces, mount, op);
    if (why !== undefined) return denied(why);
  }
  if (answer === undefined) return { error: { tag: "internal", val: `there is no ${name}` } };
  try {
    return { ok: await answer(workspaces, args) };
  } catch (error) {
    return { error: failureOf(asOmnifsError(error, name)) };
  }
}

/** The beginning of what changes a workspace. */
const WRITES = "packer-write.";

/** Why a workspace may not be changed: the grant is the user's, and the time is that of a step of an apply. */
function refusal(workspaces: Workspaces, mount: string, op: string): string | undefined {
  if (!workspaces.mayApply(mount)) {
    return `a commit changes the workspace, which was not granted to ${mount}`;
  }
  return APPLYING.has(op) ? undefined : `a commit passes only while a draft of ${mount} is applied`;
}

function denied(val: string): CalloutReply {
  return { error: { tag: "denied", val } };
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
  "packer.preview": async (workspaces, [project, commands]) => {
    const request = { commands: await commandsOf(commands) };
    return [...(await deskOf(workspaces, project).call("preview", request)).steps];
  },
  "packer.moment": (workspaces, [project]) => deskOf(workspaces, project).call("moment", {}),
  "packer.committed": async (workspaces, [project, correlation, since]) => {
    const request = { correlation: correlationOf(correlation), since: textOf(since) };
    return await deskOf(workspaces, project).call("committed", request) ?? undefined;
  },
  "packer-write.commit": async (workspaces, [project, commands, correlation]) => {
    const request = { commands: await commandsOf(commands), correlation: correlationOf(correlation) };
    return BigInt((await deskOf(workspaces, project).call("commit", request)).generation);
  },
};

function correlationOf(value: unknown): string {
  const correlation = textOf(value);
  if (correlation.length <= CORRELATION) return correlation;
  throw new OmnifsError("invalid", `a correlation has at most ${CORRELATION} characters`);
}

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
  "unauthorized": told("unauthorized"),
  "denied": told("denied"),
  "conflict": told("conflict"),
  "internal": told("internal"),
};
