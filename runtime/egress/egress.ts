/**
 * The host's end of the egress thread.
 *
 * The thread's `net` permission is what `--allow-net` lists. The bare flag lists nothing; there it is what the
 * admitted needs list, and an admission that adds to it replaces the thread.
 *
 * When the thread dies, every callout under way fails as `connection`, and the next one starts a new thread, to
 * which all mounts are admitted again with their credentials. Once the host has given up its own `net`
 * permission it cannot start one; callouts then fail until omnifs is mounted anew.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Callout, CalloutFailure, CalloutResult, Gate, Need } from "./callout.ts";
import type { GateLimits, Settled } from "./gate.ts";
import type { GrantFlags } from "./grant.ts";
import {
  type AllCounts,
  type CalloutError,
  type EgressDescription,
  Ledger,
  type LedgerParts,
} from "./ledger.ts";
import type { FromEgress, ToEgress } from "./protocol.ts";
import { denoNetScopes, workerPermissions } from "./scopes.ts";
import { shownUrl } from "./shown.ts";

/** What {@linkcode Egress} is made of. */
export interface EgressParts extends LedgerParts {
  /** Finds a credential by its name. */
  readonly environment: (name: string) => string | undefined;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<GateLimits> | undefined;
  /** Started in place of the egress thread's own module, for tests of its death. */
  readonly module?: URL;
}

/** Somebody who waits for the thread's answer. */
interface Waiting {
  readonly resolve: (settled: Settled) => void;
  readonly callout: Callout;
  readonly began: number;
}

/** The gate in a thread of its own. */
export class Egress implements Gate {
  readonly #parts: EgressParts;
  readonly #ledger: Ledger;
  readonly #sends = new Map<number, Waiting>();
  readonly #admits = new Map<number, (error: OmnifsError | undefined) => void>();
  readonly #mounts = new Map<string, readonly Need[]>();
  #admission: Promise<unknown> = Promise.resolve();
  #scopes: readonly string[] = [];
  #worker: Worker | undefined;
  #closed = false;
  /** True once a thread was handed a callout: the one after it cannot know when it asked for the last time. */
  #asked = false;
  #farewell: (() => void) | undefined;
  #lastId = 0;

  /** Starts the thread; throws where Deno refuses its permissions. */
  constructor(parts: EgressParts) {
    this.#parts = parts;
    this.#ledger = new Ledger(parts);
    this.#worker = this.#start();
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

  /** Makes a provider known, with the credentials that its needs name. Rejects with `invalid` for a credential that cannot stand in a header. */
  admit(mount: string, needs: readonly Need[]): Promise<void> {
    // One after the other, since each may replace the thread.
    const admission = this.#admission.then(() => this.#admitNow(mount, needs));
    this.#admission = admission.catch(() => {});
    return admission;
  }

  /** Sends one callout, if it may be sent. Never rejects; an aborted `signal` ends it as `timeout`. */
  async send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    const settled = await this.#settle(callout, signal);
    this.#ledger.settled(settled);
    return settled.result;
  }

  /** Ends every callout under way as `connection`, and the thread. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
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
      const found = await this.#admit(this.#running(), mount, needs);
      this.#ledger.admitted(mount, needs, (name) => found.has(name));
    } catch (error) {
      if (before === undefined) this.#mounts.delete(mount);
      else this.#mounts.set(mount, before);
      throw error;
    }
  }

  /** The `net` permission that the admitted mounts call for. */
  #wanted(): string[] {
    return denoNetScopes(this.#parts.grants, [...this.#mounts.values()].flat());
  }

