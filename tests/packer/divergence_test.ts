/**
 * What on disk needs a decision: each kind is detected, named, and repaired only as the user chose.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { contents } from "./crash.ts";
import { declaration, type OpenWorkspace, registry, uuid, Workspace } from "./workspace.ts";

/** Looks again, and tells what waits for a decision. */
async function found(open: OpenWorkspace): Promise<string[]> {
  await open.packer.look();
  return open.waiting();
}

/** Decides about the only divergence there is. */
async function decide(open: OpenWorkspace, choice?: string) {
  const [only, second] = open.packer.divergences();
  strictEqual(second, undefined);
  const decision = choice === undefined ? { id: only?.id ?? 0 } : { id: only?.id ?? 0, choice };
  const result = await open.packer.reconcile([decision]);
  deepStrictEqual(result.left, []);
  strictEqual(open.packer.status().state, "clean");
  return result;
}

const ids = (open: OpenWorkspace) => {
  using reader = open.packer.reader();
  return reader.assets().map(({ id, root }) => `${id} ${root}`);
};

Deno.test("a registered root that is gone is told, and unregistered when that is accepted", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  await Deno.remove(workspace.at("hero"), { recursive: true });
  deepStrictEqual(await found(open), ["root-missing hero"]);
  strictEqual(open.packer.status().state, "diverged");
  strictEqual(
    await workspace.read(".prometeu/index.json"),
    registry("hero", "villain"),
    "nothing is repaired unasked",
  );
  deepStrictEqual(ids(open), ["1 hero", "2 villain"]);
  await rejects(open.packer.commit([{ do: "put", asset: 1, path: "x", content: "" }]), { kind: "conflict" });
  await open.packer.commit([{ do: "put", asset: 2, path: "x", content: "" }]);
  const { settled } = await decide(open);
  strictEqual(settled[0]?.choice, "unregister");
  deepStrictEqual(ids(open), ["2 villain"]);
});

Deno.test("a root that comes back settles its divergence by itself", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await Deno.rename(workspace.at("hero"), `${workspace.path}/away`);
  deepStrictEqual(await found(open), ["root-missing hero"]);
  await Deno.rename(`${workspace.path}/away`, workspace.at("hero"));
  deepStrictEqual(await found(open), []);
  strictEqual(open.packer.status().state, "clean");
  strictEqual(open.told().filter((type) => type === "packer.settled").length, 1);
});

Deno.test("a directory that was moved by hand is found by its asset_uuid, and followed when that is accepted", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await Deno.mkdir(workspace.at("people"));
  await Deno.rename(workspace.at("hero"), workspace.at("people/hero"));
  deepStrictEqual(await found(open), ["root-moved hero"]);
  const [divergence] = open.packer.divergences();
  strictEqual(divergence?.detail, "asset 1 lies in people/hero");
  await decide(open, "relocate");
  deepStrictEqual(ids(open), ["1 people/hero"]);
  strictEqual(await open.text(1, "a.txt"), "the first of hero\n");
  strictEqual(await workspace.read(".prometeu/index.json"), registry("people/hero"));
});

Deno.test("two directories that changed places are followed together", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  await Deno.rename(workspace.at("hero"), workspace.at("third"));
  await Deno.rename(workspace.at("villain"), workspace.at("hero"));
  await Deno.rename(workspace.at("third"), workspace.at("villain"));
  deepStrictEqual(await found(open), ["root-moved hero", "root-moved villain"]);
  const [first] = open.packer.divergences();
  await rejects(open.packer.reconcile([{ id: first?.id ?? 0 }]), { kind: "conflict" });
  await open.packer.reconcile("all");
  deepStrictEqual(ids(open), ["1 villain", "2 hero"]);
  strictEqual(await open.text(1, "a.txt"), "the first of hero\n");
  strictEqual(open.packer.status().state, "clean");
});

Deno.test("a copied directory claims a uuid twice; the copy gets one of its own when that is accepted", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await workspace.write("copy/asset.json", await workspace.read("hero/asset.json"));
  deepStrictEqual(await found(open), ["uuid-twice copy/asset.json"]);
  await open.packer.commit([{ do: "put", asset: 1, path: "b.txt", content: "b" }]);
  await decide(open);
  strictEqual(
    await workspace.read("hero/asset.json"),
    declaration(1, "hero"),
    "the registered one keeps its own",
  );
  const copy = await workspace.read("copy/asset.json");
  strictEqual(
    copy.replace(/[0-9a-f-]{36}/, uuid(1)),
    declaration(1, "hero"),
    "nothing but the uuid has changed",
  );
  ok(!copy.includes(uuid(1)));
  const { registered } = await open.packer.commit([{ do: "register", root: "copy" }]);
  strictEqual(registered[0]?.id, 2);
});

