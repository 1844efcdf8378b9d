/**
 * What drafts do to a real Docker Engine, and to a real Podman: the component's mutations, behind the gate.
 *
 * @module
 */
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import {
  type Mutation,
  PlanRefused,
  type Provider,
  type Receipt,
  type Step,
} from "../../runtime/provider/mod.ts";
import { type Engine, startDocker, startPodman, whyNoDocker, whyNoPodman } from "../fakes/docker/engine.ts";
import { until } from "../support/deadline.ts";
import { bytesOf, textAt, walk } from "../support/projection.ts";
import { type Loaded, withComponent } from "./with_engine.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** An engine, and what can be done with its containers. */
class Scene {
  readonly engine: Engine;
  readonly provider: Provider;
  #attempts = 0;

  constructor(engine: Engine, { provider }: Loaded) {
    this.engine = engine;
    this.provider = provider;
  }

  /** A write to the state of a container, staged on what it is now. */
  async write(name: string, state: string): Promise<Mutation> {
    const node = await walk(this.provider, `containers/_all/${name}/state`);
    ok(node?.writable, name);
    const base = await bytesOf(this.provider, node);
    return { tag: "write", file: node.id, baseVersion: node.version, base, content: bytes(`${state}\n`) };
  }

  /** The removal of a container. */
  async remove(name: string): Promise<Mutation> {
    const node = await walk(this.provider, `containers/_all/${name}`);
    return { tag: "remove", parent: "containers/_all", name, node: node?.id ?? "", baseVersion: undefined };
  }

  async plan(...changes: Mutation[]): Promise<Step[]> {
    const attempt = `attempt-${this.#attempts++}`;
    const steps = await this.provider.mutations.plan(changes);
    return steps.map((step) => ({ ...step, id: `${attempt}/${step.id}` }));
  }

  /** Performs steps, each asked about before and after; answers their receipts. */
  async perform(steps: readonly Step[]): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    for (const step of steps) {
      equal((await this.provider.mutations.probe(step)).tag, "not-performed", step.summary);
      receipts.push(await this.provider.mutations.perform(step));
      equal((await this.provider.mutations.probe(step)).tag, "performed", step.summary);
    }
    return receipts;
  }

  /** Takes steps back, the latest first, each twice. */
  async undo(steps: readonly Step[]): Promise<void> {
    for (const step of steps.toReversed()) {
      for (let times = 0; times < 2; times++) {
        await this.provider.mutations.undo(step, new Uint8Array());
      }
    }
  }

  async state(name: string): Promise<string | undefined> {
    return await textAt(this.provider, `containers/_all/${name}/state`);
  }

  async refusal(change: Mutation): Promise<string> {
    let told = "";
    await rejects(this.plan(change), (error) => {
      ok(error instanceof PlanRefused, String(error));
      told = error.refusals.map(({ error }) => `${error.kind}: ${error.message}`).join();
      return true;
    });
    return told;
  }
}

/** Where a container begins, what is written, the steps, and the state that it has then and after an undo. */
const MOVES:
  readonly (readonly [begin: string, wanted: string, steps: string[], then: string, undone: string])[] = [
    ["running", "stopped", ["stop web"], "exited\n", "running\n"],
    ["running", "paused", ["pause web"], "paused\n", "running\n"],
    ["running", "running", [], "running\n", "running\n"],
    ["paused", "running", ["unpause web"], "running\n", "paused\n"],
    ["paused", "stopped", ["unpause web", "stop web"], "exited\n", "paused\n"],
    ["exited", "running", ["start web"], "running\n", "exited\n"],
    ["exited", "paused", ["start web", "pause web"], "paused\n", "exited\n"],
    // Nothing makes a container one that was never started.
    ["created", "running", ["start web"], "running\n", "exited\n"],
    ["created", "stopped", [], "created\n", "created\n"],
  ];

async function begin({ engine: { api } }: Scene, state: string): Promise<void> {
  // It ends at once when it is asked to: process 1 has no handler for signals otherwise.
  const script = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
  await api.run("web", { script, start: state !== "created" });
  if (state === "exited") await api.stop("web");
  if (state === "paused") await api.call("POST", "/containers/web/pause");
}

async function everything(scene: Scene): Promise<void> {
  const { engine: { api } } = scene;
  for (const [from, wanted, summaries, then, undone] of MOVES) {
    const what = `${from} → ${wanted}`;
    await begin(scene, from);
    const steps = await scene.plan(await scene.write("web", wanted));
    deepStrictEqual(
      steps.map(({ summary, reversible }) => [summary, reversible]),
      summaries.map((one) => [one, true]),
      what,
    );
    for (const { changed } of await scene.perform(steps)) {
      ok(changed.some((each) => each.tag === "node" && each.id.endsWith("/state")), what);
    }
    equal(await scene.state("web"), then, what);
    await scene.undo(steps);
    equal(await scene.state("web"), undone, what);
    await api.clear();
  }
}

