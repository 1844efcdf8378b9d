/**
 * A team of Linear with one issue, and what drafts can do with it: the component's mutations, without drafts.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import {
  type Mutation,
  PlanRefused,
  type Provider,
  type ProviderMutations,
  type Receipt,
  type Step,
} from "../../runtime/provider/mod.ts";
import type { LinearStandIn } from "../fakes/linear/mod.ts";
import { bytesOf, textAt, walk } from "../support/projection.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A team with one issue, and what can be done with it. */
export class Scene {
  readonly linear: LinearStandIn;
  readonly provider: Provider;
  /** The team's key. */
  readonly key: string;
  #attempts = 0;

  constructor(linear: LinearStandIn, provider: Provider, key: string) {
    this.linear = linear;
    this.provider = provider;
    this.key = key;
  }

  /** The directory of the team's open issues. */
  get open(): string {
    return `teams/${this.key}/issues/_open`;
  }

  /** The directory of its issue. */
  get issue(): string {
    return `${this.open}/${this.key}-1`;
  }

  get mutations(): ProviderMutations {
    return this.provider.mutations;
  }

  /** A write to a file of the tree, staged on what it holds now. */
  async write(path: string, content: string): Promise<Mutation> {
    const node = await this.node(path);
    const base = await bytesOf(this.provider, node);
    return { tag: "write", file: node.id, baseVersion: node.version, base, content: bytes(content) };
  }

  /** What is made below a directory of the tree. */
  async create(directory: string, name: string, content: string): Promise<Mutation> {
    return { tag: "create", parent: (await this.node(directory)).id, name, content: bytes(content) };
  }

  async node(path: string) {
    const node = await walk(this.provider, path);
    ok(node, path);
    return node;
  }

  /** The steps of a plan, each under a name that is never used again. */
  async plan(...changes: Mutation[]): Promise<Step[]> {
    const attempt = `attempt-${this.#attempts++}`;
    return (await this.mutations.plan(changes)).map((step) => ({ ...step, id: `${attempt}/${step.id}` }));
  }

  /** Performs a plan of one step. */
  async perform(...changes: Mutation[]): Promise<{ step: Step; receipt: Receipt }> {
    const [step, ...more] = await this.plan(...changes);
    ok(step);
    deepStrictEqual(more, []);
    return { step, receipt: await this.mutations.perform(step) };
  }

  /** Why a plan is refused, by the number of the change. */
  async refusals(...changes: Mutation[]): Promise<[number, string, string][]> {
    let told: [number, string, string][] = [];
    await rejects(this.plan(...changes), (error) => {
      ok(error instanceof PlanRefused, String(error));
      told = error.refusals.map((
        { change, error },
      ) => [change, error.kind, error.message.replace("linear: ", "")]);
      return true;
    });
    return told;
  }

  read(path: string): Promise<string | undefined> {
    return textAt(this.provider, path);
  }
}

/** The requests that changed something. */
export async function changes(linear: LinearStandIn): Promise<string[]> {
  const all = (await linear.requests()).map(({ operation }) => operation);
  return all.filter((operation) => /^(Create|Update|Delete)/.test(operation));
}
