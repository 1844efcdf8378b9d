/**
 * The packer's provider: its component over real workspaces, without a mount.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { Invalidation, Provider } from "../../runtime/provider/mod.ts";
import { conforms } from "../conformance/conforms.ts";
import { withBundled } from "../support/component.ts";
import { overWorkspace, textAt } from "./over_workspace.ts";
import { declaration, Workspace } from "./workspace.ts";

const namesIn = async (provider: Provider, id: string) =>
  (await provider.listChildren(id, undefined)).entries.map(({ name }) => name);

Deno.test("the packer's provider conforms", async () => {
  await using workspace = await Workspace.with("hero", "ui/button");
  await workspace.write("hero/deep/down/x.bin", "bytes");
  await workspace.write("hero/100% & ünïcödé.txt", "é");
  await workspace.write("copy/asset.json", declaration(1, "copy"));
  await overWorkspace(workspace, async ({ provider, again, workspaces }) => {
    await workspaces.desk("game").call("build", { to: workspace.path });
    const seen = await conforms(provider, again, {
      atLeast: 40,
      raw: /\/files\/|(index|asset|manifest)\.json$|\.tar$|events\.jsonl$/,
    });
    ok(seen.has("/game/_builds/latest/assets.tar"));
    ok(seen.has("/game/_divergence/1/kind"));
    ok([...seen.keys()].some((path) => path.endsWith("/1/files/deep/down/x.bin")));
  });
});

Deno.test("the tree is that of the workspace", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await overWorkspace(workspace, async ({ provider, workspaces }) => {
    await workspaces.desk("game").call("commit", {
      commands: [{ do: "set-included", asset: 2, included: false }],
    });
    deepStrictEqual(await namesIn(provider, ""), ["game"]);
    const all = ["status", "generation", "index.json", "events.jsonl", "_assets", "_divergence", "_builds"];
    deepStrictEqual(await namesIn(provider, "project/game"), all);
    deepStrictEqual(await namesIn(provider, "set/game/_all"), ["1", "2"]);
    deepStrictEqual(await namesIn(provider, "set/game/_included"), ["1"]);
    deepStrictEqual(await namesIn(provider, "set/game/_excluded"), ["2"]);
    strictEqual(await textAt(provider, "game", "generation"), "2\n");
    strictEqual(await textAt(provider, "game", "status"), "clean\nno commit was under way\n");
    strictEqual(await textAt(provider, "game", "index.json"), await workspace.read(".prometeu/index.json"));
    strictEqual(await textAt(provider, "game", "_assets", "_all", "1", "asset.json"), declaration(1, "hero"));
    strictEqual(await textAt(provider, "game", "_assets", "_all", "1", "root"), "hero\n");
    strictEqual(await textAt(provider, "game", "_assets", "_all", "2", "included_in_build"), "false\n");
    strictEqual(
      await textAt(provider, "game", "_assets", "_all", "1", "files", "a.txt"),
      "the first of hero\n",
    );
    const events = (await textAt(provider, "game", "events.jsonl")).trim().split("\n").map((line) =>
      JSON.parse(line).type
    );
    deepStrictEqual(events, ["packer.opened", "packer.generation"]);
    strictEqual(await provider.lookupChild("set/game/_all", "3"), undefined);
    strictEqual(await provider.lookupChild("set/game/_included", "2"), undefined);
    strictEqual(await provider.lookupChild("", "other"), undefined);
    await rejects(provider.listChildren("project/other", undefined), { kind: "not-found" });
  });
});

Deno.test("a file keeps its identity wherever its asset's directory goes", async () => {
  await using workspace = await Workspace.with("hero");
  await overWorkspace(workspace, async ({ provider, workspaces }) => {
    const before = await provider.lookupChild("files/game/1", "a.txt");
    await workspaces.desk("game").call("commit", {
      commands: [{ do: "relocate", asset: 1, root: "people/hero" }],
    });
    const after = await provider.lookupChild("files/game/1", "a.txt");
    strictEqual(after?.id, before?.id);
    strictEqual(after?.version, before?.version);
    strictEqual(
      await textAt(provider, "game", "_assets", "_all", "1", "files", "a.txt"),
      "the first of hero\n",
    );
  });
});

/** What one line of the bus means to the provider. */
async function meaning(provider: Provider, event: unknown): Promise<readonly Invalidation[]> {
  return await provider.events.onEvent({
    tag: "line",
    line: new TextEncoder().encode(JSON.stringify(event)),
  });
}

