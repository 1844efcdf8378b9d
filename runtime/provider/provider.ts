/**
 * One mounted provider: its component's three operations, every answer checked.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Gate, StreamEnd, StreamListener, Subscription } from "../egress/callout.ts";
import { checkedBytes, checkedListing, checkedLookup, checkedManifest, type Manifest } from "./answers.ts";
import type { Artifact, LateArtifact } from "./artifact.ts";
import { answerCallout } from "./callouts.ts";
import { answerQuery } from "./dns_queries.ts";
import { interfaceName } from "./contract.ts";
import type { ProviderEvents } from "./events.ts";
import { type Denial, providerFailure } from "./failures.ts";
import { Guest } from "./guest.ts";
import { type EventCall, GuestEvents } from "./guest_events.ts";
import type { StartThread } from "./guest_thread.ts";
import { GuestMutations } from "./guest_mutations.ts";
import { type Limits, pacedLimits } from "./limits.ts";
import { limited } from "./log_limit.ts";
import { checkedRefusals } from "./mutation_answers.ts";
import type { ProviderMutations } from "./mutations.ts";
import type { Listing, Measure, Node, Projection } from "./node.ts";
import { answerPacker, type Workspaces } from "./packer_calls.ts";
import { checkedSettings, type Settings } from "./settings.ts";
import { downloadBody, measureBody, type Range, type UpstreamBody } from "./upstream.ts";

/** What a provider did since it was mounted. */
export interface ProviderCounts {
  /** Calls of `lookup-child`. */
  readonly lookups: number;
  /** Calls of `list-children`. */
  readonly lists: number;
  /** Calls of `read-file`. */
  readonly reads: number;
  /** Calls of `poll`. */
  readonly polls: number;
  /** Calls of `on-event`. */
  readonly events: number;
  /** Requests that were handed to the gate, those for `upstream` bodies too. */
  readonly callouts: number;
  /** Those of them that are under way now. */
  readonly underway: number;
  /** Those of them that the upstream answered with 304. */
  readonly revalidated: number;
  /** Operations that failed, other than by `not-found`. */
  readonly failures: number;
  /** Calls that wait for an instance now. */
  readonly waiting: number;
}

/** What a provider stands on. */
export interface ProviderOptions {
  /** The first path segment. */
  readonly mount: string;
  /** Its component, ready to run. */
  readonly artifact: Artifact | LateArtifact;
  /** The way to the network. */
  readonly gate: Gate;
  /** Where its notes go. */
  readonly log: Log;
  /** Where events are published. */
  readonly bus: Bus;
  /** Where deadlines come from. */
  readonly clock: Clock;
  /** How much it may take. */
  readonly limits: Limits;
  /** How its thread is started; as any other unless told. */
  readonly startThread?: StartThread | undefined;
  /** The workspaces that it may see; none unless told. */
  readonly workspaces?: Workspaces | undefined;
}

/** A provider behind its mount name. */
export class Provider implements Projection {
  /** The mount name. */
  readonly mount: string;
  /** What it is and asks for. */
  readonly manifest: Manifest;
  /** Where its changes come from. */
  readonly events: ProviderEvents;
  /** What drafts do to its upstream; every function is `unsupported` where it takes no drafts. */
  readonly mutations: ProviderMutations;
  readonly #options: ProviderOptions;
  readonly #guest: Guest;
  readonly #gate: Gate;
  readonly #counts;

  private constructor(options: ProviderOptions, guest: Guest, gate: CountingGate, manifest: Manifest) {
    this.mount = options.mount;
    this.manifest = manifest;
    this.#options = options;
    this.#guest = guest;
    this.#gate = gate;
    this.#counts = { lookups: 0, lists: 0, reads: 0, polls: 0, events: 0, failures: 0, gate: gate.counts };
    this.events = new GuestEvents({
      mount: options.mount,
      exported: options.artifact.exports.includes(interfaceName("events")),
      refused: this.#noHttp("an event stream"),
      gate,
      workspaces: this.imports.includes(interfaceName("packer")) ? options.workspaces : undefined,
      call: (call, read, signal) => this.#eventCall(call, read, signal),
    });
    this.mutations = new GuestMutations({
      mount: options.mount,
      exported: options.artifact.exports.includes(interfaceName("mutations")),
      call: (name, args, signal) =>
        this.#run(() => this.#guest.call(name, { interface: "mutations", function: name, args }, signal)),
    });
  }

