/**
 * What drafts do to a workspace. All changes of one project are one commit: all of it is visible as one generation, or
 * none of it is.
 *
 * @module
 */
import {
  type Change,
  type Failure,
  failureOf,
  invalid,
  type MutationsDefinition,
  type Outcome,
  type PackerCommand,
  Planner,
  ProviderError,
  type Receipt,
  type Step,
} from "../sdk/mod.ts";
import type { PackerClient } from "../sdk/packer.ts";
import type { PackerWriter } from "../sdk/packer_write.ts";
import { committed } from "./events.ts";
import { intentOf } from "./intents.ts";
import { NOTES_LIMIT, packed, sizeOf, unpacked, type Work } from "./notes.ts";
import { allOf, type NumberedIntent, ordered, type Piece, Pieces } from "./pieces.ts";

/** Most bytes of a step's summary, less than the host takes. */
const SUMMARY = 900;

/** What the steps are done with. */
export interface Tools {
  /** Reads, and says what a commit would do. */
  readonly packer: PackerClient;
  /** Commits. */
  readonly writer: PackerWriter;
}

/** The provider's mutations, done with `tools`. */
export function mutationsOf(tools: Tools): MutationsDefinition {
  return {
    check: (change) => void intentOf(change),
    plan: (changes) => plan(tools.packer, changes),
    perform: (step) => perform(tools, step),
    undo: (step) => undo(tools, step),
    probe: (step) => probe(tools, step),
  };
}

/** One step for each project. */
function plan(packer: PackerClient, changes: readonly Change[]): Step[] {
  const planner = new Planner();
  const projects = new Map<string, NumberedIntent[]>();
  for (const [number, change] of changes.entries()) {
    planner.each([[number, change]], () => {
      const intent = intentOf(change);
      projects.set(intent.project, [...projects.get(intent.project) ?? [], [number, intent]]);
    });
  }
  const notes = { left: NOTES_LIMIT };
  for (const [project, intents] of projects) planProject({ packer, project, planner, notes }, intents);
  return planner.steps;
}

/** A plan as it is made. */
interface Making {
  readonly packer: PackerClient;
  readonly project: string;
  readonly planner: Planner;
  /** Bytes that the notes of further steps may have. */
  readonly notes: { left: number };
}

function planProject(making: Making, intents: readonly NumberedIntent[]): void {
  const { packer, project, planner } = making;
  const numbers = intents.map(([number]) => number);
  planner.add(numbers, () => {
    const since = packer.moment(project);
    const pieces = piecesOf(making, intents);
    if (pieces === undefined) return undefined;
    const forward = ordered(pieces.flatMap(({ forward }) => forward));
    const lines = previewed(making, pieces, forward);
    if (lines === undefined || lines.length === 0) return undefined;
    const back = affordable(making, forward, allOf(pieces.map((each) => each.back)));
    const work: Work = { project, since, forward, back: back && ordered(back) };
    return { summary: summaryOf(project, lines), payload: packed(work), reversible: back !== undefined };
  });
}

/** The pieces of one project; undefined where a change was refused. */
function piecesOf({ packer, project, planner }: Making, intents: readonly NumberedIntent[]) {
  const makes = new Pieces(packer, project);
  const pieces: Piece[] = [];
  const assets = new Map<string, NumberedIntent[]>();
  const make = (changes: readonly number[], piece: () => Piece) => {
    try {
      pieces.push(piece());
      return true;
    } catch (error) {
      planner.refuse(changes, failureOf(error));
      return false;
    }
  };
  let good = refuseTwins(planner, intents);
  for (const numbered of intents) {
    const [number, intent] = numbered;
    if (intent.what !== "part") good = make([number], () => makes.of(number, intent)) && good;
    else {
      const key = `${intent.set}/${intent.folder}`;
      assets.set(key, [...assets.get(key) ?? [], numbered]);
    }
  }
  for (const parts of assets.values()) {
    good = make(parts.map(([number]) => number), () => makes.newAsset(parts)) && good;
  }
  return good ? pieces : undefined;
}

