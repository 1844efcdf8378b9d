/**
 * What the gate did, on the host's side: counts, the latest failures and refusals, events and log lines.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { CalloutFailure, CalloutResult, Need } from "./callout.ts";
import type { CredentialUse, Settled, Trace } from "./gate.ts";
import { flagForNeed, type Grants } from "./grant.ts";

/** Running totals, since the gate was made. */
export interface EgressCounts {
  /** Callouts that were asked for, whatever became of them. */
  callouts: number;
  /** Requests that went out; each redirect followed is one more. */
  requests: number;
  /** Bytes of bodies that were read. */
  bytes: number;
  /** Answers of 304 that were answered with the body kept from before. */
  revalidated: number;
  /** Callouts that were refused. */
  denied: number;
  /** Callouts that were answered `rate-limited` without a request. */
  rateLimitedWaits: number;
}

/** Totals of everything, and of each mount. */
export interface AllCounts extends EgressCounts {
  /** By mount name. */
  readonly byMount: Readonly<Record<string, EgressCounts>>;
}

/** A callout that failed. */
export interface CalloutError {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Who asked. */
  readonly mount: string;
  /** For what, without secrets. */
  readonly url: string;
  /** The failure. */
  readonly failure: CalloutFailure;
}

/** What `omnifs status` shows of the gate. */
export interface EgressDescription {
  /** The flags as they were given, in normal form. */
  readonly grants: { readonly allow: readonly string[] | "all"; readonly deny: readonly string[] | "all" };
  /** Each need of each admitted mount. */
  readonly needs: readonly NeedStatus[];
  /** Each credential that a need names. */
  readonly credentials: readonly CredentialStatus[];
  /** The latest refusals, oldest first, each target of a mount once. */
  readonly denials: readonly CalloutError[];
}

/** A need, and whether it is granted. */
export interface NeedStatus extends Need {
  /** Whose. */
  readonly mount: string;
  /** True where its usual requests pass. */
  readonly granted: boolean;
  /** The flag that grants it. */
  readonly flag: string;
}

/** A credential, and whether it is there and works. */
export interface CredentialStatus {
  /** Its name, such as `GITHUB_TOKEN`. */
  readonly name: string;
  /** True where a value was found. */
  readonly present: boolean;
  /** How many answers in a row refused it (401). */
  readonly refusals: number;
  /** What is wrong, for people: `GITHUB_TOKEN: refused by api.github.com`; undefined where nothing is. */
  readonly problem: string | undefined;
}

/** How many failures, and how many refusals, are kept. */
const KEPT_ERRORS = 50;

/** What the ledger tells others with. */
export interface LedgerParts {
  /** The grants, for {@linkcode Ledger.describe}. */
  readonly grants: Grants;
  /** The time. */
  readonly clock: Clock;
  /** Gets `callout.done` and `callout.denied`. */
  readonly bus?: Bus | undefined;
  /** Gets refusals and refused credentials. */
  readonly log?: Log | undefined;
}