Deno.test("a registered directory that claims the uuid of another one gets its own back", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  await workspace.write("villain/asset.json", declaration(1, "villain"));
  deepStrictEqual(await found(open), ["uuid-twice villain/asset.json"]);
  strictEqual(open.packer.divergences()[0]?.asset, 2);
  await decide(open);
  strictEqual(await workspace.read("villain/asset.json"), declaration(2, "villain"));
});

Deno.test("another asset_uuid in a registered directory is adopted, or taken back, as the user says", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await workspace.write("hero/asset.json", declaration(7, "hero"));
  deepStrictEqual(await found(open), ["uuid-changed hero/asset.json"]);
  await decide(open);
  match(await workspace.read(".prometeu/index.json"), new RegExp(uuid(7)));
  await workspace.write("hero/asset.json", declaration(8, "hero"));
  deepStrictEqual(await found(open), ["uuid-changed hero/asset.json"]);
  await decide(open, "restore-uuid");
  strictEqual(await workspace.read("hero/asset.json"), declaration(7, "hero"));
});

Deno.test("an asset.json that is none is told with its line, and waits for the author", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await workspace.write("hero/asset.json", declaration(1, "hero").replace('"image",', '"image"'));
  deepStrictEqual(await found(open), ["declaration-invalid hero/asset.json"]);
  const [divergence] = open.packer.divergences();
  strictEqual(divergence?.line, 6);
  strictEqual(divergence?.detail, "not JSON: a comma was expected; edit line 6");
  strictEqual(divergence?.preferred, undefined);
  deepStrictEqual((await open.packer.reconcile("all")).settled, [], "nothing is safe to take unasked");
  await rejects(open.packer.reconcile([{ id: divergence?.id ?? 0 }]), { kind: "invalid" });
  {
    using reader = open.packer.reader();
    strictEqual(reader.asset(1).declaration, declaration(1, "hero"), "the last valid one is what is read");
  }
  await workspace.write("hero/asset.json", declaration(1, "renamed"));
  deepStrictEqual(await found(open), []);
  using reader = open.packer.reader();
  strictEqual(reader.asset(1).name, "renamed");
});

Deno.test("an asset.json that is none is restored where the user says so", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  for (const text of ["", "[]", declaration(1, "hero", { output: 1 })]) {
    await workspace.write("hero/asset.json", text);
    deepStrictEqual(await found(open), ["declaration-invalid hero/asset.json"]);
    await decide(open, "restore");
    strictEqual(await workspace.read("hero/asset.json"), declaration(1, "hero"));
  }
  await Deno.remove(workspace.at("hero/asset.json"));
  deepStrictEqual(await found(open), ["declaration-missing hero/asset.json"]);
  await decide(open, "restore");
  strictEqual(await workspace.read("hero/asset.json"), declaration(1, "hero"));
});

Deno.test("a registry that was edited by hand is taken, or taken back, as the user says", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  const edited = registry("hero", "villain").replace("true", "false");
  await workspace.write(".prometeu/index.json", edited);
  deepStrictEqual(await found(open), ["registry-edited .prometeu/index.json"]);
  match(open.packer.status().detail, /asset 1 has another included_in_build/);
  using before = open.packer.reader();
  strictEqual(before.asset(1).includedInBuild, true);
  await rejects(open.packer.commit([{ do: "unregister", asset: 2 }]), { kind: "conflict" });
  await decide(open);
  using after = open.packer.reader();
  strictEqual(after.asset(1).includedInBuild, false);
  strictEqual(await workspace.read(".prometeu/index.json"), edited);
  await workspace.write(".prometeu/index.json", registry("hero"));
  deepStrictEqual(await found(open), ["registry-edited .prometeu/index.json"]);
  await decide(open, "restore");
  strictEqual(await workspace.read(".prometeu/index.json"), edited);
  strictEqual(
    await workspace.read(".prometeu/rescued/index.json.1"),
    registry("hero"),
    "what was there is kept",
  );
});

Deno.test("an accepted registry brings no asset_id back", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  await workspace.write(".prometeu/index.json", registry("hero"));
  deepStrictEqual(await found(open), ["registry-edited .prometeu/index.json"]);
  await decide(open, "accept");
  strictEqual(await workspace.read(".prometeu/index.json"), registry("hero").replace('_id": 2', '_id": 3'));
});

