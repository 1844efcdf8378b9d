/**
 * What drafts do to a workspace: the component's mutations over a real packer.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { BusEvent } from "../../runtime/base/bus.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { FILE_LIMIT } from "../../runtime/drafts/staged.ts";
import { answerPacker } from "../../runtime/provider/packer_calls.ts";
import { type Mutation, PlanRefused, type Provider, type Step } from "../../runtime/provider/mod.ts";
import { bytesOf, walk } from "../support/projection.ts";
import { type OverWorkspace, overWorkspace, textAt } from "./over_workspace.ts";
import { declaration, uuid, Workspace } from "./workspace.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A workspace behind its component, and what is done to it. */
class Scene {
  readonly workspace: Workspace;
  readonly over: OverWorkspace;
  readonly told: BusEvent[] = [];
  #attempts = 0;

  constructor(workspace: Workspace, over: OverWorkspace) {
    this.workspace = workspace;
    this.over = over;
    over.bus.subscribe((event) => this.told.push(event));
  }

  get provider(): Provider {
    return this.over.provider;
  }

  /** The packer's number of the generation. */
  async generation(): Promise<number> {
    return (await this.over.workspaces.desk("game").call("status", {})).generation;
  }

  /** A write to a file below an asset, staged on what it is now. */
  async write(path: string, content: string): Promise<Mutation> {
    const node = await walk(this.provider, `game/_assets/_all/${path}`);
    ok(node?.writable, path);
    const base = await bytesOf(this.provider, node);
    return { tag: "write", file: node.id, baseVersion: node.version, base, content: bytes(content) };
  }

  /** A new file in a directory below an asset. */
  create(parent: string, name: string, content: string): Mutation {
    return { tag: "create", parent, name, content: bytes(content) };
  }

  /** The removal of what is at a path below `_assets/_all`. */
  async remove(path: string): Promise<Mutation> {
    const node = await walk(this.provider, `game/_assets/_all/${path}`);
    const name = path.split("/").at(-1) ?? "";
    return { tag: "remove", parent: "", name, node: node?.id ?? "", baseVersion: node?.version };
  }

  /** The steps that `changes` take, each under a name that is never used again. */
  async plan(...changes: Mutation[]): Promise<Step[]> {
    for (const change of changes) await this.provider.mutations.check(change);
    const steps = await this.provider.mutations.plan(changes);
    const attempt = `attempt-${this.#attempts++}`;
    return steps.map((step) => ({ ...step, id: `${attempt}/${step.id}` }));
  }

  /** The one step that `changes` take. */
  async step(...changes: Mutation[]): Promise<Step> {
    const [step, ...more] = await this.plan(...changes);
    strictEqual(more.length, 0, "all changes of a project are one step");
    if (step === undefined) throw new Error("there is no step");
    return step;
  }

  /** Performs a step that is asked about before and after. */
  async perform(step: Step): Promise<void> {
    strictEqual((await this.provider.mutations.probe(step)).tag, "not-performed");
    const { undo, changed } = await this.provider.mutations.perform(step);
    strictEqual(undo !== undefined, step.reversible);
    ok(changed.some((each) => each.tag === "children" && each.id === "set/game/_all"));
    strictEqual((await this.provider.mutations.probe(step)).tag, "performed");
  }

  /** Why `changes` are refused: which one, and for what. */
  async refused(...changes: Mutation[]): Promise<string[]> {
    const refusals: string[] = [];
    await rejects(this.provider.mutations.plan(changes), (error) => {
      ok(error instanceof PlanRefused, String(error));
      refusals.push(...error.refusals.map(({ change, error }) => `${change} ${error.kind} ${error.message}`));
      return true;
    });
    return refusals;
  }
}

function onWorkspace(
  name: string,
  roots: readonly string[],
  test: (scene: Scene) => Promise<void>,
  allowApply?: readonly string[],
): void {
  Deno.test(name, async () => {
    await using workspace = await Workspace.with(...roots);
    await overWorkspace(workspace, (over) => test(new Scene(workspace, over)), allowApply);
  });
}

