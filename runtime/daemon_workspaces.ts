/**
 * The workspaces of one daemon: each held by a packer that publishes on the daemon's own bus, and shown to the provider
 * that is mounted as `packer`.
 *
 * @module
 */
import type { Bus, BusEvent } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { OmnifsError } from "./base/errors.ts";
import type { PackerDesk } from "./base/packer.ts";
import type { DaemonOptions } from "./control/options.ts";
import type { StreamEnd, StreamListener } from "./egress/callout.ts";
import type { Packer } from "./packer/mod.ts";
import type { Workspaces } from "./provider/mod.ts";

/** What workspaces stand on. */
export interface DaemonWorkspacesParts {
  /** The time. */
  readonly clock: Clock;
  /** The daemon's bus: the packers make none of their own. */
  readonly bus: Bus;
}

/** Events that wait for a listener that is busy; one that falls behind further has to look at everything anew. */
const WAITING = 1_000;

/** See the module. */
export class DaemonWorkspaces implements Workspaces {
  readonly #bus: Bus;
  readonly #packers: ReadonlyMap<string, Packer>;
  readonly #allowApply: readonly string[];
  readonly #closing = new AbortController();

  private constructor(bus: Bus, packers: ReadonlyMap<string, Packer>, allowApply: readonly string[]) {
    this.#bus = bus;
    this.#packers = packers;
    this.#allowApply = allowApply;
  }

  /**
   * Holds the workspaces of `options`. The packer is loaded only where there is one.
   *
   * @throws {OmnifsError} why one of them cannot be held; none is then
   */
  static async open(
    { workspaces = [], dir, allowApply }: Pick<DaemonOptions, "workspaces" | "dir" | "allowApply">,
    { clock, bus }: DaemonWorkspacesParts,
  ): Promise<DaemonWorkspaces> {
    const packers = new Map<string, Packer>();
    const opened = new DaemonWorkspaces(bus, packers, allowApply);
    if (workspaces.length === 0) return opened;
    const { Packer } = await import("./packer/mod.ts");
    const program = dir === null ? "omnifs" : `omnifs mount ${dir}`;
    try {
      for (const { name, path } of workspaces) {
        if (packers.has(name)) throw named(name, path);
        packers.set(name, await Packer.open({ workspace: path, project: name, bus, clock, program }));
      }
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** See {@linkcode Workspaces}. */
  projects(): readonly string[] {
    return [...this.#packers.keys()];
  }

  /** See {@linkcode Workspaces}. */
  desk(project: string): PackerDesk {
    const packer = this.#packers.get(project);
    if (packer !== undefined) return packer;
    throw new OmnifsError("not-found", `there is no project ${project}`);
  }

  /** See {@linkcode Workspaces}. */
  mayApply(mount: string): boolean {
    return this.#allowApply.includes(mount);
  }

  /** The packer of the workspace at the absolute path `workspace`. @throws {OmnifsError} `not-found` */
  at(workspace: string): PackerDesk {
    for (const packer of this.#packers.values()) if (packer.status().workspace === workspace) return packer;
    throw new OmnifsError("not-found", `${workspace} is not served here`, { mend: "omnifs packer status" });
  }

  /** See {@linkcode Workspaces}. */
  events(project: string): string {
    this.desk(project);
    return this.#bus.since(0).filter((event) => isOf(event, project)).map((event) =>
      `${JSON.stringify(event)}\n`
    ).join("");
  }

  /** See {@linkcode Workspaces}. */
  async follow(project: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd> {
    if (!this.#packers.has(project)) return { tag: "refused", status: 404 };
    const waiting: BusEvent[] = [];
    let wake = () => {};
    const unsubscribe = this.#bus.subscribe((event) => {
      if (!isOf(event, project)) return;
      waiting.push(event);
      wake();
    });
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.addEventListener("abort", () => wake(), { once: true });
    try {
      listener.opened();
      while (!stop.aborted) {
        if (waiting.length > WAITING) return { tag: "too-large" };
        const event = waiting.shift();
        if (event !== undefined) await listener.line(new TextEncoder().encode(JSON.stringify(event)));
        else await new Promise<void>((resolve) => stop.aborted ? resolve() : wake = resolve);
      }
      return signal.aborted ? { tag: "timeout" } : { tag: "closed" };
    } finally {
      unsubscribe();
    }
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const packer of this.#packers.values()) await packer.close();
  }
}

function isOf({ type, data }: BusEvent, project: string): boolean {
  return type.startsWith("packer.") && "project" in data && data.project === project;
}

function named(name: string, path: string): OmnifsError {
  return new OmnifsError("invalid", `two workspaces are called ${name}`, {
    path,
    mend: `--workspace OTHER=${path}`,
  });
}
