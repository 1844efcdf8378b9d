/**
 * What mutations share: the notes of a step, and a plan that tells every refusal.
 *
 * @module
 */
import type { Change, Failure, Refusal, Step } from "./contract.ts";
import { PlanRefused } from "./define.ts";
import { failureOf } from "./errors.ts";
import { decode, encode } from "./utf8.ts";

/** `value` as the notes of a step or of an undo. */
export function notesOf(value: unknown): Uint8Array {
  return encode(JSON.stringify(value));
}

/** What {@linkcode notesOf} noted; the host kept it as it was. */
export function noted<Value>(notes: Uint8Array): Value {
  return JSON.parse(decode(notes));
}

/** Changes with their numbers in the plan. */
export type Numbered = readonly (readonly [number, Change])[];

/** Plans changes one by one, or several as one step, and keeps every refusal. */
export class Planner {
  readonly #steps: Step[] = [];
  readonly #refusals: Refusal[] = [];

  /** The number of steps so far: an id for the next one. */
  get next(): string {
    return String(this.#steps.length);
  }

  /** Adds what `plan` answers; what it throws refuses the changes with these numbers. */
  add(changes: readonly number[], plan: () => Omit<Step, "id"> | undefined): void {
    try {
      const step = plan();
      if (step !== undefined) this.#steps.push({ id: this.next, ...step });
    } catch (error) {
      this.refuse(changes, failureOf(error));
    }
  }

  /**
   * Does `look` for each of `changes`; what it throws refuses that one.
   *
   * @returns whether none of them was refused
   */
  each(changes: Numbered, look: (change: Change) => void): boolean {
    let good = true;
    for (const [number, change] of changes) {
      try {
        look(change);
      } catch (error) {
        this.refuse([number], failureOf(error));
        good = false;
      }
    }
    return good;
  }

  /** Refuses the changes with these numbers. */
  refuse(changes: readonly number[], error: Failure): void {
    for (const change of changes) this.#refusals.push({ change, error });
  }

  /** The steps, those that nothing can take back last. @throws {PlanRefused} where anything was refused */
  get steps(): Step[] {
    if (this.#refusals.length > 0) throw new PlanRefused(this.#refusals);
    return [
      ...this.#steps.filter(({ reversible }) => reversible),
      ...this.#steps.filter(({ reversible }) => !reversible),
    ];
  }
}

/** Changes with their numbers, gathered by what `keyOf` answers; undefined is a group of its own each. */
export function gathered(
  changes: readonly Change[],
  keyOf: (change: Change) => string | undefined,
): { readonly key: string | undefined; readonly changes: Numbered }[] {
  const groups = new Map<string, [number, Change][]>();
  const alone: [number, Change][][] = [];
  for (const [index, change] of changes.entries()) {
    const key = keyOf(change);
    if (key === undefined) alone.push([[index, change]]);
    else groups.set(key, [...groups.get(key) ?? [], [index, change]]);
  }
  return [
    ...[...groups].map(([key, changes]) => ({ key, changes })),
    ...alone.map((changes) => ({ key: undefined, changes })),
  ];
}
