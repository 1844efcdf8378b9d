/**
 * A workspace behind the packer's component, and what drafts do to it.
 *
 * @module
 */
import { ok, rejects, strictEqual } from "node:assert/strict";
import type { BusEvent } from "../../runtime/base/bus.ts";
import { type Mutation, PlanRefused, type Provider, type Step } from "../../runtime/provider/mod.ts";
import { bytesOf, walk } from "../support/projection.ts";
import { type OverWorkspace, overWorkspace } from "./over_workspace.ts";
import { Workspace } from "./workspace.ts";

/** The bytes of a text. */
export const bytes = (text: string) => new TextEncoder().encode(text);

/** A workspace behind its component, and what is done to it. */
export class Scene {
  /** It, on disk. */
  readonly workspace: Workspace;
  /** What it is behind. */
  readonly over: OverWorkspace;
  /** Every event. */
  readonly told: BusEvent[] = [];
  #attempts = 0;

  /** `workspace` behind `over`. */
  constructor(workspace: Workspace, over: OverWorkspace) {
    this.workspace = workspace;
    this.over = over;
    over.bus.subscribe((event) => this.told.push(event));
  }

  /** The component. */
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

/** A test over a workspace with assets at `roots`; `allowApply` are the mounts of `--allow-apply`. */
export function onWorkspace(
  name: string,
  roots: readonly string[],
  test: (scene: Scene) => Promise<void>,
  allowApply?: readonly string[],
): Deno.TestDefinition {
  return {
    name,
    async fn() {
      await using workspace = await Workspace.with(...roots);
      await overWorkspace(workspace, (over) => test(new Scene(workspace, over)), allowApply);
    },
  };
}
