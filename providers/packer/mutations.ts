/**
 * What drafts may do to a workspace: nothing yet. Nothing in this tree is writable, so no draft can stage a change that
 * would get here; the world asks for the interface all the same.
 *
 * @module
 */
import type { Failure } from "../sdk/mod.ts";

const NOT_YET: Failure = { tag: "denied", val: "a workspace is changed by the packer's own commands alone" };

const refused = (): never => {
  // Not an Error: the contract's variant itself is what crosses.
  throw NOT_YET;
};

/** Refuses every change by its number, and every step. */
export const mutations = {
  plan(changes: readonly unknown[]): never {
    throw changes.map((_, change) => ({ change, error: NOT_YET }));
  },
  perform: refused,
  undo: refused,
  probe: refused,
};
