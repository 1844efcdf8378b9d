/**
 * Turns commands into a draft: checks each one against the snapshot and the ones before it, and changes nothing.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { PackerCommand, Registered } from "../base/packer.ts";
import { readDeclaration, sameCase, uuidIn, withUuid } from "./declaration.ts";
import type { Disk } from "./disk.ts";
import type { Draft, DraftMove, DraftRemove, DraftWrite, Expected } from "./draft.ts";
import { faultError } from "./fault.ts";
import { readWhole } from "./files.ts";
import { type Entry, entryAt } from "./folder.ts";
import { sha256 } from "./look.ts";
import { ancestors, DECLARATION, DECLARATION_LIMIT, overlap, pathFault, rootFault, within } from "./paths.ts";
import { changedRegistry, type RegistryChange, type RegistryEntry } from "./registry.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a planner needs. */
export interface PlannerParts {
  /** Looked at, never changed. */
  readonly disk: Disk;
  /** The absolute path of `assets/`. */
  readonly assets: string;
  /** The generation that the commands start from. */
  readonly snapshot: Snapshot;
  /** Why an asset may not be changed now (undefined asks for the registry); undefined where it may. */
  readonly blocked: (asset: number | undefined) => string | undefined;
  /** The least id that was never given out, whatever the registry says. */
  readonly nextId: number;
}

type Command<Do extends PackerCommand["do"]> = Extract<PackerCommand, { readonly do: Do }>;

/** A change of one file; null bytes remove it. */
interface FileChange {
  readonly asset: number;
  readonly path: string;
  readonly bytes: Uint8Array | null;
  readonly expected: Expected;
}

const encoder = new TextEncoder();

/** Takes commands one by one. */
export class Planner {
  readonly #parts: PlannerParts;
  readonly #entries: Map<number, RegistryEntry>;
  readonly #roots: Map<number, { readonly now: string; later: string }>;
  readonly #changes: RegistryChange[] = [];
  readonly #moves: DraftMove[] = [];
  readonly #files = new Map<string, FileChange>();
  readonly #registered: Registered[] = [];
  #next: number;

  /** Nothing is planned yet. */
  constructor(parts: PlannerParts) {
    this.#parts = parts;
    const { assets, next_asset_id: next } = parts.snapshot.registry;
    this.#entries = new Map(assets.map((entry) => [entry.asset_id, entry]));
    this.#roots = new Map(assets.map(({ asset_id, root }) => [asset_id, { now: root, later: root }]));
    this.#next = Math.max(next, parts.nextId);
  }

  /** Plans one more command. @throws {OmnifsError} `invalid`, `not-found` or `conflict`, told with what it is about */
  async add(command: PackerCommand): Promise<void> {
    switch (command.do) {
      case "register":
        return await this.#register(command);
      case "unregister":
        this.#entry(command.asset);
        this.#entries.delete(command.asset);
        return this.#change({ change: "drop", id: command.asset });
      case "set-included":
        return this.#include(command);
      case "relocate":
        return await this.#relocate(command);
      case "put":
        return await this.#put(command);
      case "remove":
        return await this.#remove(command);
    }
  }

  /** All that was planned. */
  async draft(): Promise<Draft> {
    const writes: DraftWrite[] = [];
    const removes: DraftRemove[] = [];
    for (const { asset, path, bytes, expected } of this.#files.values()) {
      const { now, later } = this.#rootsOf(asset);
      const places = { asset, file: path, path: `${later}/${path}`, origin: `${now}/${path}` };
      if (bytes !== null) writes.push({ ...places, bytes, expected });
      else if (expected !== null) removes.push({ ...places, expected });
    }
    const { registry } = this.#parts.snapshot;
    return {
      folders: await this.#folders(writes),
      moves: this.#moves,
      writes,
      removes,
      registry: this.#changes.length === 0 ? undefined : changedRegistry(registry, this.#changes),
      registered: this.#registered,
    };
  }

