/**
 * The host's side of the packer's provider, for the world `packer-provider`: its workspaces, and `log`. Importing this
 * file also installs `console`.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import * as host from "omnifs:provider/packer@1.0.0";
import type {
  Failure,
  PackerAsset,
  PackerBuild,
  PackerCommand,
  PackerDivergence,
  PackerEntry,
  PackerStatus,
  Payload,
} from "./contract.ts";
import { ProviderError } from "./errors.ts";

export { log } from "./console.ts";

/** The host's packer. Every function throws a `ProviderError`. */
export const packer = {
  /** The names of the projects. */
  projects: (): string[] => asked(() => host.projects()),
  /** How a project stands. */
  status: (project: string): PackerStatus => asked(() => host.getStatus(project)),
  /** The text of `index.json`. */
  registry: (project: string): string => asked(() => host.registry(project)),
  /** Every registered asset. */
  assets: (project: string): PackerAsset[] => asked(() => host.assets(project)),
  /** One registered asset. */
  asset: (project: string, id: number): PackerAsset => asked(() => host.getAsset(project, id)),
  /** The text of its `asset.json`. */
  declaration: (project: string, asset: number): string => asked(() => host.declaration(project, asset)),
  /** What a directory of an asset holds. */
  files: (project: string, asset: number, path: string): PackerEntry[] =>
    asked(() => host.files(project, asset, path)),
  /** Bytes of a file. */
  read: (project: string, asset: number, path: string, offset: number, length: number): Payload =>
    asked(() => host.read(project, asset, path, offset, length)),
  /** What waits for a decision. */
  divergences: (project: string): PackerDivergence[] => asked(() => host.divergences(project)),
  /** The latest events, one JSON document a line. */
  events: (project: string): string => asked(() => host.events(project)),
  /** The latest build. */
  latestBuild: (project: string): PackerBuild | undefined =>
    asked(() => host.latestBuild(project) ?? undefined),
  /** Bytes of its archive. */
  readBuild: (project: string, offset: number, length: number): Payload =>
    asked(() => host.readBuild(project, offset, length)),
  /** What a commit of these commands would change, one line each. */
  preview: (project: string, commands: PackerCommand[]): string[] =>
    asked(() => host.preview(project, commands)),
  /** Now, as `committed` takes it. */
  moment: (project: string): string => asked(() => host.moment(project)),
  /** Whether that commit took place since that moment; undefined where the packer cannot know. */
  committed: (project: string, correlation: string, since: string): boolean | undefined =>
    asked(() => host.committed(project, correlation, since) ?? undefined),
} as const;

/** What a provider uses of {@linkcode packer}; a test hands in another one. */
export type PackerClient = typeof packer;

/** What `ask` answers; a failure of the host is thrown as a `ProviderError`. */
export function asked<Value>(ask: () => Value): Value {
  try {
    return ask();
  } catch (error) {
    if (typeof error !== "object" || error === null || !("payload" in error)) throw error;
    throw new ProviderError(error.payload as Failure);
  }
}
