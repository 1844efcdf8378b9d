/**
 * The gate in the test's own thread, so that a test can move its clock.
 *
 * @module
 */
import type { Callout, CalloutResult, Need } from "../../runtime/egress/callout.ts";
import { Credentials } from "../../runtime/egress/credentials.ts";
import { GateCore } from "../../runtime/egress/gate.ts";
import {
  type AllCounts,
  type CalloutError,
  type EgressDescription,
  Ledger,
} from "../../runtime/egress/ledger.ts";
import type { GateOptions, ObservableGate } from "../../runtime/egress/mod.ts";

/** The parts of the egress thread and of the host's end, without a thread between them. */
export class LocalGate implements ObservableGate {
  readonly #credentials = new Credentials();
  readonly #environment: GateOptions["environment"];
  readonly #core: GateCore;
  readonly #ledger: Ledger;

  /** A gate of the same options as the product's. */
  constructor({ environment, ...parts }: GateOptions) {
    this.#environment = environment;
    this.#core = new GateCore({ ...parts, credentials: this.#credentials });
    this.#ledger = new Ledger(parts);
  }

  /** See `ObservableGate`. */
  get counts(): AllCounts {
    return this.#ledger.counts;
  }

  /** See `ObservableGate`. */
  get lastErrors(): readonly CalloutError[] {
    return this.#ledger.lastErrors;
  }

  /** See `Gate`. */
  admit(mount: string, needs: readonly Need[]): Promise<void> {
    for (const { credential } of needs) {
      if (credential !== undefined) this.#credentials.store(credential, this.#environment(credential) ?? "");
    }
    this.#core.admit(mount, needs);
    this.#ledger.admitted(mount, needs, (name) => this.#credentials.has(name));
    return Promise.resolve();
  }

  /** See `Gate`. */
  async send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    const settled = await this.#core.send(callout, signal);
    this.#ledger.settled(settled);
    return settled.result;
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
