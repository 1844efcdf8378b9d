/**
 * How far one apply has come, by the journal's records.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Invalidation, Step } from "../provider/mod.ts";
import { decoded, type DraftRecord, encoded, type StepRecord } from "./records.ts";

/** What is known of one step of an apply. */
export type Standing =
  /** Nothing was sent. */
  | { readonly tag: "waiting" }
  /** Its request went out, and nothing is known yet. */
  | { readonly tag: "began" }
  /** It stands upstream; `undo` takes it back. */
  | { readonly tag: "stands"; readonly undo: Uint8Array | undefined }
  /** It stands upstream, and taking it back has begun. */
  | { readonly tag: "undoing"; readonly undo: Uint8Array | undefined }
  /** It does not stand. */
  | { readonly tag: "absent" }
  /** Nobody knows, not even after asking. */
  | { readonly tag: "uncertain"; readonly reason: string };

/** One apply of one draft. */
export class Attempt {
  /** Its name, unique for ever. */
  readonly id: string;
  /** Who asked for it. */
  readonly by: string;
  /** The steps, once they are planned. */
  steps: readonly Step[] = [];
  /** What is known of each. */
  standing: Standing[] = [];
  /** What holds no longer once the steps that stood are taken back. */
  readonly reverts: Invalidation[] = [];
  /** Why it stopped, where it did. */
  reason: string | undefined;
  readonly #begun = new Map<number, number>();

  /** An apply that begins. */
  constructor(id: string, by: string) {
    this.id = id;
    this.by = by;
  }

  /** The numbers of the steps that stand upstream, as far as is known. */
  get stands(): number[] {
    return this.#numbers((tag) => tag === "stands" || tag === "undoing");
  }

  /** The numbers of the steps of which nobody knows. */
  get open(): number[] {
    return this.#numbers((tag) => tag === "began" || tag === "uncertain");
  }

  /** The numbers of the steps of which it is not known whether they were taken back. */
  get undoing(): number[] {
    return this.#numbers((tag) => tag === "undoing");
  }

  /** True where every step stands. */
  get complete(): boolean {
    return this.stands.length === this.steps.length;
  }

  /** Takes one record in. */
  apply(record: DraftRecord): void {
    switch (record.type) {
      case "planned":
        this.steps = record.steps.map(stepOf);
        this.standing = this.steps.map(() => ({ tag: "waiting" }));
        return;
      case "began":
        this.#begun.set(record.step, (this.#begun.get(record.step) ?? 0) + 1);
        return this.#set(record.step, { tag: "began" });
      case "performed": {
        const undo = record.undo === undefined ? undefined : decoded(record.undo);
        this.reverts.push(...record.reverts ?? []);
        return this.#set(record.step, { tag: "stands", undo });
      }
      case "undoing":
        return this.#set(record.step, { tag: "undoing", undo: this.undoOf(record.step) });
      case "undo-failed":
        this.reason = record.reason;
        return this.#set(record.step, { tag: "stands", undo: this.undoOf(record.step) });
      case "failed":
        this.reason = record.reason;
        return this.#set(record.step, { tag: "absent" });
      case "undone":
        return this.#set(record.step, { tag: "absent" });
      case "uncertain":
        this.reason = record.reason;
        return this.#set(record.step, { tag: "uncertain", reason: record.reason });
      case "stopped":
        this.reason = record.reason;
    }
  }

  /**
   * The step under a name that no other performance of any step has: one that is performed again, after it was taken
   * back, is another one.
   */
  tokened(number: number): Step {
    const step = this.steps[number];
    if (step === undefined) throw new OmnifsError("internal", `there is no step ${number}`, { op: "apply" });
    const begun = this.#begun.get(number) ?? 1;
    return { ...step, id: `${this.id}/${step.id}${begun === 1 ? "" : `/${begun}`}` };
  }

  /** What an undo of the step needs. */
  undoOf(step: number): Uint8Array | undefined {
    const standing = this.standing[step];
    return standing?.tag === "stands" || standing?.tag === "undoing" ? standing.undo : undefined;
  }

  #set(step: number, standing: Standing): void {
    this.standing[step] = standing;
  }

  #numbers(is: (tag: Standing["tag"]) => boolean): number[] {
    return this.standing.flatMap(({ tag }, step) => is(tag) ? [step] : []);
  }
}

/** `step` for the journal. */
export function stepRecord(step: Step): StepRecord {
  return { ...step, payload: encoded(step.payload) };
}

function stepOf(step: StepRecord): Step {
  return { ...step, payload: decoded(step.payload) };
}