/** An `asset.json` is in the tree twice, and can be written in both places: false where that was done. */
function refuseTwins(planner: Planner, intents: readonly NumberedIntent[]): boolean {
  const puts = intents.flatMap(([number, intent]) =>
    intent.what === "put" ? [{ number, key: `${intent.asset}/${intent.path}` }] : []
  );
  const twins = puts.filter(({ number, key }) =>
    puts.some((other) => other.key === key && other.number < number)
  );
  const { failure } = invalid("it is written twice: once is enough, in either of its places");
  for (const { number } of twins) planner.refuse([number], failure);
  return twins.length === 0;
}

/** What a commit would do, in words; undefined where the packer refuses it, with the change that is to blame. */
function previewed(
  { packer, project, planner }: Making,
  pieces: readonly Piece[],
  forward: PackerCommand[],
): string[] | undefined {
  const refusal = refusalOf(() => packer.preview(project, forward));
  if (!("failure" in refusal)) return refusal.lines;
  let blamed = false;
  for (const { changes, forward } of pieces.length > 1 ? pieces : []) {
    const alone = refusalOf(() => packer.preview(project, [...forward]));
    if (!("failure" in alone)) continue;
    planner.refuse(changes, alone.failure);
    blamed = true;
  }
  if (!blamed) planner.refuse(pieces.flatMap(({ changes }) => changes), refusal.failure);
  return undefined;
}

function refusalOf(preview: () => string[]): { readonly lines: string[] } | { readonly failure: Failure } {
  try {
    return { lines: preview() };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** `back`, where there is room for both; what is done has to find room. */
function affordable(
  { notes }: Making,
  forward: readonly PackerCommand[],
  back: PackerCommand[] | undefined,
): PackerCommand[] | undefined {
  const both = back === undefined ? Infinity : sizeOf(forward, back);
  const kept = both <= notes.left ? back : undefined;
  const size = kept === undefined ? sizeOf(forward) : both;
  if (size > notes.left) throw new ProviderError({ tag: "too-large" });
  notes.left -= size;
  return kept;
}

function summaryOf(project: string, lines: readonly string[]): string {
  const told: string[] = [];
  let length = project.length;
  for (const line of lines) {
    length += line.length * 3 + 2;
    if (length > SUMMARY) break;
    told.push(line);
  }
  const rest = lines.length - told.length;
  const more = rest === 0 ? [] : [told.length === 0 ? `${rest} changes` : `${rest} more`];
  return `commit to ${project}: ${[...told, ...more].join(", ")}`;
}

function perform({ writer }: Tools, { id, payload }: Step): Receipt {
  const work = unpacked(payload);
  writer.commit(work.project, [...work.forward], id);
  return receiptOf(work);
}

function undo({ packer, writer }: Tools, { id, payload }: Step): void {
  const { project, since, back } = unpacked(payload);
  if (back === undefined || packer.committed(project, undoOf(id), since) === true) return;
  writer.commit(project, [...back], undoOf(id));
}

/** The packer keeps what its latest commits were called. */
function probe({ packer }: Tools, { id, payload }: Step): Outcome {
  const work = unpacked(payload);
  const { project, since } = work;
  if (packer.committed(project, undoOf(id), since) === true) return { tag: "not-performed" };
  const done = packer.committed(project, id, since);
  if (done === undefined) return { tag: "unknown" };
  return done ? { tag: "performed", val: receiptOf(work) } : { tag: "not-performed" };
}

/** What the commit that takes back the commit `id` is called. */
function undoOf(id: string): string {
  return `${id}/undo`;
}

/** What the commit changed is known; the id of an asset that it registered is the registry's, whose sets are listed anew. */
function receiptOf({ project, forward, back }: Work): Receipt {
  const files = forward.flatMap(({ tag, val }) =>
    tag === "put" || tag === "remove" ? [[val.asset, val.path] as const] : []
  );
  const assets = forward.flatMap(({ tag, val }) =>
    tag === "register" ? [] : tag === "unregister" ? [val] : [val.asset]
  );
  const changed = committed(project, [...new Set(assets)], files);
  return back === undefined ? { changed } : { changed, undo: new Uint8Array() };
}
