/**
 * What `omnifs inspect` shows, and how documents and keys change it: plain functions from a state to the next.
 *
 * @module
 */
import type { BusEvent } from "../../base/bus.ts";
import type {
  CalloutDocument,
  InspectDocument,
  OperationDocument,
  SpreadDocument,
} from "../../control/inspect_documents.ts";

/** How many of the latest things are kept for a screen, whatever its height. */
const KEPT = 200;

/** How many seconds of figures are kept. */
const SECONDS_KEPT = 120;

/** Longest filter in characters. */
const FILTER_MAX = 100;

/** Rates of one second. */
export interface Moment {
  /** Requests of the kernel, each second. */
  readonly kernel: number;
  /** Operations that a reader waited for, each second. */
  readonly operations: number;
  /** Requests to upstreams, each second. */
  readonly callouts: number;
  /** What the cache answered, from 0 to 1; null where it was asked nothing. */
  readonly hits: number | null;
}

/** All that is shown. */
export interface ViewState {
  /** The latest figures; none before the first. */
  readonly document: InspectDocument | undefined;
  /** Oldest first. */
  readonly moments: readonly Moment[];
  /** Oldest first. */
  readonly operations: readonly OperationDocument[];
  /** Oldest first. */
  readonly callouts: readonly CalloutDocument[];
  /** Oldest first. */
  readonly events: readonly BusEvent[];
  /** Of the latest second in which there was one. */
  readonly waited: SpreadDocument;
  /** Of the latest second in which there was one. */
  readonly called: SpreadDocument;
  /** What is shown has to hold this; everything where it is empty. */
  readonly filter: string;
  /** True while the filter is typed. */
  readonly typing: boolean;
  /** True while what is shown stands still. */
  readonly paused: boolean;
}

const NO_SPREAD: SpreadDocument = { p50: null, p99: null, max: null };

/** Before anything is known. */
export const NOTHING: ViewState = {
  document: undefined,
  moments: [],
  operations: [],
  callouts: [],
  events: [],
  waited: NO_SPREAD,
  called: NO_SPREAD,
  filter: "",
  typing: false,
  paused: false,
};

/** `state` after `document`; the same where it is paused. */
export function take(state: ViewState, document: InspectDocument): ViewState {
  if (state.paused) return state;
  const moment = momentOf(document);
  return {
    ...state,
    document,
    moments: moment === undefined ? state.moments : [...state.moments, moment].slice(-SECONDS_KEPT),
    waited: document.operations.count > 0 ? document.operations.latency : state.waited,
    called: document.callouts.count > 0 ? document.callouts.latency : state.called,
    operations: [...state.operations, ...document.operations.latest].slice(-KEPT),
    callouts: [...state.callouts, ...document.callouts.latest].slice(-KEPT),
    events: [...state.events, ...document.events].slice(-KEPT),
  };
}

/** What `count` in `seconds` is each second; 0 where no time has passed. */
export function rate(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}

function momentOf({ seconds, kernel, operations, callouts, answers }: InspectDocument): Moment | undefined {
  if (seconds === 0) return undefined;
  const asked = answers.hits + answers.misses;
  return {
    kernel: rate(kernel.messages, seconds),
    operations: rate(operations.count, seconds),
    callouts: rate(callouts.count, seconds),
    hits: asked === 0 ? null : answers.hits / asked,
  };
}

/** Keys that are more than a character. */
const KEYS = { interrupt: "\x03", enter: "\r", line: "\n", escape: "\x1b", kill: "\x15" } as const;

const BACKSPACES: readonly string[] = ["\x7f", "\b"];

/** `state` after `key`: a character, or a sequence that begins with escape. */
export function press(state: ViewState, key: string): ViewState | "quit" {
  if (key === KEYS.interrupt) return "quit";
  return state.typing ? type(state, key) : command(state, key);
}

function command(state: ViewState, key: string): ViewState | "quit" {
  if (key === "q" || key === "Q") return "quit";
  if (key === " ") return { ...state, paused: !state.paused };
  if (key === "/") return { ...state, typing: true };
  if (key === KEYS.escape) return { ...state, filter: "" };
  return state;
}

function type(state: ViewState, key: string): ViewState {
  const { filter } = state;
  if (key === KEYS.enter || key === KEYS.line) return { ...state, typing: false };
  if (key === KEYS.escape) return { ...state, typing: false, filter: "" };
  if (key === KEYS.kill) return { ...state, filter: "" };
  if (BACKSPACES.includes(key)) return { ...state, filter: [...filter].slice(0, -1).join("") };
  if (key < " " || key.startsWith(KEYS.escape) || filter.length >= FILTER_MAX) return state;
  return { ...state, filter: filter + key };
}

/** True where one of `texts` holds the filter, whatever the case. */
export function passes({ filter }: ViewState, ...texts: readonly string[]): boolean {
  const wanted = filter.toLowerCase();
  return wanted === "" || texts.some((text) => text.toLowerCase().includes(wanted));
}