onWorkspace(
  "all changes of a draft are one generation, with one event and one correlation",
  ["hero", "villain", "extra"],
  async (scene) => {
    const { workspace, provider } = scene;
    const before = await scene.generation();
    const step = await scene.step(
      await scene.write("1/files/a.txt", "edited\n"),
      await scene.write("1/root", "people/hero\n"),
      await scene.write("2/included_in_build", "false\n"),
      await scene.write("2/asset.json", declaration(2, "the villain")),
      scene.create("files/game/2", "deep/new.txt", "new\n"),
      await scene.remove("3/files/a.txt"),
    );
    match(
      step.summary,
      /^commit to game: make .*, move hero to people\/hero, remove extra\/a\.txt, replace /,
    );
    ok(step.reversible);
    scene.told.length = 0;
    await scene.perform(step);
    strictEqual(await scene.generation(), before + 1);
    const commits = scene.told.filter(({ type }) => type === "packer.generation");
    deepStrictEqual(commits.map(({ data }) => "correlation" in data && data.correlation), [step.id]);
    strictEqual(await workspace.read("people/hero/a.txt"), "edited\n");
    strictEqual(await workspace.read("villain/deep/new.txt"), "new\n");
    strictEqual(await workspace.has("extra/a.txt"), false);
    strictEqual(await textAt(provider, "game", "_assets", "_excluded", "2", "root"), "villain\n");
    strictEqual(JSON.parse(await workspace.read("villain/asset.json")).name, "the villain");
  },
);

onWorkspace(
  "a commit is taken back by its inverse, once and not twice",
  ["hero", "villain"],
  async (scene) => {
    const { workspace, provider } = scene;
    await workspace.write("hero/deep/b.bin", "\u0000\u0001");
    await scene.over.workspaces.desk("game").call("doctor", {});
    const desk = scene.over.workspaces.desk("game");
    await desk.call("commit", {
      commands: [{ do: "put", asset: 1, path: "deep/c.txt", content: "c\n" }],
    });
    const before = await workspace.read(".prometeu/index.json");
    const step = await scene.step(
      await scene.write("1/files/a.txt", "edited\n"),
      await scene.write("1/root", "people/hero\n"),
      await scene.write("1/included_in_build", "false\n"),
      scene.create("files/game/1", "new.txt", "new\n"),
      await scene.remove("1/files/deep/c.txt"),
    );
    await scene.perform(step);
    const done = await scene.generation();
    for (let times = 0; times < 2; times++) {
      await provider.mutations.undo(step, new Uint8Array());
      strictEqual(await scene.generation(), done + 1);
      strictEqual((await provider.mutations.probe(step)).tag, "not-performed");
    }
    strictEqual(await workspace.read(".prometeu/index.json"), before);
    strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n");
    strictEqual(await workspace.read("hero/deep/c.txt"), "c\n");
    strictEqual(await workspace.has("hero/new.txt"), false);
  },
);

onWorkspace("an asset is registered with all that its directory holds", ["hero"], async (scene) => {
  const { workspace, provider } = scene;
  const parent = "set/game/_excluded";
  const given = declaration(9, "lamp").replace(/^.*asset_uuid.*\n/m, "");
  const step = await scene.step(
    scene.create(parent, "new/root", "props/lamp\n"),
    scene.create(parent, "new/asset.json", given),
    scene.create(parent, "new/files/lamp.png", "pixels"),
    scene.create(parent, "new/files/deep/glow.png", "light"),
  );
  strictEqual(step.reversible, false, "an id is never given out twice");
  await scene.perform(step);
  deepStrictEqual(
    (await scene.over.workspaces.desk("game").call("assets", { selection: "excluded" }))
      .map(({ id, root, files }) => ({ id, root, files })),
    [{ id: 2, root: "props/lamp", files: 3 }],
  );
  strictEqual(await workspace.read("props/lamp/deep/glow.png"), "light");
  match(await textAt(provider, "game", "_assets", "_all", "2", "uuid"), /^[0-9a-f-]{36}\n$/);
});

onWorkspace(
  "a directory that is there is registered by its name, and one that was is unregistered with its files left",
  ["hero"],
  async (scene) => {
    const { workspace } = scene;
    await workspace.write("lamp/asset.json", declaration(7, "lamp"));
    await scene.perform(await scene.step(scene.create("set/game/_all", "lamp/included_in_build", "true\n")));
    strictEqual(JSON.parse(await workspace.read(".prometeu/index.json")).assets[1].asset_uuid, uuid(7));
    const step = await scene.step(await scene.remove("2"));
    strictEqual(step.reversible, false);
    await scene.perform(step);
    strictEqual(await workspace.read("lamp/asset.json"), declaration(7, "lamp"));
    strictEqual(JSON.parse(await workspace.read(".prometeu/index.json")).next_asset_id, 3);
  },
);

