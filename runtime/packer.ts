/**
 * The packer for one command: holds a workspace, answers, lets go.
 *
 * @module
 */
import { Bus } from "./base/bus.ts";
import { systemClock } from "./base/clock.ts";
import type { HeldDesk, WorkspaceHolder } from "./control/packer.ts";
import { holderOf, Packer } from "./packer/mod.ts";

/** See `PackerEntry`. */
export async function openDesk(workspace: string, program: string): Promise<HeldDesk> {
  // A command is its own application: it makes the bus, and nobody listens.
  const bus = new Bus(systemClock);
  return await Packer.open({ workspace, bus, clock: systemClock, program, watch: false });
}

/** See `PackerEntry`. */
export async function workspaceHolder(workspace: string): Promise<WorkspaceHolder | undefined> {
  return await holderOf(workspace);
}
