/**
 * The host's end of the egress thread.
 *
 * The thread's `net` permission is what `--allow-net` lists. The bare flag lists nothing; there it is what the
 * admitted needs list, and an admission that adds to it replaces the thread.
 *
 * When the thread dies, every callout under way fails as `connection`, and the next one starts a new thread, to
 * which all mounts are admitted again with their credentials. Once the host has given up its own `net` permission it
 * cannot start one; a spare that was started before takes over, and after that one callouts fail until omnifs is
 * mounted anew.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type {
  Callout,
  CalloutResult,
  Gate,
  Need,
  StreamEnd,
  StreamListener,
  Subscription,
} from "./callout.ts";
import type { CredentialSource } from "./credential_sources.ts";
import type { Wanted } from "./credentials.ts";
import type { GateLimits, GateParts } from "./gate.ts";
import type { GrantFlags } from "./grant.ts";
import {
  type AllCounts,
  type CalloutError,
  type EgressDescription,
  Ledger,
  type LedgerParts,
} from "./ledger.ts";
import type { FromEgress, ToEgress } from "./protocol.ts";
import { isUnauthorized, Renewals, unlessAborted } from "./renewal.ts";
import { denoNetScopes } from "./scopes.ts";
import { Sends } from "./sends.ts";
import { Streams } from "./streams.ts";
import { post, spawn } from "./thread.ts";
import type { Settled } from "./trace.ts";
import type { Webhooks } from "./webhooks.ts";

/** What {@linkcode Egress} is made of. */
export interface EgressParts extends LedgerParts {
  /** Finds credentials; asked at each admission, and again when one is refused. */
  readonly credentials: CredentialSource;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<GateLimits> | undefined;
  /** The system's DNS servers; none unless told. */
  readonly nameservers?: GateParts["nameservers"];
  /** Takes what is delivered to the webhook receiver; without it nothing is listened to. */
  readonly webhooks?: Webhooks | undefined;
  /** Started in place of the egress thread's own module, for tests of its death. */
  readonly module?: URL;
}

/** Somebody who waits for the thread to take a mount's needs. */
interface Admitting {
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: OmnifsError) => void;
}

/** The gate in a thread of its own. */
export class Egress implements Gate {
  readonly #parts: EgressParts;
  readonly #ledger: Ledger;
  readonly #sends: Sends;
  readonly #admits = new Map<number, Admitting>();
  readonly #renewals: Renewals;
  readonly #streams: Streams;
  readonly #mounts = new Map<string, readonly Need[]>();
  #admission: Promise<unknown> = Promise.resolve();
  #readmission: Promise<unknown> = Promise.resolve();
  #expected: readonly Need[] = [];
  #scopes: readonly string[] = [];
  #worker: Worker | undefined;
  #spare: Worker | undefined;
  #closed = false;
  /** True once a thread was handed a callout: the one after it cannot know when it asked for the last time. */
  #asked = false;
  #farewell: (() => void) | undefined;
  #lastId = 0;

