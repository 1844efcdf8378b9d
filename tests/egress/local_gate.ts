/**
 * The gate in the test's own thread, so that a test can move its clock.
 *
 * @module
 */
import type {
  Callout,
  CalloutResult,
  Need,
  StreamEnd,
  StreamListener,
  Subscription,
} from "../../runtime/egress/callout.ts";
import type { CredentialSource } from "../../runtime/egress/credential_sources.ts";
import { Credentials } from "../../runtime/egress/credentials.ts";
import { GateCore, type GateParts } from "../../runtime/egress/gate.ts";
import {
  type AllCounts,
  type CalloutError,
  type EgressDescription,
  Ledger,
} from "../../runtime/egress/ledger.ts";
import type { GateOptions, ObservableGate } from "../../runtime/egress/mod.ts";
import type { Settled } from "../../runtime/egress/trace.ts";

/** The options of the product, and what only a test puts in the place of the system. */
export type LocalOptions = GateOptions & Pick<GateParts, "lookup" | "roots">;

/** The parts of the egress thread and of the host's end, without a thread between them. */
export class LocalGate implements ObservableGate {
  readonly #credentials = new Credentials();
  readonly #source: CredentialSource;
  readonly #mounts = new Map<string, readonly Need[]>();
  readonly #core: GateCore;
  readonly #ledger: Ledger;

  /** A gate of the same options as the product's. */
  constructor({ credentials: source, ...parts }: LocalOptions) {
    this.#source = source;
    this.#core = new GateCore({ ...parts, credentials: this.#credentials });
    this.#ledger = new Ledger(parts);
  }

  /** See `ObservableGate`: here is no thread. */
  expect(): void {}

  /** See `ObservableGate`. */
  get counts(): AllCounts {
    return this.#ledger.counts;
  }

  /** See `ObservableGate`. */
  get lastErrors(): readonly CalloutError[] {
    return this.#ledger.lastErrors;
  }

  /** See `Gate`. */
  async admit(mount: string, needs: readonly Need[]): Promise<void> {
    await this.#admit(mount, needs);
  }

  /** See `ObservableGate`. */
  async reload(): Promise<string[]> {
    const changed: string[] = [];
    for (const [mount, needs] of this.#mounts) if (await this.#admit(mount, needs)) changed.push(mount);
    return changed;
  }

  async #admit(mount: string, needs: readonly Need[]): Promise<boolean> {
    this.#mounts.set(mount, needs);
    let changed = false;
    const sought = await Promise.all(needs.flatMap(({ credential: name, target }) => {
      if (name === undefined) return [];
      const wanted = { mount, name, target };
      return [this.#source.find(wanted).then((finding) => ({ wanted, finding }))];
    }));
    for (const { wanted, finding } of sought) {
      if (this.#credentials.store(wanted, "secret" in finding ? finding.secret : "")) changed = true;
    }
    this.#core.admit(mount, needs);
    this.#ledger.admitted(mount, needs, sought, changed);
    return changed;
  }

  /** See `Gate`. */
  async send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    const settled = await this.#core.send(callout, signal);
    this.#ledger.settled(settled);
    return settled.result;
  }

  /** See `Gate`. */
  subscribe(
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    const settled = (each: Settled) => this.#ledger.settled(each);
    const { opened, line } = listener;
    return this.#core.subscribe(subscription, { opened, line, settled }, signal);
  }

  /** See `ObservableGate`. */
  describe(): EgressDescription {
    return this.#ledger.describe();
  }

  /** See `ObservableGate`. */
  close(): Promise<void> {
    this.#core.close();
    return Promise.resolve();
  }
}
