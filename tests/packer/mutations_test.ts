/**
 * What drafts do to a workspace: the component's mutations over a real packer.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Mutation, Step } from "../../runtime/provider/mod.ts";
import { bytes, onWorkspace, Scene } from "./mutation_scene.ts";
import { overWorkspace, textAt } from "./over_workspace.ts";
import { declaration, uuid, Workspace } from "./workspace.ts";

Deno.test(onWorkspace(
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
));

Deno.test(onWorkspace(
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
));

Deno.test(onWorkspace("an asset is registered with all that its directory holds", ["hero"], async (scene) => {
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
}));

Deno.test(onWorkspace(
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
));

Deno.test(
  onWorkspace(
    "every refusal is told, with the change that it is about",
    ["hero", "villain"],
    async (scene) => {
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
    },
  ),
);

Deno.test(onWorkspace("what is written twice, under its two names, is refused", ["hero"], async (scene) => {
  const refusals = await scene.refused(
    await scene.write("1/asset.json", declaration(1, "a")),
    await scene.write("1/files/asset.json", declaration(1, "b")),
  );
  deepStrictEqual(refusals.length, 1);
  match(refusals[0] ?? "", /^1 invalid .*written twice/);
}));

Deno.test(onWorkspace("an edit on disk between the plan and the commit is a conflict, and nothing changes", [
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
}));

Deno.test(
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
  }),
);

Deno.test(
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
  }),
);

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