  async #register({ root, declaration, included = true, files = [] }: Command<"register">): Promise<void> {
    this.#refuseRoot(root, undefined);
    const path = `${root}/${DECLARATION}`;
    const there = await readWhole(this.#parts.disk, this.#at(path), DECLARATION_LIMIT);
    const found = there === undefined ? undefined : new TextDecoder().decode(there);
    if (found !== undefined && declaration !== undefined && found !== declaration) {
      throw new OmnifsError("conflict", `${path} is there already, and says something else`, {
        op: "register",
        path,
        mend: "register it without a declaration, or remove the file",
      });
    }
    const given = found ?? declaration;
    if (given === undefined) {
      throw new OmnifsError("invalid", `there is no ${path}, and no declaration was given`, {
        op: "register",
        path,
      });
    }
    const text = uuidIn(given) === undefined ? withUuid(given, crypto.randomUUID()) : given;
    const reading = readDeclaration(path, text);
    if (!reading.ok) throw faultError(reading.faults, "register");
    const id = this.#claim(reading.value.asset_uuid, root, included);
    if (text !== found) {
      const facts = found === undefined ? undefined : await this.#parts.disk.look(this.#at(path));
      this.#set({ asset: id, path: DECLARATION, bytes: encoder.encode(text), expected: facts ?? null });
    }
    for (const file of files) await this.#put({ do: "put", asset: id, ...file, expectedDigest: null });
  }