  #settle(callout: Callout, signal: AbortSignal | undefined): Promise<Settled> {
    const { promise, resolve } = Promise.withResolvers<Settled>();
    const waiting: Waiting = { resolve, callout, began: this.#parts.clock.monotonic() };
    if (signal?.aborted) return Promise.resolve(this.#failed(waiting, { tag: "timeout" }));
    const id = ++this.#lastId;
    try {
      const worker = this.#running();
      this.#sends.set(id, waiting);
      this.#asked = true;
      post(worker, { type: "send", id, callout });
    } catch (error) {
      this.#sends.delete(id);
      return Promise.resolve(this.#failed(waiting, { tag: "connection", reason: messageOf(error) }));
    }
    return signal === undefined ? promise : this.#untilAborted(id, promise, signal);
  }

  async #untilAborted(id: number, settled: Promise<Settled>, signal: AbortSignal): Promise<Settled> {
    const stop = () => this.#abort(id);
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await settled;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Answers who waits at once; the thread's own answer comes to nobody. */
  #abort(id: number): void {
    const waiting = this.#sends.get(id);
    if (waiting === undefined) return;
    this.#sends.delete(id);
    if (this.#worker !== undefined) post(this.#worker, { type: "abort", id });
    waiting.resolve(this.#failed(waiting, { tag: "timeout" }));
  }

  #failed({ callout, began }: Waiting, failure: CalloutFailure): Settled {
    const milliseconds = this.#parts.clock.monotonic() - began;
    const { mount, method } = callout;
    const trace = { mount, method, url: shownUrl(callout.url), milliseconds, requests: 0, bytes: 0 };
    return { result: { ok: false, failure }, trace };
  }

  /** The thread; a new one where the last one died. */
  #running(): Worker {
    if (this.#closed) throw new Error("omnifs is stopping");
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#restart();
    this.#worker = worker;
    for (const [mount, needs] of this.#mounts) {
      this.#admit(worker, mount, needs).catch((error) =>
        this.#parts.log?.error("a mount was not admitted again", { mount, reason: messageOf(error) })
      );
    }
    return worker;
  }

  #restart(): Worker {
    try {
      return this.#start();
    } catch (error) {
      this.#parts.log?.error("the egress thread cannot be started again", { reason: messageOf(error) });
      throw new Error("the egress thread is gone: unmount and mount again", { cause: error });
    }
  }

  #start(): Worker {
    const { grants, limits = {}, module = new URL("./worker.ts", import.meta.url) } = this.#parts;
    this.#scopes = this.#wanted();
    const worker = spawn(module, this.#scopes);
    worker.onmessage = ({ data }: MessageEvent<FromEgress>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#died(event.message);
    };
    const flags: GrantFlags = { allow: grants.allow, deny: grants.deny };
    post(worker, { type: "start", grants: flags, limits, quiet: this.#asked });
    return worker;
  }

  #died(reason: string): void {
    // The message is the thread's own, and may hold anything; the log gets its first words.
    this.#parts.log?.error("the egress thread died", {
      reason: reason.slice(0, 200),
      callouts: this.#sends.size,
    });
    this.#lose("the egress thread died");
  }

  #lose(reason: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const [sends, admits] = [[...this.#sends.values()], [...this.#admits.values()]];
    this.#sends.clear();
    this.#admits.clear();
    for (const waiting of sends) waiting.resolve(this.#failed(waiting, { tag: "connection", reason }));
    for (const done of admits) done(new OmnifsError("unavailable", `admission: ${reason}`));
    this.#farewell?.();
  }

  /** Hands the secrets that `needs` name to the thread, and answers their names. */
  async #admit(worker: Worker, mount: string, needs: readonly Need[]): Promise<ReadonlySet<string>> {
    const names = new Set(needs.flatMap(({ credential }) => credential ?? []));
    const secrets = [...names].map((name) => [name, this.#parts.environment(name) ?? ""] as const);
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<OmnifsError | undefined>();
    this.#admits.set(id, resolve);
    post(worker, { type: "admit", id, mount, needs, secrets });
    const found = new Set(secrets.filter(([, secret]) => secret.trim() !== "").map(([name]) => name));
    const error = await promise;
    if (error !== undefined) throw error;
    return found;
  }

  #receive(message: FromEgress): void {
    switch (message.type) {
      case "settled":
        this.#sends.get(message.id)?.resolve(message.settled);
        return void this.#sends.delete(message.id);
      case "admitted": {
        const error = message.error;
        const mend = error?.mend === undefined ? {} : { mend: error.mend };
        this.#admits.get(message.id)?.(error && new OmnifsError("invalid", error.message, mend));
        return void this.#admits.delete(message.id);
      }
      case "closed":
        return this.#farewell?.();
    }
  }
}

function spawn(module: URL, scopes: readonly string[]): Worker {
  const permissions = workerPermissions(scopes);
  const options = { type: "module", name: "omnifs egress" } as const;
  try {
    return new Worker(module, { ...options, deno: { permissions } });
  } catch (error) {
    // Deno 2.7 knows no `unix:` among the scopes of `net`; there a socket is held by its file's permissions alone.
    if (!(error instanceof URIError)) throw error;
    const net = scopes.filter((scope) => !scope.startsWith("unix:"));
    return new Worker(module, { ...options, deno: { permissions: { ...permissions, net } } });
  }
}

function post(worker: Worker, message: ToEgress): void {
  worker.postMessage(message);
}