Deno.test("a corrupted registry is told with its line, and restored only when that is accepted", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  for (
    const [text, line] of [
      ["", 1],
      ["{", 1],
      [registry("hero").replace("true", "yes"), 9],
      [registry("hero", "hero"), 14],
      [registry("hero").replace('"next_asset_id": 2', '"next_asset_id": 1'), 3],
      [registry("../hero"), 8],
      ["\u0000\u0001\u0002", 1],
    ] as const
  ) {
    await workspace.write(".prometeu/index.json", text);
    deepStrictEqual(await found(open), ["registry-invalid .prometeu/index.json"], text);
    strictEqual(open.packer.divergences()[0]?.line, line, text);
    deepStrictEqual(ids(open), ["1 hero"], "reads go on");
    strictEqual(await workspace.read(".prometeu/index.json"), text);
    await decide(open);
    strictEqual(await workspace.read(".prometeu/index.json"), registry("hero"));
  }
  await Deno.remove(workspace.at(".prometeu/index.json"));
  deepStrictEqual(await found(open), ["registry-missing .prometeu/index.json"]);
  await decide(open);
  strictEqual(await workspace.read(".prometeu/index.json"), registry("hero"));
});

Deno.test("a registry that was lost while nobody looked is restored from its copy, or rebuilt where there is none", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await (await workspace.open())[Symbol.asyncDispose]();
  await workspace.write(".prometeu/index.json", "lost");
  {
    await using open = await workspace.open();
    deepStrictEqual(open.waiting(), ["registry-invalid .prometeu/index.json"]);
    deepStrictEqual(ids(open), ["1 hero", "2 villain"]);
    await decide(open, "restore");
  }
  await workspace.write(".prometeu/index.json", "lost");
  await Deno.remove(workspace.at(".prometeu/staging"), { recursive: true });
  await using open = await workspace.open();
  deepStrictEqual(open.waiting(), ["registry-invalid .prometeu/index.json"]);
  strictEqual(open.packer.divergences()[0]?.preferred, undefined);
  await decide(open, "rebuild");
  deepStrictEqual(ids(open), ["1 hero", "2 villain"]);
});

Deno.test("what was wrong before the start is told at the start", async () => {
  await using workspace = await Workspace.with("hero", "villain", "extra", "fourth");
  await Deno.remove(workspace.at("hero"), { recursive: true });
  await Deno.rename(workspace.at("villain"), workspace.at("elsewhere"));
  await workspace.write("extra/asset.json", "{}");
  await workspace.write("copy/asset.json", declaration(4, "copy"));
  const before = await contents(workspace);
  await using open = await workspace.open();
  deepStrictEqual(open.waiting(), [
    "uuid-twice copy/asset.json",
    "declaration-invalid extra/asset.json",
    "root-missing hero",
    "root-moved villain",
  ]);
  await open.packer.doctor(true);
  deepStrictEqual(await contents(workspace), before, "nothing is repaired unasked");
  const { settled, left } = await open.packer.reconcile("all");
  deepStrictEqual(settled.map(({ choice }) => choice), ["new-uuid", "unregister", "relocate"]);
  deepStrictEqual(left.map(({ kind }) => kind), ["declaration-invalid"]);
});

Deno.test("a decision about something that is no more is refused, and nothing is changed", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  await rejects(open.packer.reconcile([{ id: 7 }]), { kind: "not-found", mend: "nothing waits" });
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await found(open);
  const id = open.packer.divergences()[0]?.id ?? 0;
  await rejects(open.packer.reconcile([{ id, choice: "burn" }]), {
    kind: "invalid",
    mend: `${id}=relocate, ${id}=unregister`,
  });
  strictEqual(await workspace.read(".prometeu/index.json"), registry("hero"));
});

Deno.test("each change of state is an event with its cause, in causal order", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open();
  const from = open.events.length;
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await found(open);
  await open.packer.reconcile("all", "by hand");
  const told = open.events.slice(from).map(({ type, data }) => {
    const state = "state" in data ? ` ${data.state}` : "";
    return `${type}${state}`;
  });
  deepStrictEqual(told, [
    "packer.diverged",
    "packer.state diverged",
    "packer.state reconciling",
    "packer.generation",
    "packer.settled",
    "packer.state clean",
  ]);
  const correlations = open.events.slice(from).map(({ data }) =>
    "correlation" in data ? data.correlation : ""
  );
  strictEqual(new Set(correlations.slice(0, 2)).size, 1);
  deepStrictEqual(new Set(correlations.slice(2)), new Set(["by hand"]));
  const generations = open.events.slice(from).map(({ data }) => "generation" in data ? data.generation : 0);
  deepStrictEqual(generations, [1, 1, 1, 2, 2, 2]);
});