onWorkspace("every refusal is told, with the change that it is about", ["hero", "villain"], async (scene) => {
  const before = await scene.workspace.read(".prometeu/index.json");
  const clashing = await scene.write("2/files/a.txt", "mine\n");
  await scene.over.workspaces.desk("game").call("commit", {
    commands: [{ do: "put", asset: 2, path: "a.txt", content: "theirs\n" }],
  });
  const refusals = await scene.refused(
    clashing,
    await scene.write("1/root", "villain\n"),
    scene.create("files/game/1", "a.txt", "there is one\n"),
    await scene.write("1/asset.json", "{ not JSON"),
    {
      tag: "remove",
      parent: "asset/game/1",
      name: "asset.json",
      node: "declaration/game/1",
      baseVersion: "",
    },
  );
  deepStrictEqual(refusals.map((each) => each.split(" ").slice(0, 2).join(" ")), [
    "4 invalid",
    "0 conflict",
  ]);
  match(refusals[1] ?? "", /a\.txt is now "theirs", and was "the first of villain" when it was staged/);
  const rules = await scene.refused(
    await scene.write("1/root", "villain\n"),
    scene.create("files/game/1", "a.txt", "there is one\n"),
    await scene.write("1/asset.json", "{ not JSON"),
  );
  match(rules[0] ?? "", /^0 conflict .*villain meets the root of asset 2/);
  match(rules[1] ?? "", /^1 conflict .*hero\/a\.txt is there already/);
  match(rules[2] ?? "", /^2 invalid .*hero\/asset\.json:1: not JSON/);
  strictEqual(rules.length, 3);
  strictEqual(await scene.workspace.read(".prometeu/index.json"), before);
});

onWorkspace("what is written twice, under its two names, is refused", ["hero"], async (scene) => {
  const refusals = await scene.refused(
    await scene.write("1/asset.json", declaration(1, "a")),
    await scene.write("1/files/asset.json", declaration(1, "b")),
  );
  deepStrictEqual(refusals.length, 1);
  match(refusals[0] ?? "", /^1 invalid .*written twice/);
});

onWorkspace("an edit on disk between the plan and the commit is a conflict, and nothing changes", [
  "hero",
  "villain",
], async (scene) => {
  const { workspace, provider } = scene;
  const step = await scene.step(
    await scene.write("1/files/a.txt", "mine\n"),
    await scene.write("2/included_in_build", "false\n"),
  );
  await workspace.write("hero/a.txt", "somebody else's\n");
  await rejects(provider.mutations.perform(step), (error) => {
    return error instanceof OmnifsError && error.kind === "conflict";
  });
  strictEqual((await provider.mutations.probe(step)).tag, "not-performed");
  strictEqual(await workspace.read("hero/a.txt"), "somebody else's\n");
  strictEqual(JSON.parse(await workspace.read(".prometeu/index.json")).assets[1].included_in_build, true);
});

onWorkspace("a directory goes with all its files, if nothing was added since", ["hero"], async (scene) => {
  const { workspace } = scene;
  const desk = scene.over.workspaces.desk("game");
  const put = (path: string) => ({ do: "put" as const, asset: 1, path, content: path });
  await desk.call("commit", { commands: [put("deep/b.txt"), put("deep/down/c.txt")] });
  const early = await scene.remove("1/files/deep");
  await desk.call("commit", { commands: [put("deep/d.txt")] });
  match((await scene.refused(early))[0] ?? "", /^0 conflict .*something in deep was changed/);
  const step = await scene.step(await scene.remove("1/files/deep"));
  await scene.perform(step);
  for (const path of ["deep/b.txt", "deep/d.txt", "deep/down/c.txt"]) {
    strictEqual(await workspace.has(`hero/${path}`), false);
  }
  await scene.provider.mutations.undo(step, new Uint8Array());
  strictEqual(await workspace.read("hero/deep/down/c.txt"), "deep/down/c.txt");
});

onWorkspace("files of the largest size that a draft holds are compared, committed and taken back", [
  "hero",
], async (scene) => {
  const { workspace, provider } = scene;
  const [was, now] = [7, 9].map((value) => new Uint8Array(FILE_LIMIT).fill(value));
  const desk = scene.over.workspaces.desk("game");
  const put = { do: "put" as const, asset: 1, path: "large.bin", content: was ?? new Uint8Array() };
  await desk.call("commit", { commands: [put] });
  const node = await walk(provider, "game/_assets/_all/1/files/large.bin");
  const change: Mutation = {
    ...{ tag: "write", file: node?.id ?? "", baseVersion: node?.version },
    ...{ base: was ?? new Uint8Array(), content: now ?? new Uint8Array() },
  };
  const create: Mutation = { tag: "create", parent: "files/game/1", name: "other.bin", content: bytes("x") };
  const step = await scene.step(change, create);
  ok(step.reversible);
  await scene.perform(step);
  strictEqual((await Deno.readFile(workspace.at("hero/large.bin")))[1], 9);
  await provider.mutations.undo(step, new Uint8Array());
  strictEqual((await Deno.readFile(workspace.at("hero/large.bin")))[1], 7);
});