  /** Starts the thread, unless it could reach nothing yet; throws where Deno refuses its permissions. */
  constructor(parts: EgressParts) {
    this.#parts = parts;
    this.#ledger = new Ledger(parts);
    this.#sends = new Sends(parts.clock);
    this.#streams = new Streams((settled) => this.#ledger.settled(settled));
    this.#renewals = new Renewals(parts.clock, (mount) => this.#reask(mount));
    if (this.#wanted().length > 0) this.#worker = this.#start();
  }

  /** See `ObservableGate`. */
  expect(needs: readonly Need[]): void {
    this.#expected = needs;
  }

  /** The totals until now. */
  get counts(): AllCounts {
    return this.#ledger.counts;
  }

  /** The latest failures, oldest first. */
  get lastErrors(): readonly CalloutError[] {
    return this.#ledger.lastErrors;
  }

  /** For `omnifs status`. */
  describe(): EgressDescription {
    return this.#ledger.describe();
  }

  /**
   * Starts a second thread, which waits without a secret and takes over where the first one dies: for a host that is
   * about to give up its own `net` permission and can start none afterwards.
   */
  keepSpare(): void {
    if (this.#closed || this.#spare !== undefined) return;
    this.#worker ??= this.#start();
    const spare = spawn(this.#module, this.#scopes);
    const gone = () => {
      if (this.#spare === spare) this.#spare = undefined;
    };
    spare.onmessage = ({ data }: MessageEvent<FromEgress>) => data.type === "died" && gone();
    spare.onerror = (event) => {
      event.preventDefault();
      gone();
    };
    this.#spare = spare;
  }

  /** Makes a provider known, with the credentials that its needs name. Rejects with `invalid` for a credential that cannot stand in a header. */
  admit(mount: string, needs: readonly Need[]): Promise<void> {
    // One after the other, since each may replace the thread.
    const admission = this.#admission.then(() => this.#admitNow(mount, needs));
    this.#admission = admission.catch(() => {});
    return admission;
  }

  /** Sends one callout, if it may be sent. Never rejects; an aborted `signal` ends it as `timeout`. */
  async send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    if (this.#worker === undefined) await this.#startedAgain(signal);
    const before = this.#renewals.number(callout.mount);
    const settled = await this.#settle(callout, signal);
    this.#ledger.settled(settled);
    if (!isUnauthorized(settled)) return settled.result;
    if (!await unlessAborted(this.#renewals.renewed(callout.mount, before), signal)) return settled.result;
    // The upstream did nothing for a request that it did not let in, so it may be made once more.
    const again = await this.#settle(callout, signal);
    this.#ledger.settled(again);
    return again.result;
  }

  /** See {@linkcode Gate.subscribe}. */
  async subscribe(
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    if (this.#worker === undefined) await this.#startedAgain(signal);
    const { mount } = subscription;
    const before = this.#renewals.number(mount);
    const end = await this.#hold(subscription, listener, signal);
    if (end.tag !== "refused" || end.status !== 401) return end;
    if (!await unlessAborted(this.#renewals.renewed(mount, before), signal)) return end;
    return await this.#hold(subscription, listener, signal);
  }

  /**
   * Asks the sources of every mount anew, so that a new login takes effect without a remount. Answers the mounts whose
   * credentials changed. Rejects with `invalid` for a credential that cannot stand in a header.
   */
  async reload(): Promise<string[]> {
    const changed: string[] = [];
    for (const mount of this.#mounts.keys()) if (await this.#reask(mount)) changed.push(mount);
    return changed;
  }

  /** Ends every callout under way as `connection`, and the thread. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#spare?.terminate();
    const worker = this.#worker;
    if (worker !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#farewell = resolve;
      post(worker, { type: "close" });
      await promise;
    }
    this.#lose("omnifs is stopping");
  }

  async #admitNow(mount: string, needs: readonly Need[]): Promise<void> {
    const before = this.#mounts.get(mount);
    this.#mounts.set(mount, needs);
    try {
      if (this.#wanted().some((scope) => !this.#scopes.includes(scope))) {
        this.#lose("the egress thread was replaced");
      }
      await this.#admit(this.#running(), mount, needs);
    } catch (error) {
      if (before === undefined) this.#mounts.delete(mount);
      else this.#mounts.set(mount, before);
      throw error;
    }
  }

  /** Asks the sources of `mount`; true where a credential of it changed. */
  async #reask(mount: string): Promise<boolean> {
    const needs = this.#mounts.get(mount);
    if (this.#closed || needs === undefined) return false;
    return await this.#admit(this.#running(), mount, needs);
  }

  /** The `net` permission that the admitted mounts call for, and those that are about to be. */
  #wanted(): string[] {
    const { grants, nameservers, webhooks } = this.#parts;
    const needs = [...this.#mounts.values(), this.#expected].flat();
    return [...denoNetScopes(grants, needs, nameservers), ...webhooks?.scopes ?? []];
  }

  async #hold(
    subscription: Subscription,
    listener: StreamListener,
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    try {
      return await this.#streams.hold(++this.#lastId, subscription, listener, signal, this.#speaker());
    } catch (error) {
      return { tag: "connection", reason: messageOf(error) };
    }
  }

  #settle(callout: Callout, signal: AbortSignal | undefined): Promise<Settled> {
    return this.#sends.settle(++this.#lastId, callout, signal, () => this.#speaker());
  }

  /** Speaks to the thread, of which something is about to be asked. */
  #speaker(): (message: ToEgress) => void {
    const worker = this.#running();
    this.#asked = true;
    return (message) => post(worker, message);
  }

  /** The thread; a new one where the last one died. */
  #running(): Worker {
    if (this.#closed) throw new Error("omnifs is stopping");
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#worker = this.#restart();
    this.#readmission = Promise.all([...this.#mounts].map(async ([mount, needs]) => {
      try {
        await this.#admit(worker, mount, needs);
      } catch (error) {
        this.#parts.log?.error("a mount was not admitted again", { mount, reason: messageOf(error) });
      }
    }));
    return worker;
  }

  /** Starts the thread again, and resolves once it knows every mount; a thread that cannot start is told by the callout. */
  async #startedAgain(signal: AbortSignal | undefined): Promise<void> {
    try {
      this.#running();
    } catch {
      return;
    }
    await unlessAborted(this.#readmission, signal);
  }

  #restart(): Worker {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) {
      this.#parts.log?.warn(
        "the spare egress thread takes over; there is no other until omnifs is mounted anew",
      );
      return this.#begin(spare);
    }
    try {
      return this.#start();
    } catch (error) {
      this.#parts.log?.error("the egress thread cannot be started again", { reason: messageOf(error) });
      throw new Error("the egress thread is gone: unmount and mount again", { cause: error });
    }
  }

  get #module(): URL {
    return this.#parts.module ?? new URL("./worker.ts", import.meta.url);
  }

