/**
 * What drafts do to an Engine: a container's state, and the removal of one that is stopped.
 *
 * @module
 */
import {
  type Change,
  clashOf,
  conflict,
  gathered,
  invalid,
  type MutationsDefinition,
  noted,
  notesOf,
  notFound,
  Planner,
  stagedText,
  type Step,
  textOf,
} from "../sdk/mod.ts";
import { composeShows } from "./compose.ts";
import type { Engine } from "./engine.ts";
import { isUp } from "./facts.ts";
import { partsOf } from "./ids.ts";
import { type Json, text, within } from "./json.ts";
import { containerNow, perform, probe, startedAt, stateOf, type Tools, undo, type Work } from "./steps.ts";
import type { Verb } from "./writer.ts";

/** What may be written into `state`. */
const STATES = ["running", "stopped", "paused"] as const;

type Wanted = typeof STATES[number];

/** The provider's mutations, with the tools that `tools` makes. */
export function mutationsOf(tools: () => Tools): MutationsDefinition {
  return {
    check: (change) => void subjectOf(change),
    plan: (changes) => plan(tools().engine, changes),
    perform: (step) => perform(tools(), noted<Work>(step.payload)),
    undo: (step) => undo(tools(), noted<Work>(step.payload)),
    probe: (step) => probe(tools(), noted<Work>(step.payload)),
  };
}

/** The container that a change is about, and the state that it is to have. @throws ProviderError `invalid` */
function subjectOf(change: Change): { readonly id: string; readonly wanted: Wanted | undefined } {
  if (change.tag === "create") throw invalid("nothing new can be made there");
  const [kind, id, part, ...more] = partsOf(change.tag === "write" ? change.val.file : change.val.node);
  if (kind !== "container" || id === undefined || more.length > 0) throw invalid("it cannot be changed");
  if (change.tag === "remove") {
    if (part === undefined) return { id, wanted: undefined };
    throw invalid("a container goes as a whole: remove its directory");
  }
  if (part !== "state") throw invalid(`${part} cannot be written: state can`);
  return { id, wanted: wantedIn(stagedText(change.val.content)) };
}

function wantedIn(content: string): Wanted {
  const value = content.trim();
  const known = STATES.find((state) => state === value);
  if (known !== undefined) return known;
  throw invalid(`a state is ${STATES.join(", ")}, not ${JSON.stringify(value.slice(0, 40))}`);
}

function plan(engine: Engine, changes: Change[]): Step[] {
  const planner = new Planner();
  for (const { changes: group } of gathered(changes, () => undefined)) {
    const steps: Omit<Step, "id">[] = [];
    planner.each(group, (change) => void steps.push(...stepsOf(engine, change)));
    for (const step of steps) planner.add([], () => step);
  }
  return planner.steps;
}

function stepsOf(engine: Engine, change: Change): Omit<Step, "id">[] {
  const { id, wanted } = subjectOf(change);
  const container = containerNow(engine, id);
  if (container === undefined) throw notFound();
  const now = stateOf(container);
  const name = (text(container, "Name") ?? id).replace(/^\//, "");
  if (wanted === undefined) return [removal(container, id, now, name)];
  const base = change.tag === "write" ? stagedText(change.val.base) : "";
  const clash = clashOf("state", textOf(now), base);
  if (clash !== undefined) throw conflict(clash);
  const started = startedAt(container);
  return verbsTo(wanted, now).map((verb) => ({
    summary: `${verb} ${name}`,
    payload: notesOf({ kind: "do", verb, id, started } satisfies Work),
    // One that removes itself when it ends does not come back.
    reversible: verb !== "stop" || within(container, "HostConfig", "AutoRemove") !== true,
  }));
}

/** What leads from the state `now` to `wanted`; nothing where it is there. */
function verbsTo(wanted: Wanted, now: string): Verb[] {
  if (now === "removing" || now === "dead") throw invalid(`it is ${now}, and takes no other state`);
  if (wanted === "stopped") {
    if (!isUp({ state: now })) return [];
    return now === "paused" ? ["unpause", "stop"] : ["stop"];
  }
  const up: Verb[] = isUp({ state: now }) ? [] : ["start"];
  if (wanted === "paused") return now === "paused" ? [] : [...up, "pause"];
  return now === "paused" ? ["unpause"] : up;
}

function removal(container: Json, id: string, now: string, name: string): Omit<Step, "id"> {
  if (isUp({ state: now })) throw invalid(`it is ${now}: only a stopped container can be removed`);
  const shown = composeShows(within(container, "Config", "Labels"));
  const work: Work = { kind: "remove", id, shown };
  return { summary: `remove ${name}`, payload: notesOf(work), reversible: false };
}
