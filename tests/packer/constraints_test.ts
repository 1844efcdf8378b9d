/**
 * The accepted decision record for the packer: a test for each of its adopted constraints, named after it. Its decisions and
 * validation notes are in `decisions_test.ts`.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { PACKER_STATES, type PackerCommand } from "../../runtime/packer/mod.ts";
import { until } from "../support/deadline.ts";
import { callsOf } from "./crash.ts";
import { Scouting } from "./local_scout.ts";
import { MortalDisk } from "./mortal_disk.ts";
import { Container } from "./studio/container.ts";
import { Studio } from "./studio/studio.ts";
import { declaration, NOTICED, registry, uuid, Workspace } from "./workspace.ts";

const scout = (assets: string) => new Scouting(assets);

Deno.test("constraint 1, filesystem-first authority: the snapshot is a projection of index.json and asset.json", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ scout });
  using reader = open.packer.reader();
  strictEqual(reader.registry(), await workspace.read(".prometeu/index.json"));
  for (const { root, declaration, uuid } of reader.assets()) {
    strictEqual(declaration, await workspace.read(`${root}/asset.json`));
    strictEqual(JSON.parse(declaration ?? "").asset_uuid, uuid);
  }
});

Deno.test("constraint 2, identity and declaration split: id, inclusion and place are the registry's, asset_uuid the anchor", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ scout });
  await open.packer.commit([
    { do: "set-included", asset: 1, included: false },
    { do: "relocate", asset: 1, root: "people/hero" },
  ]);
  strictEqual(
    await workspace.read("people/hero/asset.json"),
    declaration(1, "hero"),
    "the declaration knows nothing of it",
  );
  deepStrictEqual(JSON.parse(await workspace.read(".prometeu/index.json")).assets, [
    { asset_id: 1, asset_uuid: uuid(1), root: "people/hero", included_in_build: false },
  ]);
  const state = declaration(1, "hero", { asset_id: 1 });
  await rejects(open.packer.commit([{ do: "put", asset: 1, path: "asset.json", content: state }]), {
    kind: "invalid",
  });
});

Deno.test("constraint 3, snapshot-backed reads: no recomputation for a read, one coherent generation for each", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  const local = new Scouting(workspace.at("").slice(0, -1));
  const disk = new MortalDisk();
  await using open = await workspace.open({ scout: () => local, disk });
  await open.packer.digested();
  const asked = local.asked;
  disk.arm();
  using first = open.packer.reader();
  for (let count = 0; count < 100; count++) {
    using reader = open.packer.reader();
    for (const { id } of reader.assets()) reader.files(id);
    open.packer.status();
  }
  deepStrictEqual([local.asked, disk.calls.length], [asked, 0]);
  await open.packer.commit([{ do: "unregister", asset: 2 }]);
  deepStrictEqual(
    first.assets().map(({ id }) => id),
    [1, 2],
    "whoever began before reads on in its own generation",
  );
  strictEqual(first.registry(), registry("hero", "villain"));
});

Deno.test("constraint 4, packer-owned writes: one lane, whatever the callers' timing; previews run beside it", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ scout });
  const writes = Array.from(
    { length: 20 },
    (_, number) => open.packer.commit([{ do: "put", asset: 1, path: `${number}.txt`, content: `${number}` }]),
  );
  const preview = await open.packer.preview([{ do: "put", asset: 1, path: "p.txt", content: "" }]);
  ok(preview.generation < 21, "a preview waits for nobody");
  deepStrictEqual(
    (await Promise.all(writes)).map(({ generation }) => generation),
    [...Array(20).keys()].map((n) => n + 2),
  );
  const generations = open.events.flatMap(({ type, data }) =>
    type === "packer.generation" && "generation" in data ? [data.generation] : []
  );
  deepStrictEqual(generations, [...Array(20).keys()].map((n) => n + 2));
  strictEqual(await workspace.has("hero/p.txt"), false);
});

Deno.test("constraint 5, durable commit boundary: what is not committed is never shown as committed, and a failure can be diagnosed", async () => {
  await using workspace = await Workspace.with("hero");
  const commands: PackerCommand[] = [
    { do: "put", asset: 1, path: "a.txt", content: "b" },
    { do: "set-included", asset: 1, included: false },
  ];
  const half = (await callsOf(commands)).findIndex((call) => call === "rename assets/hero/a.txt") + 1;
  const disk = new MortalDisk(half, "dies after");
  {
    await using open = await workspace.open({ scout, disk });
    await open.packer.digested();
    disk.arm();
    await rejects(open.packer.commit(commands));
    strictEqual(open.packer.generation, 1);
    strictEqual(open.packer.status().state, "failed");
    match(open.packer.status().detail, /from generation 1 to 2/);
  }
  await using again = await workspace.open({ scout });
  const { recovery, state, generation } = again.packer.status();
  deepStrictEqual([state, generation, recovery.outcome], ["clean", 2, "forward"]);
  match(recovery.detail, /generation 2 stands/);
});

Deno.test("constraint 6, divergence and reconcile: states are explicit, content is never rewritten in silence, causes go with events", async () => {
  deepStrictEqual(Object.keys(PACKER_STATES), ["clean", "stale", "diverged", "reconciling", "failed"]);
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  await open.packer.digested();
  await workspace.write("hero/a.txt", "by the author");
  await open.reaches(2);
  await open.becomes("clean");
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await open.becomes("diverged");
  await open.packer.reconcile("all", "the user's decision");
  const states = open.events.flatMap(({ type, data }) =>
    type === "packer.state" && "state" in data ? [data.state] : []
  );
  deepStrictEqual([...new Set(states)].toSorted(), ["clean", "diverged", "reconciling", "stale"]);
  for (const { data } of open.events) ok("cause" in data && data.cause !== "" && "correlation" in data);
  strictEqual(await workspace.read("moved/a.txt"), "by the author");
});

Deno.test("constraint 7, studio consumer boundary: the packer resolves conflicts, the studio passes choices on", async () => {
  await using workspace = await Workspace.with("hero");
  await using container = new Container();
  const studio = await Studio.open(container, workspace.path);
  await workspace.write(".prometeu/index.json", registry("hero").replace("true", "false"));
  await until(() => studio.screen.questions.length > 0, NOTICED, "the question");
  match(await studio.press({ do: "unregister", asset: 1 }), /another program has changed it/);
  deepStrictEqual(studio.screen.questions[0]?.buttons, ["accept", "restore"]);
  await studio.answer(0, "accept");
  deepStrictEqual(studio.screen.assets, ["[ ] 1 hero (hero)"]);
  studio.close();
});

Deno.test("constraint 8, embedded bus bootstrap: the container owns the bus, and is there before the packer", async () => {
  await using workspace = await Workspace.with("hero");
  await using container = new Container();
  const told: string[] = [];
  const unsubscribe = container.bus.subscribe(({ type }) => told.push(type));
  const studio = await Studio.open(container, workspace.path);
  strictEqual(container.omnifs.bus, container.bus);
  strictEqual(told[0], "packer.opened", "whoever listens from the start misses nothing");
  unsubscribe();
  await studio.press({ do: "set-included", asset: 1, included: false });
  deepStrictEqual(told, ["packer.opened"], "whoever has left hears nothing");
  studio.close();
});
