/**
 * What the tests of the provider host share: the probe component, a gate and a clock of their own.
 *
 * @module
 */
import { Bus, type BusEvent } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { type ErrorKind, OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import type {
  Callout,
  CalloutResult,
  Gate,
  Need,
  StreamEnd,
  StreamListener,
  Subscription,
} from "../../runtime/egress/callout.ts";
import { threadsOf } from "../../fuse/mod.ts";
import {
  type LoadOptions,
  loadProvider,
  type Provider,
  type StartThread,
} from "../../runtime/provider/mod.ts";
import { builtComponent, TEST_CACHE } from "../support/build.ts";

/** How a test answers callouts. */
export type Answer = (callout: Callout, signal: AbortSignal | undefined) => Promise<CalloutResult>;

/** An answer with a body of text. */
export function ok(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): CalloutResult {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { ok: true, response: { status, headers: list, body, revalidated: false } };
}

/** A gate that asks the test, and remembers. */
export class FakeGate implements Gate {
  /** Every callout so far. */
  readonly callouts: Callout[] = [];
  /** The needs of each mount that was admitted. */
  readonly admitted = new Map<string, readonly Need[]>();
  /** How callouts are answered. */
  answer: Answer = () => Promise.resolve(ok("answer"));

  /** See {@linkcode Gate}. */
  admit(mount: string, needs: readonly Need[]): Promise<void> {
    this.admitted.set(mount, needs);
    return Promise.resolve();
  }

  /** See {@linkcode Gate}. */
  send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    this.callouts.push(callout);
    return this.answer(callout, signal);
  }

  /** Every stream that was asked for. */
  readonly streams: Subscription[] = [];
  /** How streams go; they end at once unless told. */
  stream: Gate["subscribe"] = () => Promise.resolve({ tag: "closed" });

  /** See {@linkcode Gate}. */
  subscribe(
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    this.streams.push(subscription);
    return this.stream(subscription, listener, signal);
  }
}

/** A provider under test and what it said. */
export interface Mounted extends Disposable {
  /** The provider. */
  readonly provider: Provider;
  /** Its gate. */
  readonly gate: FakeGate;
  /** Its lines in the log. */
  readonly lines: string[];
  /** Its events. */
  readonly events: BusEvent[];
}

// Opens the C library, which stays open: no test's own doing.
threadsOf(() => {}, () => false);

/** Starts a provider's thread so that its processor time is known: a busy machine must not make an honest one late. */
const measured: StartThread = (start) => {
  const { value: worker, threads: [thread] } = threadsOf(start, (name) => name.startsWith("worker-"));
  return { worker, thread };
};

/** The folder of the component that does what a test asks for. */
export const PROBE = `${import.meta.dirname}/fixtures/probe`;

/** Options of the probe, with `change` in place of the defaults. */
export async function mountProbe(change: Partial<LoadOptions> = {}, gate = new FakeGate()): Promise<Mounted> {
  const lines: string[] = [];
  const events: BusEvent[] = [];
  const bus = new Bus(systemClock);
  bus.subscribe((event) => events.push(event));
  const provider = await loadProvider({
    mount: "probe",
    source: change.source ?? { kind: "file", path: await builtComponent(PROBE) },
    settings: {},
    gate,
    log: new Log(systemClock, (line) => lines.push(line), "debug"),
    bus,
    clock: systemClock,
    cacheDir: TEST_CACHE,
    startThread: measured,
    ...change,
  });
  return { provider, gate, lines, events, [Symbol.dispose]: () => provider.close() };
}

/** A check for `assert.rejects`: the kind, and words that the message must have. */
export function fails(kind: ErrorKind, words: string | RegExp = ""): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof OmnifsError)) throw error;
    const told = typeof words === "string" ? error.message.includes(words) : words.test(error.message);
    if (error.kind === kind && told) return true;
    throw new Error(`${error.kind}: ${error.message}, where ${kind} with ${words} was expected`);
  };
}
