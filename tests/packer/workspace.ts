/**
 * Workspaces of tests: made in a folder of their own, opened, and looked at from outside.
 *
 * @module
 */
import { dirname } from "node:path";
import { Bus, type BusEvent } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Packer, type PackerOptions } from "../../runtime/packer/mod.ts";
import { until } from "../support/deadline.ts";
import { type TempDir, tempDir } from "../support/temp.ts";

/** Milliseconds that a test waits for something to be noticed before it fails. */
export const NOTICED = 20_000;

/** The UUID with this number. */
export function uuid(number: number): string {
  return `5b1f6a0e-9c1d-4a53-8f0e-${number.toString(16).padStart(12, "0")}`;
}

/** The text of an `asset.json`. */
export function declaration(number: number, name: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify(
    {
      schema_version: 1,
      asset_uuid: uuid(number),
      name,
      type: "image",
      inputs: {},
      output: { format: "tiles", codec: "raw" },
      preload: { enabled: false },
      ...more,
    },
    null,
    2,
  ) + "\n";
}

/** The text of an `index.json` with assets at these roots: the first one has id 1 and UUID 1. */
export function registry(...roots: readonly string[]): string {
  const assets = roots.map((root, index) => ({
    asset_id: index + 1,
    asset_uuid: uuid(index + 1),
    root,
    included_in_build: true,
  }));
  return JSON.stringify({ schema_version: 1, next_asset_id: roots.length + 1, assets }, null, 2) + "\n";
}

/** A workspace on disk. */
export class Workspace implements AsyncDisposable {
  /** Its absolute path. */
  readonly path: string;
  readonly #dispose: () => Promise<void>;

  private constructor(path: string, dispose: () => Promise<void>) {
    this.path = path;
    this.#dispose = dispose;
  }

  /** A workspace with these files, by path relative to `assets/`. */
  static async of(files: Readonly<Record<string, string>> = {}, folder?: TempDir): Promise<Workspace> {
    folder ??= await tempDir();
    const { path } = folder;
    const workspace = new Workspace(path, async () => await folder[Symbol.asyncDispose]());
    await Deno.mkdir(`${path}/assets`);
    for (const [file, text] of Object.entries(files)) await workspace.write(file, text);
    return workspace;
  }

  /** The workspace that lies in the folder `folder` already, which is then the workspace's. */
  static at(folder: TempDir): Workspace {
    return new Workspace(folder.path, async () => await folder[Symbol.asyncDispose]());
  }

  /** A workspace with registered assets at these roots, each with an `asset.json` and a file `a.txt`. */
  static async with(...roots: readonly string[]): Promise<Workspace> {
    return await Workspace.in(await tempDir(), ...roots);
  }

  /** {@linkcode Workspace.with} in the folder `folder`, which is then the workspace's. */
  static async in(folder: TempDir, ...roots: readonly string[]): Promise<Workspace> {
    const workspace = await Workspace.of({ ".prometeu/index.json": registry(...roots) }, folder);
    for (const [index, root] of roots.entries()) {
      await workspace.write(`${root}/asset.json`, declaration(index + 1, root));
      await workspace.write(`${root}/a.txt`, `the first of ${root}\n`);
    }
    return workspace;
  }

  /** The absolute path of `path`, which is relative to `assets/`. */
  at(path: string): string {
    return `${this.path}/assets/${path}`;
  }

  /** Writes a file as an author would. */
  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(dirname(this.at(path)), { recursive: true });
    await Deno.writeTextFile(this.at(path), text);
  }

  /** The text of a file. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(this.at(path));
  }

  /** True where something is at `path`. */
  async has(path: string): Promise<boolean> {
    return await Deno.lstat(this.at(path)).then(() => true, () => false);
  }

  /** Opens it. */
  async open(options: Partial<PackerOptions> = {}): Promise<OpenWorkspace> {
    const bus = options.bus ?? new Bus(systemClock);
    const events: BusEvent[] = [];
    const unsubscribe = bus.subscribe((event) => events.push(event));
    const packer = await Packer.open({
      workspace: this.path,
      bus,
      clock: systemClock,
      program: "a test",
      watch: false,
      ...options,
    });
    return new OpenWorkspace(packer, events, unsubscribe);
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}

/** A workspace that is held. */
export class OpenWorkspace implements AsyncDisposable {
  /** Its packer. */
  readonly packer: Packer;
  /** What was told on its bus. */
  readonly events: readonly BusEvent[];
  readonly #unsubscribe: () => void;

  /** Made by {@linkcode Workspace.open}. */
  constructor(packer: Packer, events: readonly BusEvent[], unsubscribe: () => void) {
    this.packer = packer;
    this.events = events;
    this.#unsubscribe = unsubscribe;
  }

  /** The types of the events so far, from `from` on. */
  told(from = 0): string[] {
    return this.events.slice(from).map(({ type }) => type);
  }

  /** Resolves once the state is `state`. */
  async becomes(state: string): Promise<void> {
    await until(() => this.packer.status().state === state, NOTICED, `the state ${state}`);
  }

  /** Resolves once the generation is at least `generation`. */
  async reaches(generation: number): Promise<void> {
    await until(() => this.packer.generation >= generation, NOTICED, `generation ${generation}`);
  }

  /** The kinds and paths of what waits for a decision. */
  waiting(): string[] {
    return this.packer.divergences().map(({ kind, path }) => `${kind} ${path}`);
  }

  /** The text of a file, in the latest generation. */
  async text(asset: number, path: string): Promise<string> {
    using reader = this.packer.reader();
    return new TextDecoder().decode(await reader.read(asset, path));
  }

  /** Lets go of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.packer.close();
    this.#unsubscribe();
  }
}