async function removals(scene: Scene): Promise<void> {
  const { engine: { api } } = scene;
  await begin(scene, "running");
  match(
    await scene.refusal(await scene.remove("web")),
    /invalid: .*it is running: only a stopped container can be removed/,
  );
  await api.stop("web");
  const steps = await scene.plan(await scene.remove("web"));
  deepStrictEqual(steps.map(({ summary, reversible }) => [summary, reversible]), [["remove web", false]]);
  const [receipt] = await scene.perform(steps);
  equal(receipt?.undo, undefined);
  deepStrictEqual(receipt?.changed.filter(({ tag }) => tag === "removed").length, 5);
  equal(await scene.state("web"), undefined);
}

async function refusals(scene: Scene): Promise<void> {
  const { engine: { api }, provider } = scene;
  await begin(scene, "running");
  const write = await scene.write("web", "stopped");
  const remove = await scene.remove("web");
  const node = remove.tag === "remove" ? remove.node : "";
  const cases: [Mutation, RegExp][] = [
    [await scene.write("web", "bogus"), /a state is running, stopped, paused, not "bogus"/],
    [await scene.write("web", ""), /a state is running, stopped, paused, not ""/],
    [
      { tag: "write", file: `${node}/env`, baseVersion: undefined, base: bytes(""), content: bytes("A=1\n") },
      /env cannot be written: state can/,
    ],
    [
      { tag: "write", file: "system/info.json", baseVersion: undefined, base: bytes(""), content: bytes("") },
      /it cannot be changed/,
    ],
    [
      { tag: "create", parent: "containers/_all", name: "d/state", content: bytes("running\n") },
      /nothing new/,
    ],
    [
      { tag: "remove", parent: node, name: "state", node: `${node}/state`, baseVersion: undefined },
      /as a whole/,
    ],
  ];
  for (const [change, why] of cases) {
    await rejects(provider.mutations.check(change), (error) => {
      ok(error instanceof OmnifsError);
      deepStrictEqual([error.kind, why.test(error.message)], ["invalid", true], error.message);
      return true;
    });
  }
  await api.call("POST", "/containers/web/pause");
  match(
    await scene.refusal(write),
    /conflict: .*state is now "paused", and was "running" when it was staged/,
  );
  await api.call("POST", "/containers/web/unpause");
  await api.remove("web");
  match(await scene.refusal(write), /not-found/);
}

/** What goes when it ends cannot be taken back, and so comes last. */
async function passing(scene: Scene): Promise<void> {
  const { engine: { api } } = scene;
  await api.run("gone", { host: { AutoRemove: true } });
  await begin(scene, "running");
  const steps = await scene.plan(await scene.write("gone", "stopped"), await scene.write("web", "paused"));
  deepStrictEqual(steps.map(({ summary, reversible }) => [summary, reversible]), [["pause web", true], [
    "stop gone",
    false,
  ]]);
}

/** Whoever asks while a container takes its time to stop must not hear that it goes on. */
async function slowStop(scene: Scene): Promise<void> {
  const { engine: { api }, provider: { mutations } } = scene;
  const script = "trap '' TERM; while :; do sleep 0.1; done";
  await api.run("web", { script, stopTimeout: 3 });
  const [step] = await scene.plan(await scene.write("web", "stopped"));
  ok(step);
  equal((await mutations.probe(step)).tag, "not-performed");
  const performed = mutations.perform(step);
  const told: string[] = [];
  await until(
    async () => {
      told.push((await mutations.probe(step)).tag);
      return told.at(-1) === "unknown";
    },
    10_000,
    "the stop to be under way",
  );
  await performed;
  equal((await mutations.probe(step)).tag, "performed");
  deepStrictEqual(new Set(told.slice(0, -1)).difference(new Set(["not-performed"])), new Set());
}

const ENGINES = [
  { name: "Docker", obstacle: await whyNoDocker(), start: startDocker },
  { name: "Podman", obstacle: await whyNoPodman(), start: startPodman },
];

for (const { name, obstacle, start } of ENGINES) {
  if (obstacle !== undefined) console.log(`no test of drafts on ${name}: ${obstacle}`);
  Deno.test({
    name: `a draft's changes of ${name}`,
    ignore: obstacle !== undefined,
    fn: async (context) => {
      await using engine = await start();
      await withComponent(engine, async (loaded) => {
        const steps: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
          ["each state leads to each other one, and back", everything],
          ["a container goes when it is stopped, and not before", removals],
          ["what a state cannot be is refused, and what it is no longer is a conflict", refusals],
          ["what removes itself when it stops is stopped last", passing],
          ["a container that takes its time to stop may be one that does not stop", slowStop],
        ];
        for (const [step, test] of steps) {
          await context.step(step, () => test(new Scene(engine, loaded)));
          await engine.api.clear();
        }
      });
    },
  });
}
