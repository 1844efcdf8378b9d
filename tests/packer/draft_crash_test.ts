/**
 * An apply over a workspace that is cut off: the next start asks the packer what became of the commit, and nothing is
 * done twice.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { type Draft, Drafts, DraftStore, type LiveTree } from "../../runtime/drafts/mod.ts";
import type { Provider, ProviderMutations, Receipt, Step } from "../../runtime/provider/mod.ts";
import { tempDir } from "../support/temp.ts";
import { overWorkspace } from "./over_workspace.ts";
import { Workspace } from "./workspace.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Who asks for the applies. */
const ME = { by: "me" };

/** Nothing here stages by path. */
const NO_TREE: LiveTree = {
  spelled: (_mount, path) => Promise.resolve(path),
  at: () => Promise.reject(new OmnifsError("not-found", "there is no tree")),
  below: () => Promise.resolve([]),
};

/** The drafts in the folder `dir`, as a new process finds them, over `mutations`. */
async function draftsOf(dir: string, mutations: ProviderMutations): Promise<Drafts> {
  const clock = { ...systemClock, after: (_: number, fire: () => void) => (queueMicrotask(fire), () => {}) };
  const log = new Log(clock, () => {});
  return new Drafts({
    store: await DraftStore.open(dir, clock, log),
    clock,
    log,
    bus: new Bus(clock),
    unique: () => crypto.randomUUID(),
    live: NO_TREE,
    mutations: () => mutations,
    granted: () => true,
    leaderOf: () => undefined,
    witness: () => Promise.resolve(),
    changed: () => {},
  });
}

/** Stages other bytes for `a.txt` of the first asset, and that the second one is left out. */
async function stage(drafts: Drafts): Promise<Draft> {
  const draft = await drafts.create("d");
  const live = { parent: "", path: "/x", version: undefined, directory: false };
  for (
    const [id, base, content] of [
      ["file/game/1/a.txt", "the first of hero\n", "edited\n"],
      ["included/game/2", "true\n", "false\n"],
    ] as const
  ) {
    await draft.write("packer", { ...live, id, name: id }, bytes(base));
    const key = draft.overlay.write(id)?.key ?? "";
    await draft.resize(key, 0);
    await draft.put(key, 0, bytes(content));
  }
  return draft;
}

/** `provider`'s mutations, with `perform` in place of its own. */
function performing(provider: Provider, perform: (step: Step) => Promise<Receipt>): ProviderMutations {
  const { mutations } = provider;
  return {
    check: (change, signal) => mutations.check(change, signal),
    plan: (changes, signal) => mutations.plan(changes, signal),
    perform,
    undo: (step, notes) => mutations.undo(step, notes),
    probe: (step) => mutations.probe(step),
  };
}

/** Applies a draft in a process that ends `before` its commit or `after` it; the workspace it leaves is `workspace`. */
async function cutOff(dir: string, workspace: Workspace, when: "before" | "after"): Promise<void> {
  await overWorkspace(workspace, async ({ provider }) => {
    const reached = Promise.withResolvers<void>();
    const drafts = await draftsOf(
      dir,
      performing(provider, async (step) => {
        if (when === "after") await provider.mutations.perform(step);
        reached.resolve();
        return await new Promise(() => {});
      }),
    );
    void drafts.apply(await stage(drafts), "apply", ME);
    await reached.promise;
    await drafts.close();
  });
}

for (const when of ["before", "after"] as const) {
  Deno.test(`an apply that is cut off ${when} its commit is settled by the next start, and done once at most`, async () => {
    await using dir = await tempDir();
    await using workspace = await Workspace.with("hero", "villain");
    await cutOff(dir.path, workspace, when);
    const done = when === "after";
    strictEqual(await workspace.read("hero/a.txt"), done ? "edited\n" : "the first of hero\n");
    await overWorkspace(workspace, async ({ provider, workspaces }) => {
      const drafts = await draftsOf(dir.path, provider.mutations);
      await drafts.recover();
      deepStrictEqual(drafts.all().map(({ state }) => state), done ? [] : ["open"]);
      const generation = async () => (await workspaces.desk("game").call("status", {})).generation;
      strictEqual(await generation(), done ? 2 : 1);
      // What did not take place is applied anew; its text is still there.
      if (!done) strictEqual((await drafts.apply(drafts.get("d"), "apply", ME)).outcome, "applied");
      strictEqual(await generation(), 2);
      await drafts.close();
    });
    strictEqual(await workspace.read("hero/a.txt"), "edited\n");
    ok(!JSON.parse(await workspace.read(".prometeu/index.json")).assets[1].included_in_build);
  });
}

Deno.test("a commit whose answer is lost is found again, and is taken back where that is asked for", async () => {
  await using dir = await tempDir();
  await using workspace = await Workspace.with("hero", "villain");
  await overWorkspace(workspace, async ({ provider }) => {
    let lost = true;
    const mutations = performing(provider, async (step) => {
      await provider.mutations.perform(step);
      throw new OmnifsError("unavailable", "no answer");
    });
    mutations.probe = async (step) => lost ? { tag: "unknown" } : await provider.mutations.probe(step);
    const drafts = await draftsOf(dir.path, mutations);
    const draft = await stage(drafts);
    strictEqual((await drafts.apply(draft, "apply", ME)).outcome, "partial");
    strictEqual(await workspace.read("hero/a.txt"), "edited\n");
    lost = false;
    strictEqual((await drafts.apply(draft, "rollback", ME)).outcome, "undone");
    strictEqual(draft.state, "open");
    strictEqual(await workspace.read("hero/a.txt"), "the first of hero\n");
    ok(JSON.parse(await workspace.read(".prometeu/index.json")).assets[1].included_in_build);
    await drafts.close();
  });
});