Deno.test("an edit drops exactly what it changed, a commit also what lists it, and a decision all of the project", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await overWorkspace(workspace, async ({ provider }) => {
    deepStrictEqual(await provider.events.sources("project:game"), [
      { tag: "subscribe", url: "packer:game" },
      { tag: "poll", milliseconds: 10_000 },
    ]);
    const data = { project: "game", generation: 2, assets: [1], paths: ["hero/deep/b.txt"] };
    const edited = await meaning(provider, { type: "packer.generation", data: { ...data, by: "intake" } });
    const ids = edited.map((each) => "id" in each ? `${each.tag} ${each.id}` : each.tag);
    deepStrictEqual(ids.toSorted(), [
      "children files/game/1",
      "children folder/game/1/deep",
      "children folder/game/1/deep/b.txt",
      "node asset/game/1",
      "node declaration/game/1",
      "node file/game/1/deep/b.txt",
      "node files/game/1",
      "node folder/game/1/deep/b.txt",
      "node generation/game",
      "node included/game/1",
      "node root/game/1",
      "node status/game",
      "node uuid/game/1",
    ]);
    const committed = await meaning(provider, { type: "packer.generation", data: { ...data, by: "commit" } });
    const more = committed.map((each) => "id" in each ? `${each.tag} ${each.id}` : each.tag)
      .filter((each) => !ids.includes(each));
    deepStrictEqual(more.toSorted(), [
      "children asset/game/1",
      "children set/game/_all",
      "children set/game/_excluded",
      "children set/game/_included",
      "node index/game",
    ]);
    const decided = await meaning(provider, {
      type: "packer.generation",
      data: { ...data, by: "reconcile" },
    });
    deepStrictEqual(decided.at(-1), { tag: "watch", watch: "project:game" });
    const many = { ...data, by: "commit", paths: Array.from({ length: 100 }, (_, at) => `hero/${at}`) };
    deepStrictEqual((await meaning(provider, { type: "packer.generation", data: many })).at(-1), {
      tag: "watch",
      watch: "project:game",
    });
    deepStrictEqual(await meaning(provider, { type: "mount.ready", data: { dir: "/x" } }), []);
    deepStrictEqual(await meaning(provider, "nonsense"), []);
  });
});

Deno.test("a poll tells whether anything has changed", async () => {
  await using workspace = await Workspace.with("hero");
  await overWorkspace(workspace, async ({ provider, workspaces }) => {
    const lost = [{ tag: "watch", watch: "project:game" }];
    const later = await provider.events.poll("project:game", undefined, Date.now() + 60_000);
    deepStrictEqual(later.invalidations, []);
    deepStrictEqual((await provider.events.poll("project:game", undefined, 0)).invalidations, lost);
    deepStrictEqual((await provider.events.poll("project:game", later.cursor, 0)).invalidations, []);
    await workspaces.desk("game").call("commit", {
      commands: [{ do: "set-included", asset: 1, included: false }],
    });
    deepStrictEqual((await provider.events.poll("project:game", later.cursor, 0)).invalidations, lost);
  });
});

Deno.test("the events of a project are followed until nobody listens", async () => {
  await using workspace = await Workspace.with("hero");
  await overWorkspace(workspace, async ({ provider, workspaces }) => {
    const abort = new AbortController();
    const lines: string[] = [];
    const opened = Promise.withResolvers<void>();
    const listener = {
      opened: () => opened.resolve(),
      line: (line: Uint8Array) => {
        lines.push(JSON.parse(new TextDecoder().decode(line)).type);
        return Promise.resolve();
      },
    };
    const stream = provider.events.subscribe("packer:game", listener, abort.signal);
    await opened.promise;
    await workspaces.desk("game").call("commit", {
      commands: [{ do: "set-included", asset: 1, included: false }],
    });
    abort.abort();
    deepStrictEqual(await stream, { tag: "timeout" });
    deepStrictEqual(lines, ["packer.generation"]);
    const end = await provider.events.subscribe("packer:other", listener, AbortSignal.timeout(10_000));
    deepStrictEqual(end, { tag: "refused", status: 404 });
  });
});

Deno.test("without a workspace the component sees nothing, and it can change nothing in any case", async () => {
  await withBundled({ name: "packer", settings: {}, allow: [] }, async ({ provider }) => {
    deepStrictEqual(await namesIn(provider, ""), []);
    await rejects(provider.listChildren("project/game", undefined), { kind: "denied" });
    deepStrictEqual(provider.manifest.needs, []);
    ok(!provider.imports.some((name) => /http|dns|clock|settings/.test(name)), provider.imports.join(", "));
  });
});