  /**
   * Starts a provider: describes it, checks `settings`, makes its needs known to the gate. With `known`, what it says
   * of itself with these settings, it is not run for that.
   *
   * @throws {OmnifsError} `invalid` for settings that its schema refuses; `internal` where it breaks down
   */
  static async start(options: ProviderOptions, settings: Settings, known?: Manifest): Promise<Provider> {
    const gate = new CountingGate(options.gate);
    const guest = guestOf(options, gate);
    try {
      const first = known ?? await describe(options.mount, guest);
      guest.configure(JSON.stringify(checkedSettings(options.mount, first.settingsSchema, settings)));
      // What it needs may depend on the settings, such as the host of an upstream of one's own.
      const manifest = known ?? await describe(options.mount, guest);
      await options.gate.admit(options.mount, manifest.needs);
      guest.limit(pacedLimits(options.limits, manifest.needs));
      gate.open();
      options.bus.publish("provider.ready", { mount: options.mount, version: manifest.version });
      return new Provider(options, guest, gate, manifest);
    } catch (error) {
      guest.close();
      throw error;
    }
  }

  /** What it did so far. */
  get counts(): ProviderCounts {
    const { gate, ...counts } = this.#counts;
    return { ...counts, ...gate, waiting: this.#guest.waiting };
  }

  /** The full names of what its component imports. */
  get imports(): readonly string[] {
    return this.#options.artifact.imports;
  }

  /** What its author says to whoever reads its mount: any text at all; undefined where that is nothing. */
  get guide(): string | undefined {
    return this.#options.artifact.guide;
  }

  /** True where a draft can change its upstream. */
  get takesDrafts(): boolean {
    return this.#options.artifact.exports.includes(interfaceName("mutations"));
  }

  /** See {@linkcode Projection}. */
  async lookupChild(parent: string, name: string, signal?: AbortSignal): Promise<Node | undefined> {
    this.#counts.lookups++;
    return await this.#run(async () =>
      checkedLookup(this.mount, await this.#call("lookup-child", "lookupChild", [parent, name], signal))
    );
  }

  /** See {@linkcode Projection}. */
  async listChildren(parent: string, cursor: string | undefined, signal?: AbortSignal): Promise<Listing> {
    this.#counts.lists++;
    return await this.#run(async () =>
      checkedListing(this.mount, await this.#call("list-children", "listChildren", [parent, cursor], signal))
    );
  }

  /** See {@linkcode Projection}. */
  async readFile(file: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.#counts.reads++;
    const args = [file, BigInt(offset), BigInt(length)];
    return await this.#run(async () =>
      checkedBytes(this.mount, await this.#call("read-file", "readFile", args, signal), length)
    );
  }

  /** See {@linkcode Projection}. */
  async measure(content: UpstreamBody, signal?: AbortSignal): Promise<Measure> {
    this.#needsHttp(content);
    return await this.#run(() => measureBody(this.#gate, this.mount, content, signal));
  }

  /** See {@linkcode Projection}. */
  async download(content: UpstreamBody, range: Range | undefined, signal?: AbortSignal): Promise<Uint8Array> {
    this.#needsHttp(content);
    return await this.#run(() => downloadBody(this.#gate, this.mount, content, range, signal));
  }

  /** Keeps its thread at hand while `isAwaited` says so: an event may come that somebody waits for. */
  stayWhile(isAwaited: () => boolean): void {
    this.#guest.stayWhile(isAwaited);
  }

  /** Ends it; calls that have not ended fail as `unavailable`. */
  close(): void {
    this.#guest.close();
  }

  #call(op: string, name: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    return this.#guest.call(op, { interface: "provider", function: name, args }, signal);
  }

