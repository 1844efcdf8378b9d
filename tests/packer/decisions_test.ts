/**
 * The accepted decision record for the packer, "Filesystem-First Operational Runtime and Reconcile Boundary Decision":
 * a test for each of its numbered decisions and validation notes, named after it. Its adopted constraints are in
 * `constraints_test.ts`.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Packer, type PackerCommand } from "../../runtime/packer/mod.ts";
import { until } from "../support/deadline.ts";
import { tempDir } from "../support/temp.ts";
import { callsOf, contents } from "./crash.ts";
import { Scouting } from "./local_scout.ts";
import { MortalDisk } from "./mortal_disk.ts";
import { Container } from "./studio/container.ts";
import { Studio } from "./studio/studio.ts";
import { declaration, NOTICED, registry, uuid, Workspace } from "./workspace.ts";

const scout = (assets: string) => new Scouting(assets);

Deno.test("decision 1: the packer remains filesystem-first", async () => {
  await using workspace = await Workspace.with("hero");
  {
    await using open = await workspace.open({ scout });
    await open.packer.commit([{ do: "put", asset: 1, path: "b.txt", content: "b" }]);
  }
  // What is the packer's own can go: the workspace is the author's files and the registry, and nothing else.
  await Deno.remove(workspace.at(".prometeu/staging"), { recursive: true });
  await using open = await workspace.open({ scout });
  strictEqual(open.packer.status().state, "clean");
  strictEqual(await open.text(1, "b.txt"), "b");
  deepStrictEqual([...await contents(workspace)].map(([path]) => path), [
    ".prometeu/index.json",
    "hero/a.txt",
    "hero/asset.json",
    "hero/b.txt",
  ]);
});

Deno.test("decision 2: the packer is a project-scoped operational runtime", async () => {
  await using first = await Workspace.with("hero");
  await using second = await Workspace.with("hero");
  const bus = new Bus(systemClock);
  await using one = await first.open({ scout, bus, project: "one" });
  await using two = await second.open({ scout, bus, project: "two" });
  await one.packer.commit([{ do: "unregister", asset: 1 }]);
  deepStrictEqual([one.packer.generation, two.packer.generation], [2, 1]);
  deepStrictEqual(two.packer.status().assets, { registered: 1, included: 1 });
});

Deno.test("decision 3: an in-memory snapshot serves live reads and coordinates writes", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ scout });
  const before = await open.packer.call("assets", {});
  await Deno.remove(workspace.at("hero"), { recursive: true });
  deepStrictEqual(await open.packer.call("assets", {}), before);
  strictEqual((await open.packer.call("files", { asset: 1 })).length, 2);
  // The write knows from the snapshot what ought to be there, and finds that it is not.
  await rejects(open.packer.commit([{ do: "remove", asset: 1, path: "a.txt" }]), { kind: "conflict" });
});

Deno.test("decision 4: the workspace on disk remains the final persisted source of truth", async () => {
  await using workspace = await Workspace.with("hero");
  {
    await using open = await workspace.open({ scout });
    await open.packer.commit([{ do: "set-included", asset: 1, included: false }]);
  }
  await workspace.write(".prometeu/index.json", registry("hero"));
  await workspace.write("hero/asset.json", declaration(1, "as the author says"));
  await using open = await workspace.open({ scout });
  using reader = open.packer.reader();
  deepStrictEqual([reader.asset(1).includedInBuild, reader.asset(1).name], [true, "as the author says"]);
  strictEqual(open.packer.status().state, "clean");
});

Deno.test("decision 5: the packer owns request and response APIs over its snapshot", async () => {
  await using workspace = await Workspace.with("hero");
  await using folder = await tempDir();
  await using open = await workspace.open({ scout });
  const { packer } = open;
  strictEqual((await packer.call("status", {})).generation, 1);
  strictEqual(await packer.call("registry", {}), registry("hero"));
  deepStrictEqual((await packer.call("assets", { selection: "included" })).map(({ uuid }) => uuid), [
    uuid(1),
  ]);
  strictEqual((await packer.call("asset", { asset: 1 })).root, "hero");
  strictEqual((await packer.call("files", { asset: 1 })).length, 2);
  strictEqual((await packer.call("read", { asset: 1, path: "a.txt", offset: 4, length: 5 })).length, 5);
  deepStrictEqual(await packer.call("divergences", {}), []);
  const commands = [{ do: "put", asset: 1, path: "b", content: "" }] as const;
  strictEqual((await packer.call("preview", { commands })).steps.length, 1);
  strictEqual((await packer.call("commit", { commands })).generation, 2);
  deepStrictEqual((await packer.call("reconcile", { accept: "all" })).settled, []);
  strictEqual((await packer.call("doctor", {})).healthy, true);
  strictEqual((await packer.call("build", { to: folder.path })).manifest.generation, 2);
  strictEqual((await packer.call("latestBuild", {}))?.generation, 2);
  strictEqual((await packer.call("readBuild", { length: 10 })).length, 10);
});

Deno.test("decision 6: writes run through the write lane and are visible only after their commit succeeded", async () => {
  await using workspace = await Workspace.with("hero");
  const commands: PackerCommand[] = [{ do: "put", asset: 1, path: "b.txt", content: "b" }];
  const staging = (await callsOf(commands)).findIndex((call) => call.startsWith("open new")) + 1;
  const disk = new MortalDisk(staging, "fails");
  await using open = await workspace.open({ scout, disk });
  await open.packer.digested();
  disk.arm();
  await rejects(open.packer.commit(commands));
  strictEqual(open.packer.generation, 1);
  strictEqual(await workspace.has("hero/b.txt"), false);
  const committed = open.packer.commit(commands);
  strictEqual(open.packer.generation, 1, "not before it is done");
  strictEqual((await committed).generation, 2);
  deepStrictEqual(open.told(), ["packer.opened", "packer.refused", "packer.generation"]);
});

Deno.test("decision 7: divergence between snapshot and file system is detected in the background", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await open.becomes("diverged");
  deepStrictEqual(open.waiting(), ["root-moved hero"]);
});

Deno.test("decision 8: divergence is surfaced explicitly, and nothing is invented, hidden or repaired in silence", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ scout });
  await Deno.remove(workspace.at("hero"), { recursive: true });
  await workspace.write("villain/asset.json", "not one");
  await workspace.write(".prometeu/index.json", "not one either");
  const before = await contents(workspace);
  await open.packer.look();
  deepStrictEqual(open.waiting(), [
    "registry-invalid .prometeu/index.json",
    "root-missing hero",
    "declaration-invalid villain/asset.json",
  ]);
  await open.packer.doctor(true);
  await open.packer.look();
  deepStrictEqual(await contents(workspace), before);
});

Deno.test("decision 9: a studio remains a consumer of responses, commands and events", async () => {
  await using workspace = await Workspace.with("hero");
  await using container = new Container();
  const studio = await Studio.open(container, workspace.path);
  let drawn = 0;
  studio.onDraw = () => drawn++;
  match(await studio.press({ do: "unregister", asset: 9 }), /there is no asset 9 in the registry/);
  strictEqual(await studio.press({ do: "unregister", asset: 1 }), "generation 2");
  deepStrictEqual(studio.screen.assets, []);
  ok(drawn >= 2, "it redraws when it is told");
  studio.close();
});

Deno.test("decision 10: the bus is handed to the packer at its bootstrap", async () => {
  await using workspace = await Workspace.with("hero");
  const bus = new Bus(systemClock);
  const told: string[] = [];
  bus.subscribe(({ type }) => told.push(type));
  const packer = await Packer.open({
    workspace: workspace.path,
    bus,
    clock: systemClock,
    program: "a test",
    watch: false,
    scout,
  });
  await packer.close();
  deepStrictEqual(told, ["packer.opened", "packer.closed"]);
  const sources = new URL("../../runtime/packer/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(sources)) {
    if (!isFile) continue;
    ok(!/new Bus\b/.test(await Deno.readTextFile(new URL(name, sources))), `${name} makes a bus of its own`);
  }
});

Deno.test("validation note 1: developers may continue to inspect and edit workspace files directly", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  await open.packer.digested();
  strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n");
  await workspace.write("hero/a.txt", "edited with the tool of their choice");
  await open.reaches(2);
  await until(
    async () => await open.text(1, "a.txt").catch(() => "") === await workspace.read("hero/a.txt"),
    NOTICED,
    "the edit",
  );
});

Deno.test("validation note 2: reads are coherent without full recomputation on each normal request", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  const local = new Scouting(workspace.at("").slice(0, -1));
  await using open = await workspace.open({ scout: () => local });
  await open.packer.digested();
  const asked = local.asked;
  await Promise.all(Array.from({ length: 50 }, async (_, number) => {
    if (number % 10 === 0) {
      await open.packer.commit([{ do: "put", asset: 1, path: "n", content: `${number}` }]);
    }
    using reader = open.packer.reader();
    const text = new TextDecoder().decode(await reader.read(1, "a.txt"));
    strictEqual(text, "the first of hero\n");
  }));
  strictEqual(local.asked, asked);
});

Deno.test("validation note 3: same-project writes remain serialized by the packer", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ scout });
  const increment = async () => {
    const { packer } = open;
    for (;;) {
      using reader = packer.reader();
      const now = Number(new TextDecoder().decode(await reader.read(1, "count")));
      const expectedDigest = reader.files(1).find(({ path }) => path === "count")?.digest ?? "";
      const done = await packer.commit([{
        do: "put",
        asset: 1,
        path: "count",
        content: `${now + 1}`,
        expectedDigest,
      }])
        .catch((error) => error.kind === "conflict" ? undefined : Promise.reject(error));
      if (done !== undefined) return;
    }
  };
  await open.packer.commit([{ do: "put", asset: 1, path: "count", content: "0" }]);
  await Promise.all(Array.from({ length: 10 }, increment));
  strictEqual(await workspace.read("hero/count"), "10");
});

Deno.test("validation note 4: no torn committed truth is observed during write activity", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ scout });
  const { packer } = open;
  const put = (number: number) =>
    packer.commit(
      [1, 2].map((asset) => ({ do: "put", asset, path: "stamp", content: `${number}` }) as const),
    );
  await put(0);
  let done = false;
  const observed: string[] = [];
  const observe = async () => {
    while (!done) {
      using reader = packer.reader();
      const [one, two] = await Promise.all([1, 2].map((asset) => reader.read(asset, "stamp")));
      observed.push(`${new TextDecoder().decode(one)} ${new TextDecoder().decode(two)}`);
    }
  };
  const observer = observe();
  for (let number = 1; number <= 50; number++) await put(number);
  done = true;
  await observer;
  ok(observed.length > 10);
  for (const pair of observed) strictEqual(new Set(pair.split(" ")).size, 1, pair);
});

Deno.test("validation note 5: divergence can be detected and surfaced explicitly", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ scout });
  await workspace.write("copy/asset.json", declaration(1, "copy"));
  await open.packer.look();
  const [divergence] = (await open.packer.call("status", {})).divergences;
  deepStrictEqual([divergence?.kind, divergence?.path], ["uuid-twice", "copy/asset.json"]);
  ok(open.told().includes("packer.diverged"));
  strictEqual((await open.packer.call("status", {})).state, "diverged");
});

Deno.test("validation note 6: a studio consumes the packer's reconcile and lifecycle semantics, and invents none", async () => {
  await using workspace = await Workspace.with("hero");
  await using container = new Container();
  const studio = await Studio.open(container, workspace.path);
  await Deno.remove(workspace.at("hero/asset.json"));
  await until(() => studio.screen.questions.length > 0, NOTICED, "the question");
  deepStrictEqual(studio.screen.questions, [{
    text: "hero/asset.json: asset 1 has no asset.json",
    buttons: ["restore", "unregister"],
  }]);
  await studio.answer(0, "restore");
  strictEqual(await workspace.read("hero/asset.json"), declaration(1, "hero"));
  deepStrictEqual(studio.screen.questions, []);
  studio.close();
});
