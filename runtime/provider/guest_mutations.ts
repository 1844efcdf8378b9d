/**
 * The interface `mutations` of one mounted component: its five functions, every answer checked.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { checkedOutcome, checkedPlan, checkedReceipt } from "./mutation_answers.ts";
import type { Mutation, Outcome, ProviderMutations, Receipt, Step } from "./mutations.ts";

/** What the mutations of a component stand on. */
export interface GuestMutationsParts {
  /** The mount name. */
  readonly mount: string;
  /** False for a component that does not export `mutations`: it takes no drafts. */
  readonly exported: boolean;
  /** Calls `name` of the interface. */
  call(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
}

/** See {@linkcode ProviderMutations}. */
export class GuestMutations implements ProviderMutations {
  readonly #parts: GuestMutationsParts;

  /** The mutations of the component that `parts` belong to. */
  constructor(parts: GuestMutationsParts) {
    this.#parts = parts;
  }

  /** See {@linkcode ProviderMutations}. */
  async check(change: Mutation, signal?: AbortSignal): Promise<void> {
    await this.#call("check", [contractChange(change)], signal);
  }

  /** See {@linkcode ProviderMutations}. */
  async plan(changes: readonly Mutation[], signal?: AbortSignal): Promise<readonly Step[]> {
    return checkedPlan(this.#parts.mount, await this.#call("plan", [changes.map(contractChange)], signal));
  }

  /** See {@linkcode ProviderMutations}. */
  async perform(step: Step): Promise<Receipt> {
    return checkedReceipt(this.#parts.mount, await this.#call("perform", [{ ...step }]));
  }

  /** See {@linkcode ProviderMutations}. */
  async undo(step: Step, undo: Uint8Array): Promise<void> {
    await this.#call("undo", [{ ...step }, undo]);
  }

  /** See {@linkcode ProviderMutations}. */
  async probe(step: Step): Promise<Outcome> {
    return checkedOutcome(this.#parts.mount, await this.#call("probe", [{ ...step }]));
  }

  async #call(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const { mount, exported, call } = this.#parts;
    if (exported) return await call(name, args, signal);
    throw new OmnifsError("unsupported", `${mount} takes no changes`, { op: name });
  }
}

/** `change` of the contract. */
function contractChange(change: Mutation): unknown {
  const { tag, ...fields } = change;
  const bytes = (val: Uint8Array) => ({ tag: "bytes", val });
  if (tag === "write") {
    const { base, content } = change;
    return { tag, val: { ...fields, base: bytes(base), content: bytes(content) } };
  }
  return { tag, val: tag === "create" ? { ...fields, content: bytes(change.content) } : fields };
}
