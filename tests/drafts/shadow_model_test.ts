/**
 * Whatever is done in the tree of a draft, restarts included: it is the tree that POSIX says, and what the draft would
 * change is what tells it from the live one.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isScratch } from "../../runtime/drafts/mod.ts";
import { checkProperty } from "../support/property.ts";
import { tempDir } from "../support/temp.ts";
import { FakeProjection } from "../vfs/fake_projection.ts";
import { Shadow } from "./shadow.ts";

const text = new TextDecoder();

/** The live files of the directory, and whether a draft may write them. */
const LIVE: Readonly<Record<string, { text: string; writable: boolean }>> = {
  state: { text: "open\n", writable: true },
  title: { text: "old\n", writable: true },
  fixed: { text: "fixed\n", writable: false },
};

function provider(): FakeProjection {
  const projection = new FakeProjection("m");
  const box = projection.directory("", "box", { writable: true });
  for (const [name, { text, writable }] of Object.entries(LIVE)) {
    projection.file(box, name, { bytes: new TextEncoder().encode(text), writable });
  }
  return projection;
}

/** One thing that a tool does; paths are those below the directory. */
type Act =
  | { readonly do: "put" | "create" | "mkdir" | "unlink" | "rmdir"; readonly path: string }
  | { readonly do: "rename"; readonly path: string; readonly to: string }
  | { readonly do: "restart" };

const FOLDERS = ["", "", "d/", "d/e/", "w.tmp/", "w/"];
const NAMES = ["state", "title", "fixed", "a", "b", "a~", "x.tmp", "d", "e", "w", "w.tmp"];
const anyPath = fc.tuple(fc.constantFrom(...FOLDERS), fc.constantFrom(...NAMES)).map((both) => both.join(""));
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "put" as const,
        "create" as const,
        "mkdir" as const,
        "mkdir" as const,
        "unlink" as const,
        "rmdir" as const,
      ),
      path: anyPath,
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("rename" as const), path: anyPath, to: anyPath }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const scratchy = (path: string) => path.split("/").some((name) => isScratch(name, false));

/** The tree, by path: a file's text, or undefined for a directory. */
class Model {
  readonly tree = new Map<string, string | undefined>();
  /** The live files that are in the tree as such: `live` ones that are not gone or replaced. */
  readonly live = new Set(Object.keys(LIVE));
  /** Live files that were taken away. */
  readonly gone = new Set<string>();
  /** Files that have only got the name of an editor's: they are part of the draft, until their old name is taken. */
  readonly #renamed = new Map<string, { readonly from: string }>();

  constructor() {
    for (const [name, { text }] of Object.entries(LIVE)) this.tree.set(name, text);
  }

