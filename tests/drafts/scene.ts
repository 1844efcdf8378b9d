/**
 * A draft over an upstream of a few fields, each of which can be made to fail, to lose its answer, or to end the
 * process.
 *
 * @module
 */
import { type Clock, systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Draft } from "../../runtime/drafts/draft.ts";
import type { Journal } from "../../runtime/drafts/journal.ts";
import type { TimedRecord } from "../../runtime/drafts/records.ts";
import type { TransactionParts } from "../../runtime/drafts/transaction.ts";
import {
  type Mutation,
  type Outcome,
  PlanRefused,
  type ProviderMutations,
  type Receipt,
  type Refusal,
  type Step,
} from "../../runtime/provider/mutations.ts";

/** What ends the process: nothing that comes after it happens. */
export class Killed extends Error {}

/** Counts down to the end of the process. */
export class Fuse {
  /** Chances to end that have passed. */
  passed = 0;
  readonly #at: number;
  #dead = false;

  /** Ends the process at the chance number `at`, from 0. */
  constructor(at = Infinity) {
    this.#at = at;
  }

  /** One chance to end. */
  chance(): void {
    if (this.#dead || this.passed++ === this.#at) {
      this.#dead = true;
      throw new Killed("the process ends here");
    }
  }
}

/** A journal on a disk that outlives the process. */
export class Disk implements Journal {
  /** What is on it. */
  records: TimedRecord[] = [];
  /** Ends the process. */
  fuse = new Fuse();
  /** See {@linkcode Journal}. */
  size = 0;

  /** See {@linkcode Journal}; the process may end before the record is on the disk, and after. */
  append(record: TimedRecord): Promise<void> {
    return Promise.resolve().then(() => {
      this.fuse.chance();
      this.records.push(structuredClone(record));
      this.fuse.chance();
    });
  }

  /** See {@linkcode Journal}. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** See {@linkcode Journal}. */
  remove(): Promise<void> {
    this.records = [];
    return Promise.resolve();
  }
}

const text = new TextDecoder();
const bytes = (value: string) => new TextEncoder().encode(value);

/** What one step is to do, in its payload. */
interface Effect {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Fields with values; a request changes one of them. */
export class Upstream implements ProviderMutations {
  /** What it holds. */
  readonly fields: Map<string, string>;
  /** Every request that changed something, in order. */
  readonly log: string[] = [];
  /** Ends the process before or after a request has its effect. */
  fuse = new Fuse();
  /** Fields whose requests fail, and how. */
  readonly failing = new Map<string, OmnifsError>();
  /** Fields whose undo fails. */
  readonly stuck = new Set<string>();
  /** Fields whose requests have their effect and lose their answer. */
  readonly losing = new Set<string>();
  /** Fields of which a probe tells nothing. */
  readonly silent = new Set<string>();
  /** Fields that nothing can take back. */
  readonly final = new Set<string>();
  readonly #done = new Map<string, Receipt>();

  /** An upstream with `fields`. */
  constructor(fields: Readonly<Record<string, string>>) {
    this.fields = new Map(Object.entries(fields));
  }

  /** See {@linkcode ProviderMutations}. */
  check(): Promise<void> {
    return Promise.resolve();
  }

  /** See {@linkcode ProviderMutations}. */
  async plan(changes: readonly Mutation[]): Promise<readonly Step[]> {
    await Promise.resolve();
    const refusals: Refusal[] = [];
    const steps = changes.flatMap((change, index) => {
      const effect = effectOf(change);
      const now = this.fields.get(effect.field) ?? null;
      if (now !== effect.before) {
        const told = `${effect.field} is ${now} now, and was ${effect.before}`;
        refusals.push({ change: index, error: new OmnifsError("conflict", told) });
      }
      const payload = bytes(JSON.stringify(effect));
      const reversible = !this.final.has(effect.field);
      return [{ id: effect.field, summary: `set ${effect.field}`, payload, reversible }];
    });
    if (refusals.length > 0) throw new PlanRefused("test", refusals);
    return [...steps.filter((step) => step.reversible), ...steps.filter((step) => !step.reversible)];
  }