  /** Gives out the next id. */
  #claim(uuid: string, root: string, included: boolean): number {
    const twin = [...this.#entries.values()].find(({ asset_uuid }) =>
      sameCase(asset_uuid) === sameCase(uuid)
    );
    if (twin !== undefined) {
      throw new OmnifsError(
        "conflict",
        `asset ${twin.asset_id} at ${twin.root} has the asset_uuid ${uuid} already`,
        {
          op: "register",
          path: root,
          mend: "a copy needs an asset_uuid of its own: remove the line, and register it again",
        },
      );
    }
    const id = this.#next++;
    const entry = { asset_id: id, asset_uuid: uuid, root, included_in_build: included };
    this.#entries.set(id, entry);
    this.#roots.set(id, { now: root, later: root });
    this.#registered.push({ id, uuid, root });
    this.#change({ change: "add", entry });
    return id;
  }

  #include({ asset, included }: Command<"set-included">): void {
    const entry = this.#entry(asset);
    if (entry.included_in_build === included) return;
    this.#entries.set(asset, { ...entry, included_in_build: included });
    this.#change({ change: "set", id: asset, values: { included_in_build: included } });
  }

  async #relocate({ asset, root }: Command<"relocate">): Promise<void> {
    const entry = this.#entry(asset);
    if (entry.root === root) return;
    this.#refuseRoot(root, asset);
    const refuse = (why: string) => {
      throw new OmnifsError("conflict", `${entry.root} cannot go to ${root}: ${why}`, {
        op: "relocate",
        path: root,
      });
    };
    if (overlap(entry.root, root)) refuse("one lies in the other");
    const meets = this.#moves.some(({ asset: moved, from, to }) =>
      moved === asset || overlap(from, root) || overlap(to, root)
    );
    if (meets) refuse("another move of the same commit meets it; commit them one after another");
    if (await this.#parts.disk.look(this.#at(root)) !== undefined) refuse("something is there");
    this.#moves.push({ asset, from: entry.root, to: root });
    this.#entries.set(asset, { ...entry, root });
    this.#rootsOf(asset).later = root;
    this.#change({ change: "set", id: asset, values: { root } });
  }

  async #put({ asset, path, content, expectedDigest }: Command<"put">): Promise<void> {
    const expected = await this.#expected(asset, path, expectedDigest);
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    if (path === DECLARATION) this.#refuseDeclaration(asset, new TextDecoder().decode(bytes));
    this.#set({ asset, path, bytes, expected });
  }

  #refuseDeclaration(asset: number, text: string): void {
    const { root, asset_uuid } = this.#entry(asset);
    const reading = readDeclaration(`${root}/${DECLARATION}`, text);
    if (!reading.ok) throw faultError(reading.faults, "put");
    if (sameCase(reading.value.asset_uuid) === sameCase(asset_uuid)) return;
    throw new OmnifsError("invalid", `asset ${asset} is ${asset_uuid}, and cannot become another one`, {
      op: "put",
      path: `${root}/${DECLARATION}`,
      mend: "keep its asset_uuid",
    });
  }

  async #remove({ asset, path, expectedDigest }: Command<"remove">): Promise<void> {
    if (path === DECLARATION) {
      throw new OmnifsError("invalid", "a registered asset cannot be without its asset.json", {
        op: "remove",
        path,
        mend: "unregister the asset first",
      });
    }
    const expected = await this.#expected(asset, path, expectedDigest);
    const planned = this.#files.get(`${asset}:${path}`);
    if ((planned === undefined ? expected : planned.bytes) === null) {
      throw new OmnifsError("not-found", `asset ${asset} has no ${path}`, { op: "remove", path });
    }
    this.#set({ asset, path, bytes: null, expected });
  }

  /** What is at `path` of an asset now. @throws {OmnifsError} `conflict` where its digest is not the one expected */
  async #expected(asset: number, path: string, digest: string | null | undefined): Promise<Expected> {
    const { asset_id, root } = this.#entry(asset);
    const fault = pathFault(path);
    if (fault !== undefined) {
      throw new OmnifsError("invalid", `${path} is no path in asset ${asset}: ${fault}`, { path });
    }
    const planned = this.#files.get(`${asset}:${path}`);
    const now = planned?.expected ?? await this.#now(asset_id, path);
    const known = planned?.bytes ? sha256(planned.bytes) : now?.digest;
    if (digest === undefined) return now;
    const gone = planned === undefined ? now === null : planned.bytes === null;
    if (digest === null && gone) return now;
    if (digest === null) {
      throw new OmnifsError("conflict", `${root}/${path} is there already`, {
        op: "commit",
        path: `${root}/${path}`,
        mend: "look at it, and change that one",
      });
    }
    if (now === null || (known !== undefined && known !== digest)) {
      throw new OmnifsError("conflict", `${root}/${path} is no longer what was expected`, {
        op: "commit",
        path: `${root}/${path}`,
        mend: "read it again, and decide anew",
      });
    }
    return { ...now, digest, unread: known === undefined };
  }

  /** What the snapshot has at `path`; of an asset that was registered just now, what the disk has. */
  async #now(asset: number, path: string): Promise<Expected> {
    const known = this.#parts.snapshot.assets.get(asset);
    if (known === undefined) {
      return await this.#parts.disk.look(this.#at(`${this.#rootsOf(asset).now}/${path}`)) ?? null;
    }
    const found: Entry | undefined = known.folder === undefined ? undefined : entryAt(known.folder, path);
    if (found?.kind === "folder") throw new OmnifsError("is-a-directory", `${path} is a directory`, { path });
    if (found === undefined) return null;
    const { size, mtime, ctime, ino, digest } = found;
    return { size, mtime, ctime, ino, ...(digest === undefined ? {} : { digest }) };
  }

  /** Which directories are missing on the way to what is written or moved. */
  async #folders(writes: readonly DraftWrite[]): Promise<string[]> {
    const wanted = new Set(
      [...writes, ...this.#moves.map(({ to }) => ({ path: to }))].flatMap(({ path }) => ancestors(path)),
    );
    const missing: string[] = [];
    for (const folder of [...wanted].sort((a, b) => a.length - b.length)) {
      // What a move brings is there when the files are written.
      const move = this.#moves.find(({ to }) => within(to, folder));
      const now = move === undefined ? folder : move.from + folder.slice(move.to.length);
      if (await this.#parts.disk.look(this.#at(now)) === undefined) missing.push(folder);
    }
    return missing;
  }

  /** @throws {OmnifsError} where `root` cannot be a root, or meets the root of an asset other than `self` */
  #refuseRoot(root: string, self: number | undefined): void {
    const fault = rootFault(root);
    if (fault !== undefined) {
      throw new OmnifsError("invalid", `${JSON.stringify(root)} is no root: ${fault}`, { path: root });
    }
    const other = [...this.#entries.values()].find((each) =>
      each.asset_id !== self && overlap(each.root, root)
    );
    if (other === undefined) return;
    throw new OmnifsError("conflict", `${root} meets the root of asset ${other.asset_id}, ${other.root}`, {
      path: root,
    });
  }

  /** @throws {OmnifsError} `not-found` where there is no such asset, `conflict` where it waits for a decision */
  #entry(asset: number): RegistryEntry {
    const entry = this.#entries.get(asset);
    if (entry === undefined) {
      throw new OmnifsError("not-found", `there is no asset ${asset} in the registry`, { op: "commit" });
    }
    this.#refuseBlocked(asset);
    return entry;
  }

  #rootsOf(asset: number): { readonly now: string; later: string } {
    const roots = this.#roots.get(asset);
    if (roots === undefined) throw new OmnifsError("internal", `asset ${asset} has no root`);
    return roots;
  }

  #change(change: RegistryChange): void {
    this.#refuseBlocked(undefined);
    this.#changes.push(change);
  }

  #refuseBlocked(asset: number | undefined): void {
    const why = this.#parts.blocked(asset);
    if (why === undefined) return;
    throw new OmnifsError("conflict", why, { op: "commit", mend: "omnifs packer reconcile --plan" });
  }

  #set(change: FileChange): void {
    this.#files.set(`${change.asset}:${change.path}`, change);
  }

  #at(path: string): string {
    return `${this.#parts.assets}/${path}`;
  }
}