  #start(): Worker {
    this.#scopes = this.#wanted();
    return this.#begin(spawn(this.#module, this.#scopes));
  }

  #begin(worker: Worker): Worker {
    const { grants, limits = {}, nameservers = [] } = this.#parts;
    const died = (reason: string) => worker === this.#worker && this.#died(reason);
    worker.onmessage = ({ data }: MessageEvent<FromEgress>) =>
      data.type === "died" ? died(data.reason) : this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      died(event.message);
    };
    const flags: GrantFlags = { allow: grants.allow, deny: grants.deny, apply: grants.apply };
    post(worker, { type: "start", grants: flags, limits, nameservers, quiet: this.#asked });
    this.#parts.webhooks?.attach((message) => post(worker, message));
    return worker;
  }

  #died(reason: string): void {
    // The message is the thread's own, without the secrets that it knew; the log gets its first words.
    this.#parts.log?.error("the egress thread died", {
      reason: reason.slice(0, 200),
      callouts: this.#sends.size,
    });
    this.#lose("the egress thread died");
    if (this.#parts.webhooks !== undefined) this.#listenAgain();
  }

  /** Others wait for no callout: who delivers wants to be listened to at once. */
  #listenAgain(): void {
    try {
      this.#running();
    } catch {
      // The log has been told; the next callout tells its caller.
    }
  }

  #lose(reason: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#parts.webhooks?.lost();
    const admits = [...this.#admits.values()];
    this.#admits.clear();
    this.#sends.lose(reason);
    this.#streams.cut(reason);
    for (const { reject } of admits) reject(new OmnifsError("unavailable", `admission: ${reason}`));
    this.#farewell?.();
  }

  /** Hands the secrets that `needs` name to the thread; true where one differs from the one before. */
  async #admit(worker: Worker, mount: string, needs: readonly Need[]): Promise<boolean> {
    const find = async (wanted: Wanted) => ({ wanted, finding: await this.#parts.credentials.find(wanted) });
    const sought = await Promise.all(wantedBy(mount, needs).map(find));
    if (worker !== this.#worker) {
      throw new OmnifsError("unavailable", "admission: the egress thread was replaced");
    }
    const secrets = sought.map(({ wanted: { name, target }, finding }) => {
      return { name, target, secret: "secret" in finding ? finding.secret : "" };
    });
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#admits.set(id, { resolve, reject });
    post(worker, { type: "admit", id, mount, needs, secrets });
    const changed = await promise;
    if (changed) {
      this.#renewals.changed(mount);
      // Opened with a credential that counts no more.
      this.#streams.cut("the credential changed", mount);
    }
    this.#ledger.admitted(mount, needs, sought, changed);
    return changed;
  }

  #receive(message: Exclude<FromEgress, { type: "died" }>): void {
    switch (message.type) {
      case "settled":
        return this.#sends.settled(message.id, message.settled);
      case "admitted": {
        const { error } = message;
        const mend = error?.mend === undefined ? {} : { mend: error.mend };
        const admitting = this.#admits.get(message.id);
        this.#admits.delete(message.id);
        if (error === undefined) return admitting?.resolve(message.changed);
        return admitting?.reject(new OmnifsError("invalid", error.message, mend));
      }
      case "closed":
        return this.#farewell?.();
      case "opening":
      case "opened":
      case "line":
      case "ended":
        return this.#streams.receive(message);
      default:
        return this.#parts.webhooks?.receive(message);
    }
  }
}

/** The credentials that `needs` name, each target once. */
function wantedBy(mount: string, needs: readonly Need[]): Wanted[] {
  const all = needs.flatMap(({ credential: name, target }) =>
    name === undefined ? [] : [{ mount, name, target }]
  );
  return [...new Map(all.map((wanted) => [`${wanted.name} ${wanted.target}`, wanted])).values()];
}
