/**
 * A program that embeds the packer: one bus, made by the program; responses, commands and events; no rule of its own.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { Container } from "./studio/container.ts";
import { type Screen, Studio } from "./studio/studio.ts";
import { NOTICED, Workspace } from "./workspace.ts";

Deno.test("a studio shows what the packer says, and redraws on its events", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using container = new Container();
  const studio = await Studio.open(container, workspace.path);
  deepStrictEqual(studio.screen.assets, ["[x] 1 hero (hero)", "[x] 2 villain (villain)"]);
  match(studio.screen.title, /generation 1: clean$/);
  strictEqual(await studio.press({ do: "set-included", asset: 2, included: false }), "generation 2");
  deepStrictEqual(studio.screen.assets, ["[x] 1 hero (hero)", "[ ] 2 villain (villain)"]);
  match(await studio.press({ do: "relocate", asset: 1, root: "villain/hero" }), /meets the root of asset 2/);
  match(studio.screen.title, /generation 2: clean$/);
  studio.close();
});

Deno.test("a studio shows divergence in the packer's words, and passes the person's answer on", async () => {
  await using workspace = await Workspace.with("hero");
  await using container = new Container();
  const studio = await Studio.open(container, workspace.path);
  const drawn: Screen[] = [];
  studio.onDraw = (screen) => drawn.push(screen);
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await until(() => studio.screen.questions.length > 0, NOTICED, "the question");
  deepStrictEqual(studio.screen.questions, [{
    text: "hero: asset 1 lies in moved",
    buttons: ["relocate", "unregister"],
  }]);
  match(studio.screen.title, /diverged$/);
  await studio.answer(0, "relocate");
  deepStrictEqual(studio.screen.assets, ["[x] 1 hero (moved)"]);
  match(studio.screen.title, /generation 2: clean$/);
  ok(drawn.some(({ title }) => title.endsWith("reconciling")), "every state was shown");
  studio.close();
});

Deno.test("every event of two projects is on the container's one bus, in causal order", async () => {
  await using first = await Workspace.with("hero");
  await using second = await Workspace.with("villain");
  await using container = new Container();
  const told: string[] = [];
  container.bus.subscribe(({ type, sequence }) => told.push(`${sequence} ${type}`));
  const one = await container.omnifs.openWorkspace({ workspace: first.path, project: "one", watch: false });
  const two = await container.omnifs.openWorkspace({ workspace: second.path, project: "two", watch: false });
  await two.commit([{ do: "set-included", asset: 1, included: false }], "by two");
  await one.commit([{ do: "set-included", asset: 1, included: false }], "by one");
  deepStrictEqual(told, ["1 packer.opened", "2 packer.opened", "3 packer.generation", "4 packer.generation"]);
  deepStrictEqual(
    container.bus.since(2).map(({ data }) => "correlation" in data ? data.correlation : ""),
    ["by two", "by one"],
  );
  await rejects(container.omnifs.openWorkspace({ workspace: first.path }), { kind: "busy" });
});

Deno.test("the studio reaches for nothing but the library: no file of a workspace, no rule of the packer", async () => {
  for (const name of ["container.ts", "studio.ts"]) {
    const text = await Deno.readTextFile(new URL(`studio/${name}`, import.meta.url));
    const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
    ok(
      imports.every((from) => from === "../../../runtime/mod.ts" || from === "./container.ts"),
      imports.join(", "),
    );
    ok(!/\bDeno\b/.test(text));
  }
});