  async #eventCall<Value>(
    { op, name, args }: EventCall,
    read: (answer: unknown) => Value,
    signal?: AbortSignal,
  ): Promise<Value> {
    if (op === "poll") this.#counts.polls++;
    if (op === "on-event") this.#counts.events++;
    const call = { interface: "events", function: name, args };
    return await this.#run(async () => read(await this.#guest.call(op, call, signal)));
  }

  async #run<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OmnifsError) || error.kind !== "not-found") this.#counts.failures++;
      throw error;
    }
  }

  /** A component without `http` must not reach the network by naming a URL. */
  #needsHttp(content: UpstreamBody): void {
    const refused = this.#noHttp(content.url);
    if (refused !== undefined) throw new OmnifsError("denied", refused);
  }

  #noHttp(what: string): string | undefined {
    if (this.imports.includes(interfaceName("http"))) return undefined;
    return `${this.mount} does not import http, and yet names ${what}`;
  }
}

async function describe(mount: string, guest: Guest): Promise<Manifest> {
  const answer = await guest.call("describe", { interface: "manifest", function: "describe", args: [] });
  return checkedManifest(mount, answer);
}

function guestOf(options: ProviderOptions, gate: CountingGate): Guest {
  const { mount, artifact, limits, clock, bus, startThread, workspaces } = options;
  const log = options.log.scoped(mount);
  return new Guest({
    mount,
    artifact,
    limits,
    clock,
    startThread,
    settings: "{}",
    host: {
      callout: (name, args, signal, op) => {
        if (name === "dns.query") return answerQuery(gate, mount, args, signal);
        if (name.startsWith("packer")) return answerPacker(workspaces, mount, { name, args, op });
        return answerCallout(gate, mount, { name, args, op }, signal);
      },
      log: limited((level, message) => log.write(level, message)),
      dropped: (reason) => bus.publish("provider.poisoned", { mount, reason }),
      failure: (op, failure, signal) => {
        const reason = (error: unknown) => providerFailure(mount, op, error, gate.denial(signal));
        return op === "plan" ? checkedRefusals(mount, failure, reason) : reason(failure);
      },
    },
  });
}

/** The gate, counting; nothing passes before the provider's needs are known. */
class CountingGate implements Gate {
  readonly counts = { callouts: 0, underway: 0, revalidated: 0 };
  readonly #gate: Gate;
  readonly #denials = new WeakMap<AbortSignal, Denial>();
  #open = false;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  open(): void {
    this.#open = true;
  }

  /** The last refusal of a callout that was sent with `signal`. */
  denial(signal: AbortSignal): Denial | undefined {
    return this.#denials.get(signal);
  }

  admit(mount: string, needs: Manifest["needs"]): Promise<void> {
    return this.#gate.admit(mount, needs);
  }

  async send(callout: Parameters<Gate["send"]>[0], signal?: AbortSignal): ReturnType<Gate["send"]> {
    if (!this.#open) return { ok: false, failure: tooEarly(callout.url) };
    this.counts.callouts++;
    this.counts.underway++;
    const result = await this.#gate.send(callout, signal).finally(() => this.counts.underway--);
    if (result.ok && result.response.revalidated) this.counts.revalidated++;
    if (!result.ok && result.failure.tag === "denied" && signal !== undefined) {
      this.#denials.set(signal, result.failure);
    }
    return result;
  }

  subscribe(
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    if (!this.#open) return Promise.resolve(tooEarly(subscription.url));
    this.counts.callouts++;
    return this.#gate.subscribe(subscription, listener, signal);
  }
}

function tooEarly(target: string): Denial {
  const reason = "a provider may not ask for anything while it is being described";
  return { tag: "denied", target, flag: "", reason };
}
