/**
 * What the gate did, on the host's side: counts, the latest failures and refusals, events and log lines.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { CalloutFailure, CalloutResult, Need } from "./callout.ts";
import type { Finding, SourceKind } from "./credential_sources.ts";
import type { Wanted } from "./credentials.ts";
import { flagForNeed, type Grants } from "./grant.ts";
import type { CredentialUse, Settled, Trace } from "./trace.ts";

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

/** A credential that a need names, and whether it is there and works; holds no secret. */
export interface CredentialStatus extends Wanted {
  /** Where it came from; undefined where there is none. */
  readonly source: SourceKind | undefined;
  /** How many answers in a row refused it (401). */
  readonly refusals: number;
  /** What is wrong, for people: `GITHUB_TOKEN: refused by api.github.com`; undefined where nothing is. */
  readonly problem: string | undefined;
  /** What to do about it. */
  readonly mend: string | undefined;
}

/** A credential that was looked for, and what was found. */
export interface Sought {
  /** What for. */
  readonly wanted: Wanted;
  /** It, or why there is none. */
  readonly finding: Finding;
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
  readonly #credentials = new Map<string, Credential>();

  /** An empty ledger. */
  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Notes a mount's needs, and what was found for their credentials; a refusal is forgotten where one `changed`. */
  admitted(mount: string, needs: readonly Need[], findings: readonly Sought[], changed: boolean): void {
    this.#needs.set(mount, needs);
    for (const { wanted, finding } of findings) {
      const key = credentialKey(wanted);
      const before = this.#credentials.get(key);
      const refused = changed ? undefined : before?.refused;
      this.#credentials.set(key, { wanted, finding: withoutSecret(finding), refused });
      if (!("secret" in finding) || (!changed && before !== undefined)) continue;
      const { name: credential, target } = wanted;
      this.#parts.log?.info("a credential may be sent", {
        mount,
        credential,
        target,
        source: finding.source,
      });
    }
  }

  /** Notes one callout's end. */
  settled({ result, trace }: Settled): void {
    for (const counts of [this.#total, this.#countsOf(trace.mount)]) add(counts, result, trace);
    if (trace.credential !== undefined) this.#credentialUsed(trace.mount, trace.credential);
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
      credentials: [...this.#credentials.values()].map(credentialStatus),
      denials: [...this.#denials.values()],
    };
  }

  #countsOf(mount: string): EgressCounts {
    const known = this.#mounts.get(mount);
    if (known !== undefined) return known;
    const fresh = none();
    this.#mounts.set(mount, fresh);
    return fresh;
  }

  #credentialUsed(mount: string, { name, need, target, refused }: CredentialUse): void {
    const key = credentialKey({ mount, name, target: need });
    const known = this.#credentials.get(key);
    if (known === undefined) return;
    const times = (known.refused?.times ?? 0) + 1;
    this.#credentials.set(key, { ...known, refused: refused ? { by: target, times } : undefined });
    if (refused && times === 1) {
      this.#parts.log?.warn("a credential was refused", { mount, credential: name, target });
    }
  }

  #publish(result: CalloutResult, { mount, method, url, milliseconds, write }: Trace): void {
    const outcome = result.ok ? result.response.status : result.failure.tag;
    this.#parts.bus?.publish("callout.done", { mount, method, url, outcome, milliseconds });
    if (write) this.#parts.bus?.publish("mutation.sent", { mount, method, url, outcome });
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

/** What the ledger keeps of a credential. */
interface Credential {
  readonly wanted: Wanted;
  readonly finding: { readonly source: SourceKind } | { readonly why: string; readonly mend: string };
  readonly refused: { readonly by: string; readonly times: number } | undefined;
}

function withoutSecret(finding: Finding): Credential["finding"] {
  return "secret" in finding ? { source: finding.source } : finding;
}

function credentialKey({ mount, name, target }: Wanted): string {
  return JSON.stringify([mount, name, target]);
}

function credentialStatus({ wanted, finding, refused }: Credential): CredentialStatus {
  const { name, mount } = wanted;
  const known = { ...wanted, refusals: refused?.times ?? 0 };
  if (!("source" in finding)) {
    return { ...known, source: undefined, problem: `${name}: ${finding.why}`, mend: finding.mend };
  }
  const problem = refused === undefined ? undefined : `${name}: refused by ${refused.by}`;
  const mend = problem === undefined ? undefined : `omnifs auth login ${mount}`;
  return { ...known, source: finding.source, problem, mend };
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