  /** True where the kernel never asks: its own checks come first. */
  isKernels(act: Act): boolean {
    const folder = (path: string) => {
      const parent = parentOf(path);
      return parent === "" || this.tree.has(parent) && this.tree.get(parent) === undefined;
    };
    if (act.do === "restart") return false;
    if (!folder(act.path)) return true;
    if (act.do !== "rename") return false;
    const { path, to } = act;
    if (!folder(to) || path === to || `${to}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${to}/`)) {
      return true;
    }
    const isDirectory = (at: string) => this.tree.get(at) === undefined;
    return this.tree.has(path) && this.tree.has(to) && isDirectory(path) !== isDirectory(to);
  }

  /** The errno of an act, which is done where it is none; `text` is what is written. */
  act(act: Act, text: string): string {
    switch (act.do) {
      case "restart":
        for (const path of [...this.tree.keys()]) if (!this.#isPart(path)) this.tree.delete(path);
        for (const path of this.#renamed.keys()) this.#renamed.set(path, { from: "nowhere/any/more" });
        return "OK";
      case "put":
        if (!this.tree.has(act.path)) return "ENOENT";
        if (this.tree.get(act.path) === undefined) return "EISDIR";
        return this.#write(act.path, text);
      case "create":
      case "mkdir":
        return this.#make(act.path, act.do === "mkdir");
      case "unlink":
      case "rmdir":
        return this.#remove(act.path, act.do === "rmdir");
      case "rename":
        return this.#rename(act.path, act.to);
    }
  }

  /** What the draft would change, in the order of a sorted list. */
  changes(): string[] {
    const writes = [...this.live].filter((name) => this.tree.get(name) !== LIVE[name]?.text)
      .map((name) => `write ${name} ${this.tree.get(name)}`);
    const made = [...this.tree].filter(([path, held]) =>
      held !== undefined && this.#isPart(path) && !this.live.has(path)
    );
    return [
      ...writes,
      ...made.map(([path, held]) => `create ${path} ${held}`),
      ...[...this.gone].map((name) => `remove ${name}`),
    ].sort();
  }

  #isPart(path: string): boolean {
    return !scratchy(path) || this.#renamed.has(path);
  }

  /** A file is at `path`: what was moved away from there was a backup. */
  #refilled(path: string): void {
    for (const [to, { from }] of this.#renamed) if (from === path) this.#renamed.delete(to);
  }

  #isFixed(path: string): boolean {
    return this.live.has(path) && LIVE[path]?.writable === false;
  }

  #write(path: string, text: string): string {
    if (this.#isFixed(path)) return "EPERM";
    this.tree.set(path, text);
    return "OK";
  }

  /** True where a live file was taken away that a tool may make again: it is the same file then. */
  #returns(path: string): boolean {
    return this.gone.has(path) && LIVE[path]?.writable === true;
  }

  #return(path: string): void {
    this.gone.delete(path);
    this.live.add(path);
  }

  #make(path: string, directory: boolean): string {
    if (this.tree.has(path)) return "EEXIST";
    if (this.#returns(path)) {
      if (directory) return "EPERM";
      this.#return(path);
    }
    this.tree.set(path, directory ? undefined : "");
    if (!directory) this.#refilled(path);
    return "OK";
  }

  #remove(path: string, directory: boolean): string {
    if (!this.tree.has(path)) return "ENOENT";
    if ((this.tree.get(path) === undefined) !== directory) return directory ? "ENOTDIR" : "EISDIR";
    if (this.#below(path).length > 0) return "ENOTEMPTY";
    this.#take(path);
    return "OK";
  }

  #take(path: string): void {
    if (this.live.delete(path)) this.gone.add(path);
    this.tree.delete(path);
    this.#renamed.delete(path);
  }

  #below(path: string): string[] {
    return [...this.tree.keys()].filter((each) => each.startsWith(`${path}/`));
  }

  /** A live file is backed up under a name of an editor's, or goes while another one with its text is made or written. */
  #renameLive(path: string, to: string): string {
    const held = this.tree.get(path);
    const isBackup = isScratch(nameOf(to), true);
    if (scratchy(parentOf(to)) || isBackup && this.live.has(to)) return "EPERM";
    if (!isBackup && (this.#isFixed(path) || this.#isFixed(to))) return "EPERM";
    if (this.#returns(to)) this.#return(to);
    this.#take(path);
    this.#renamed.delete(to);
    this.tree.set(to, held);
    if (isBackup) this.#renamed.set(to, { from: path });
    return "OK";
  }

  #rename(path: string, to: string): string {
    if (!this.tree.has(path)) return "ENOENT";
    const held = this.tree.get(path);
    if (this.live.has(path)) return this.#renameLive(path, to);
    if (this.live.has(to) || this.#returns(to)) {
      if (held === undefined || this.#isFixed(to)) return "EPERM";
      this.#return(to);
      this.tree.set(to, held);
      this.tree.delete(path);
      this.#renamed.delete(path);
      this.#refilled(to);
      return "OK";
    }
    if (this.#below(to).length > 0) return "ENOTEMPTY";
    const stays = held !== undefined && this.#isPart(path) && !scratchy(parentOf(to)) && scratchy(to);
    const moved = (each: string) => `${each}/`.startsWith(`${path}/`) ? to + each.slice(path.length) : each;
    this.#renamed.delete(to);
    for (const each of [path, ...this.#below(path)]) {
      const [text, renamed] = [this.tree.get(each), this.#renamed.get(each)];
      this.tree.delete(each);
      this.#renamed.delete(each);
      this.tree.set(moved(each), text);
      if (each !== path && renamed !== undefined && !scratchy(to)) this.#renamed.set(moved(each), renamed);
    }
    if (held === undefined) {
      for (const [at, { from }] of this.#renamed) this.#renamed.set(at, { from: moved(from) });
    } else {
      if (stays) this.#renamed.set(to, { from: path });
      this.#refilled(to);
    }
    return "OK";
  }
}

/** The draft `d` of a mount, over restarts. */
class World implements AsyncDisposable {
  readonly #dir: string;
  #shadow: Shadow;

  private constructor(dir: string, shadow: Shadow) {
    this.#dir = dir;
    this.#shadow = shadow;
  }

  static async open(dir: string): Promise<World> {
    const shadow = await Shadow.open(dir, [provider()]);
    await shadow.draft();
    return new World(dir, shadow);
  }

  async restart(): Promise<void> {
    await this.#shadow.forgetAll();
    await this.#shadow[Symbol.asyncDispose]();
    this.#shadow = await Shadow.open(this.#dir, [provider()]);
  }

  async act(act: Act, text: string): Promise<string> {
    if (act.do === "restart") return await this.restart().then(() => "OK");
    const shadow = this.#shadow;
    const where = await this.#target(act.path);
    if (act.do === "put") {
      const entry = await shadow.lookup(where.parent, where.name);
      return typeof entry === "string" ? entry : await shadow.put(entry.nodeid, text);
    }
    if (act.do === "rename") {
      const to = await this.#target(act.to);
      return await shadow.outcome((changes, by) => changes.rename(where, to, 0, by));
    }
    const { do: change } = act;
    return await shadow.outcome((changes, by) => changes[change](where, by));
  }

  /** The tree, in the form of {@linkcode Model.tree}. */
  async tree(folder = ""): Promise<[string, string | undefined][]> {
    const parent = await this.#shadow.directory(`_drafts/d/m/box/${folder}`);
    const found: [string, string | undefined][] = [];
    for (const name of await this.#shadow.ls(parent, 3)) {
      const { nodeid, attributes } = await this.#shadow.walk(`_drafts/d/m/box/${folder}${name}`);
      const directory = (attributes.mode & 0o170000) === 0o040000;
      found.push([`${folder}${name}`, directory ? undefined : await this.#shadow.cat(nodeid)]);
      if (directory) found.push(...await this.tree(`${folder}${name}/`));
    }
    return found.sort(([a], [b]) => a < b ? -1 : 1);
  }

  /** What the draft would change, in the form of {@linkcode Model.changes}. */
  changes(): string[] {
    return this.#shadow.drafts.get("d").changes.map(({ mutation }) => {
      if (mutation.tag === "remove") return `remove ${mutation.name}`;
      const name = mutation.tag === "create" ? mutation.name : nameOf(mutation.file);
      return `${mutation.tag} ${name} ${text.decode(mutation.content)}`;
    }).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shadow.forgetAll();
    await this.#shadow[Symbol.asyncDispose]();
  }

  async #target(path: string): Promise<{ parent: number; name: string }> {
    return {
      parent: await this.#shadow.directory(`_drafts/d/m/box/${parentOf(path)}`),
      name: nameOf(path),
    };
  }
}

async function check(world: World, model: Model, message: string): Promise<void> {
  const wanted = [...model.tree].sort(([a], [b]) => a < b ? -1 : 1);
  assert.deepEqual(await world.tree(), wanted, message);
  assert.deepEqual(world.changes(), model.changes(), message);
}

async function played(acts: readonly Act[]): Promise<void> {
  await using dir = await tempDir();
  await using world = await World.open(dir.path);
  const model = new Model();
  for (const [step, act] of acts.entries()) {
    if (model.isKernels(act)) continue;
    const text = `text ${step}\n`;
    const message = `${step}: ${JSON.stringify(act)}`;
    const wanted = model.act(act, text);
    assert.equal(await world.act(act, text), wanted, message);
    if (act.do === "restart") await check(world, model, message);
  }
  await check(world, model, "at the end");
  await world.restart();
  model.act({ do: "restart" }, "");
  await check(world, model, "after the last restart");
}

Deno.test("whatever is done in the tree of a draft, restarts included, it and the draft are what POSIX says", async () => {
  await checkProperty(fc.asyncProperty(fc.array(anyAct, { maxLength: 40 }), played), 150);
});

Deno.test("a directory that was made on the way takes along what is in it when it gets its name, and loses nothing", () =>
  played([
    { do: "mkdir", path: "w.tmp" },
    { do: "create", path: "w.tmp/a" },
    { do: "put", path: "w.tmp/a" },
    { do: "mkdir", path: "w.tmp/d" },
    { do: "create", path: "w.tmp/d/b" },
    { do: "create", path: "w.tmp/d/x.tmp" },
    { do: "rename", path: "w.tmp", to: "w" },
    { do: "put", path: "w/d/b" },
    { do: "restart" },
    { do: "rename", path: "w", to: "w.tmp" },
  ]));