onWorkspace("what is too much for the notes of a step cannot be taken back, and more is refused", [
  "hero",
], async (scene) => {
  const create = (name: string): Mutation => ({
    ...{ tag: "create", parent: "files/game/1", name },
    content: new Uint8Array(FILE_LIMIT),
  });
  const names = ["a", "b", "c", "d"];
  match((await scene.refused(...names.map(create)))[0] ?? "", /^0 too-large/);
  const [first] = await scene.plan(...names.slice(0, 3).map(create));
  ok(first?.reversible, "what is made is noted once");
  const commands = ["a", "b"].map((path) => ({
    ...{ do: "put" as const, asset: 1, path, content: new Uint8Array(FILE_LIMIT) },
  }));
  await scene.over.workspaces.desk("game").call("commit", { commands });
  const writes: Mutation[] = ["a", "b"].map((name) => ({
    ...{ tag: "write", file: `file/game/1/${name}`, baseVersion: undefined },
    ...{ base: new Uint8Array(FILE_LIMIT), content: new Uint8Array(FILE_LIMIT).fill(1) },
  }));
  const [second] = await scene.plan(...writes);
  strictEqual(second?.reversible, false);
});

onWorkspace("a value that makes no sense is refused as it is written", ["hero"], async ({ provider }) => {
  const check = (change: Mutation) => rejects(provider.mutations.check(change), { kind: "invalid" });
  const write = (file: string, content: string): Mutation => ({
    ...{ tag: "write", file, baseVersion: undefined },
    ...{ base: bytes(""), content: bytes(content) },
  });
  await check(write("included/game/1", "maybe\n"));
  await check(write("root/game/1", "a\nb\n"));
  await check(write("uuid/game/1", uuid(5)));
  await check({ tag: "create", parent: "set/game/_all", name: "plain", content: bytes("") });
  await check({ tag: "create", parent: "set/game/_all", name: "new/uuid", content: bytes("") });
  await check({ tag: "create", parent: "asset/game/1", name: "new", content: bytes("") });
  await check({ tag: "create", parent: "files/game/1", name: "a%2Fb", content: bytes("") });
});

onWorkspace(
  "without --allow-apply the workspace is not changed, whatever the component asks",
  ["hero"],
  async (scene) => {
    const step = await scene.step(await scene.write("1/files/a.txt", "edited\n"));
    await rejects(scene.provider.mutations.perform(step), (error) => {
      return error instanceof OmnifsError && error.kind === "denied" &&
        /was not granted/.test(error.message);
    });
    strictEqual(await scene.workspace.read("hero/a.txt"), "the first of hero\n");
    strictEqual(await scene.generation(), 1);
  },
  [],
);

onWorkspace("a commit passes only while a step is performed or taken back", ["hero"], async (scene) => {
  const { workspaces } = scene.over;
  const command = { tag: "set-included", val: { asset: 1n, includedInBuild: false } };
  const ask = (op: string, args: readonly unknown[] = ["game", [command], "me"]) =>
    answerPacker(workspaces, "packer", { name: "packer-write.commit", args, op });
  for (
    const op of ["lookup-child", "list-children", "read-file", "plan", "probe", "check", "poll", "on-event"]
  ) {
    const reply = await ask(op);
    ok("error" in reply && JSON.stringify(reply.error).includes('"denied"'), op);
  }
  strictEqual(await scene.generation(), 1);
  deepStrictEqual(await ask("perform"), { ok: 2n });
  for (
    const args of [
      ["game"],
      ["game", [{ tag: "format", val: 1n }], "me"],
      ["game", [{ tag: "unregister", val: 1 }], "me"],
      ["game", [command], "x".repeat(201)],
      ["game", [{ tag: "put", val: { asset: 1n, path: "a", content: { tag: "bytes", val: [1] } } }], "me"],
    ]
  ) {
    const reply = await ask("perform", args);
    ok("error" in reply && JSON.stringify(reply.error).includes('"invalid"'));
  }
  strictEqual(await scene.generation(), 2);
});

Deno.test("a restart knows which commits took place", async () => {
  await using workspace = await Workspace.with("hero");
  const steps: Step[] = [];
  await overWorkspace(workspace, async (over) => {
    const scene = new Scene(workspace, over);
    const done = await scene.step(await scene.write("1/included_in_build", "false\n"));
    const open = await scene.step(await scene.write("1/files/a.txt", "edited\n"));
    await scene.perform(done);
    steps.push(done, open);
  });
  const tags = async () => {
    const found: string[] = [];
    await overWorkspace(workspace, async ({ provider, workspaces }) => {
      for (const step of steps) found.push((await provider.mutations.probe(step)).tag);
      for (let count = 0; count < 9; count++) {
        for (const included of [true, false]) {
          const commands = [{ do: "set-included" as const, asset: 1, included }];
          await workspaces.desk("game").call("commit", { commands });
        }
      }
    });
    return found;
  };
  deepStrictEqual(await tags(), ["performed", "not-performed"]);
  deepStrictEqual(await tags(), ["unknown", "unknown"], "18 commits later nobody remembers");
});
