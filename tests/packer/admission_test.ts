/**
 * What a draft may do to a workspace at all: by the user's grant, by the time of an apply, by the size of what it holds.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { FILE_LIMIT } from "../../runtime/drafts/staged.ts";
import { answerPacker } from "../../runtime/provider/packer_calls.ts";
import type { Mutation } from "../../runtime/provider/mod.ts";
import { walk } from "../support/projection.ts";
import { bytes, onWorkspace } from "./mutation_scene.ts";

Deno.test(onWorkspace(
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
));

Deno.test(
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
  }),
);

Deno.test(onWorkspace("files of the largest size that a draft holds are compared, committed and taken back", [
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
}));

Deno.test(onWorkspace("what is too much for the notes of a step cannot be taken back, and more is refused", [
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
}));
