/**
 * Changes of workspaces, for the world `packer-provider`.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import * as host from "omnifs:provider/packer-write@1.0.0";
import type { PackerCommand } from "./contract.ts";
import { asked } from "./packer.ts";

/** Changes workspaces; everything is denied outside an apply. Every function throws a `ProviderError`. */
export const packerWrite = {
  /** Commits all of `commands`, or none; the new generation. */
  commit: (project: string, commands: PackerCommand[], correlation: string): number =>
    asked(() => host.commit(project, commands, correlation)),
} as const;

/** What a provider uses of {@linkcode packerWrite}; a test hands in another one. */
export type PackerWriter = typeof packerWrite;
