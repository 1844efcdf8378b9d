/**
 * omnifs for a program that embeds it: the program makes the bus, and everything that it opens here publishes on that
 * one. Responses, commands and events are plain data; the rules stay in here.
 *
 * ```ts
 * const bus = new Bus(systemClock);
 * const omnifs = createOmnifs({ bus });
 * const game = await omnifs.openWorkspace({ workspace: "/home/ada/game" });
 * bus.subscribe(({ type, data }) => console.log(type, data));
 * await game.commit([{ do: "set-included", asset: 1, included: false }]);
 * await omnifs.close();
 * ```
 *
 * @module
 */
import type { Bus } from "./base/bus.ts";
import { systemClock } from "./base/clock.ts";
import type { Daemon, DaemonOptions } from "./control/options.ts";
import type { Packer, PackerOptions } from "./packer/mod.ts";

export { Bus, type BusEvent, type Listener, type OmnifsEvents, type PackerEvent } from "./base/bus.ts";
export { type Cancel, type Clock, systemClock } from "./base/clock.ts";
export { type ErrorDetails, type ErrorKind, OmnifsError } from "./base/errors.ts";
export type * from "./base/packer.ts";
export type { Daemon, DaemonOptions } from "./control/options.ts";
export type { Packer, PackerOptions, Reader } from "./packer/mod.ts";

/** What a program hands over at its start. */
export interface EmbeddingOptions {
  /** The program's own bus, made before anything is opened. */
  readonly bus: Bus;
}

/** What a program says of a workspace; the rest is the program's, and known. */
export type WorkspaceOptions =
  & Pick<PackerOptions, "workspace" | "project" | "watch" | "patrol">
  & Partial<Pick<PackerOptions, "program">>;

/** omnifs in a program. */
export interface Omnifs {
  /** The bus that was handed over. */
  readonly bus: Bus;
  /** Holds a workspace. @throws {OmnifsError} `invalid` where it is none, `busy` with the name of whoever holds it */
  openWorkspace(options: WorkspaceOptions): Promise<Packer>;
  /** Starts a daemon in this process: providers, the tree, a mount where one is asked for. @throws {OmnifsError} */
  start(options: DaemonOptions): Promise<Daemon>;
  /** Lets go of everything that was opened, the latest first. */
  close(): Promise<void>;
}

/** omnifs on the bus of the program that embeds it. Nothing is loaded or opened yet. */
export function createOmnifs({ bus }: EmbeddingOptions): Omnifs {
  const open: { close(): Promise<void> }[] = [];
  return {
    bus,
    async openWorkspace(options) {
      const { Packer } = await import("./packer/mod.ts");
      const packer = await Packer.open({
        program: "an embedding program",
        ...options,
        bus,
        clock: systemClock,
      });
      open.push(packer);
      return packer;
    },
    async start(options) {
      const { startDaemon } = await import("./daemon.ts");
      const daemon = await startDaemon(options, bus);
      open.push(daemon);
      return daemon;
    },
    async close() {
      for (const each of open.reverse()) await each.close();
      open.length = 0;
    },
  };
}