/** Counts callouts and remembers their failures. */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #total = none();
  readonly #mounts = new Map<string, EgressCounts>();
  readonly #needs = new Map<string, readonly Need[]>();
  readonly #errors: CalloutError[] = [];
  readonly #denials = new Map<string, CalloutError>();
  readonly #present = new Map<string, boolean>();
  readonly #refusals = new Map<string, { readonly target: string; readonly times: number }>();

  /** An empty ledger. */
  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Notes a mount's needs, and which of their credentials were found. */
  admitted(mount: string, needs: readonly Need[], found: (credential: string) => boolean): void {
    this.#needs.set(mount, needs);
    for (const { credential, target } of needs) {
      if (credential === undefined) continue;
      this.#present.set(credential, found(credential));
      this.#refusals.delete(credential);
      if (found(credential)) this.#parts.log?.info("a credential may be sent", { mount, credential, target });
    }
  }

  /** Notes one callout's end. */
  settled({ result, trace }: Settled): void {
    for (const counts of [this.#total, this.#countsOf(trace.mount)]) add(counts, result, trace);
    if (trace.credential !== undefined) this.#credentialUsed(trace.credential);
    this.#publish(result, trace);
    if (!result.ok) this.#failed(trace, result.failure);
  }

  /** The totals until now. */
  get counts(): AllCounts {
    const byMount = Object.fromEntries([...this.#mounts].map(([mount, counts]) => [mount, { ...counts }]));
    return { ...this.#total, byMount };
  }

  /** The latest fifty failures, oldest first. */
  get lastErrors(): readonly CalloutError[] {
    return [...this.#errors];
  }

  /** For `omnifs status`. */
  describe(): EgressDescription {
    const { grants } = this.#parts;
    const needs = [...this.#needs].flatMap(([mount, list]) =>
      list.map((need) => ({ ...need, mount, granted: grants.covers(need), flag: flagForNeed(need) }))
    );
    return {
      grants: { allow: grants.allow, deny: grants.deny },
      needs,
      credentials: [...this.#present].map(([name, present]) => this.#credential(name, present)),
      denials: [...this.#denials.values()],
    };
  }

  #credential(name: string, present: boolean): CredentialStatus {
    const refused = this.#refusals.get(name);
    const problem = refused === undefined ? undefined : `${name}: refused by ${refused.target}`;
    return { name, present, refusals: refused?.times ?? 0, problem: present ? problem : `${name}: not set` };
  }

  #countsOf(mount: string): EgressCounts {
    const known = this.#mounts.get(mount);
    if (known !== undefined) return known;
    const fresh = none();
    this.#mounts.set(mount, fresh);
    return fresh;
  }

  #credentialUsed({ name, target, refused }: CredentialUse): void {
    if (!refused) return void this.#refusals.delete(name);
    const times = (this.#refusals.get(name)?.times ?? 0) + 1;
    this.#refusals.set(name, { target, times });
    if (times === 1) this.#parts.log?.warn("a credential was refused", { credential: name, target });
  }

  #publish(result: CalloutResult, { mount, method, url, milliseconds }: Trace): void {
    const outcome = result.ok ? result.response.status : result.failure.tag;
    this.#parts.bus?.publish("callout.done", { mount, method, url, outcome, milliseconds });
  }

  #failed({ mount, url }: Trace, failure: CalloutFailure): void {
    const { bus, log, clock } = this.#parts;
    const error = { time: clock.now(), mount, url, failure };
    this.#errors.push(error);
    if (this.#errors.length > KEPT_ERRORS) this.#errors.shift();
    if (failure.tag === "connection") log?.warn("a callout failed", { mount, url, reason: failure.reason });
    if (failure.tag !== "denied") return;
    const { target, flag, reason } = failure;
    bus?.publish("callout.denied", { mount, target, flag });
    const key = `${mount} ${target} ${reason}`;
    // Logged once: a refused path may be asked for by every `ls`.
    if (!this.#denials.has(key)) log?.warn("a callout was denied", { mount, target, reason, flag });
    this.#denials.delete(key);
    this.#denials.set(key, error);
    for (const oldest of this.#denials.keys()) {
      if (this.#denials.size <= KEPT_ERRORS) break;
      this.#denials.delete(oldest);
    }
  }
}

function none(): EgressCounts {
  return { callouts: 0, requests: 0, bytes: 0, revalidated: 0, denied: 0, rateLimitedWaits: 0 };
}

function add(counts: EgressCounts, result: CalloutResult, trace: Trace): void {
  counts.callouts++;
  counts.requests += trace.requests;
  counts.bytes += trace.bytes;
  if (result.ok && result.response.revalidated) counts.revalidated++;
  if (!result.ok && result.failure.tag === "denied") counts.denied++;
  if (!result.ok && result.failure.tag === "rate-limited") counts.rateLimitedWaits++;
}