  /** See {@linkcode ProviderMutations}. */
  async perform(step: Step): Promise<Receipt> {
    await Promise.resolve();
    const { field, before, after } = read(step);
    this.fuse.chance();
    const failure = this.failing.get(field);
    if (failure !== undefined) throw failure;
    const receipt = { undo: bytes(JSON.stringify(before)), changed: [{ tag: "node" as const, id: field }] };
    if (!this.#done.has(step.id)) this.#set(field, after, `set ${field}`);
    this.#done.set(step.id, receipt);
    this.fuse.chance();
    if (this.losing.has(field)) throw new OmnifsError("unavailable", "the connection broke");
    return receipt;
  }

  /** See {@linkcode ProviderMutations}. */
  async undo(step: Step, undo: Uint8Array): Promise<void> {
    await Promise.resolve();
    const { field } = read(step);
    this.fuse.chance();
    if (this.stuck.has(field)) throw new OmnifsError("unauthorized", "that is not yours to take back");
    if (this.#done.delete(step.id)) this.#set(field, JSON.parse(text.decode(undo)), `undo ${field}`);
    this.fuse.chance();
  }

  /** See {@linkcode ProviderMutations}. */
  async probe(step: Step): Promise<Outcome> {
    await Promise.resolve();
    this.fuse.chance();
    if (this.silent.has(read(step).field)) return { tag: "unknown" };
    const receipt = this.#done.get(step.id);
    return receipt === undefined ? { tag: "not-performed" } : { tag: "performed", receipt };
  }

  #set(field: string, value: string | null, entry: string): void {
    if (value === null) this.fields.delete(field);
    else this.fields.set(field, value);
    this.log.push(entry);
  }
}

function effectOf(change: Mutation): Effect {
  if (change.tag === "write") {
    return { field: change.file, before: text.decode(change.base), after: text.decode(change.content) };
  }
  if (change.tag === "create") {
    return { field: change.name, before: null, after: text.decode(change.content) };
  }
  throw new OmnifsError("invalid", "nothing can be removed here");
}

function read({ payload }: Step): Effect {
  return JSON.parse(text.decode(payload));
}

/** A draft of `changes` over the fields of `upstream`, on `disk`. */
export async function stagedDraft(
  disk: Disk,
  upstream: Upstream,
  changes: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): Promise<Draft> {
  const draft = new Draft(disk, [], clock);
  await draft.record({ type: "created", name: "d" });
  for (const [field, value] of Object.entries(changes)) {
    const before = upstream.fields.get(field);
    if (before === undefined) {
      const where = { folder: { made: false, id: "root" } as const, name: field, path: `/${field}` };
      const { key } = await draft.create("test", { ...where, directory: false, scratch: false });
      await draft.put(key, 0, bytes(value));
      continue;
    }
    const live = {
      parent: "root",
      name: field,
      path: `/${field}`,
      id: field,
      version: "1",
      directory: false,
    };
    await draft.write("test", live, bytes(before));
    const key = draft.overlay.write(field)?.key ?? "";
    await draft.resize(key, 0);
    await draft.put(key, 0, bytes(value));
  }
  return draft;
}

/** The draft that is on `disk`, as the next process finds it. */
export function reopened(disk: Disk, clock: Clock = systemClock): Draft {
  return new Draft(disk, disk.records, clock);
}

/** What an apply stands on; time passes at once. */
export function partsOf(upstream: Upstream): TransactionParts & { readonly told: string[] } {
  const told: string[] = [];
  let last = 0;
  return {
    told,
    mutations: upstream,
    clock: { ...systemClock, after: (_, fire) => (queueMicrotask(fire), () => {}) },
    next: () => Promise.resolve(),
    signal: new AbortController().signal,
    unique: () => `attempt-${++last}`,
    changed: (invalidations) =>
      void told.push(...invalidations.map((each) => "id" in each ? each.id : each.tag)),
  };
}
