/**
 * The interface `events` of one mounted component: its three functions, every answer checked, and its streams.
 *
 * @module
 */
import type { Gate, StreamEnd, StreamListener } from "../egress/callout.ts";
import { checkedInvalidations, checkedPolled, checkedSources } from "./event_answers.ts";
import { projectIn, type Workspaces } from "./packer_calls.ts";
import type { Invalidation, Polled, ProviderEvents, Source, UpstreamEvent } from "./events.ts";

/** What the events of a component stand on. */
export interface GuestEventsParts {
  /** The mount name. */
  readonly mount: string;
  /** False for a component that does not export `events`: nobody tells of it. */
  readonly exported: boolean;
  /** Why the component may hold no request open, where it may not. */
  readonly refused: string | undefined;
  /** Calls `name` of the interface, and answers what `read` makes of the answer. */
  call<Value>(call: EventCall, read: (answer: unknown) => Value, signal?: AbortSignal): Promise<Value>;
  /** The way to the network. */
  readonly gate: Gate;
  /** The workspaces whose events it may follow, where the component imports `packer`. */
  readonly workspaces: Workspaces | undefined;
}

/** One call of the interface. */
export interface EventCall {
  /** As the contract calls it. */
  readonly op: "sources" | "poll" | "on-event";
  /** As the component exports it. */
  readonly name: string;
  /** What it is given. */
  readonly args: readonly unknown[];
}

/** See {@linkcode ProviderEvents}. */
export class GuestEvents implements ProviderEvents {
  readonly #parts: GuestEventsParts;

  /** The events of the component that `parts` belong to. */
  constructor(parts: GuestEventsParts) {
    this.#parts = parts;
  }

  /** See {@linkcode ProviderEvents}. */
  async sources(watch: string, signal?: AbortSignal): Promise<readonly Source[]> {
    const { mount, exported, call } = this.#parts;
    if (!exported) return [];
    const asked = { op: "sources", name: "sources", args: [watch] } as const;
    return await call(asked, (answer) => checkedSources(mount, answer), signal);
  }

  /** See {@linkcode ProviderEvents}. */
  poll(
    watch: string,
    cursor: string | undefined,
    since: number,
    signal?: AbortSignal,
  ): Promise<Polled> {
    const args = [watch, cursor, BigInt(Math.max(0, Math.floor(since)))];
    const read = (answer: unknown) => checkedPolled(this.#parts.mount, answer);
    return this.#parts.call({ op: "poll", name: "poll", args }, read, signal);
  }

  /** See {@linkcode ProviderEvents}. */
  onEvent(event: UpstreamEvent, signal?: AbortSignal): Promise<readonly Invalidation[]> {
    const read = (answer: unknown) => checkedInvalidations(this.#parts.mount, answer);
    return this.#parts.call({ op: "on-event", name: "onEvent", args: [contractEvent(event)] }, read, signal);
  }

  /** See {@linkcode ProviderEvents}. */
  subscribe(url: string, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd> {
    const { mount, gate, refused, workspaces } = this.#parts;
    const project = projectIn(url);
    if (project !== undefined && workspaces !== undefined) {
      return workspaces.follow(project, listener, signal);
    }
    if (refused === undefined) return gate.subscribe({ mount, url }, listener, signal);
    return Promise.resolve({ tag: "denied", target: url, flag: "", reason: refused });
  }
}

/** `event` of the contract. */
function contractEvent(event: UpstreamEvent): unknown {
  if (event.tag === "line") return { tag: "line", val: event.line };
  return {
    tag: "webhook",
    val: { headers: event.headers.map(([name, value]) => [name, value]), body: event.body },
  };
}
