/**
 * The gate: the one function through which a provider's request reaches an upstream, and every check on its way.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { type Answer, BodyTooLarge, discard, readBody } from "./body.ts";
import type { Callout, CalloutFailure, CalloutResponse, CalloutResult, Need, Question } from "./callout.ts";
import { Checkpoint, denied, Refusal } from "./checkpoint.ts";
import type { Credentials } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { type Destination, type Parsed, parseDestination, parseRedirect } from "./destination.ts";
import { DnsClient } from "./dns.ts";
import type { Server } from "./dns_socket.ts";
import type { Grants } from "./grant.ts";
import { answerHeaders, guestHeaders } from "./headers.ts";
import { Paces, type Turn } from "./pace.ts";
import { RateLimits } from "./rate_limit.ts";
import type { Lookup } from "./resolver.ts";
import { shownUrl } from "./shown.ts";
import { Transport } from "./transport.ts";
import { type KeptAnswer, refreshed, Validators } from "./validators.ts";

/** What one callout may take. */
export interface GateLimits {
  /** Bytes of an answer's body, unpacked. */
  readonly bodyBytes: number;
  /** Milliseconds from the call to the whole answer, all redirects included, without the time in a lane (`pace.ts`). */
  readonly milliseconds: number;
  /** Redirects that are followed. */
  readonly redirects: number;
  /** Bytes of answers kept for conditional requests, over all mounts. */
  readonly validatorBytes: number;
}

/** The contract's limits; 64 MiB of body, 30 s, 5 redirects, 32 MiB of kept answers. */
export const DEFAULT_LIMITS: GateLimits = {
  bodyBytes: 64 * 1024 * 1024,
  milliseconds: 30_000,
  redirects: 5,
  validatorBytes: 32 * 1024 * 1024,
};

/** What a callout took, for counts, events and `status`; holds no secret. */
export interface Trace {
  /** Who asked. */
  readonly mount: string;
  /** The contract's method. */
  readonly method: string;
  /** The URL as {@linkcode shownUrl} shows it. */
  readonly url: string;
  /** From the call to its end. */
  readonly milliseconds: number;
  /** Requests that went out: redirects count, refusals and rate-limit waits do not. */
  readonly requests: number;
  /** Bytes of bodies that were read. */
  readonly bytes: number;
  /** True where it was to change the upstream. */
  readonly write: boolean;
  /** What became of the last credential that was attached. */
  readonly credential?: CredentialUse;
}

/** One use of a credential. */
export interface CredentialUse {
  /** Its name. */
  readonly name: string;
  /** The target of the need that names it. */
  readonly need: string;
  /** Where it was sent. */
  readonly target: string;
  /** True where the upstream answered 401. */
  readonly refused: boolean;
}

/** A callout's end. */
export interface Settled {
  /** For the provider. */
  readonly result: CalloutResult;
  /** For the operator. */
  readonly trace: Trace;
}

/** What the gate stands on. */
export interface GateParts {
  /** What the user granted. */
  readonly grants: Grants;
  /** The secrets. */
  readonly credentials: Credentials;
  /** The time. */
  readonly clock: Clock;
  /** Limits that differ from {@linkcode DEFAULT_LIMITS}. */
  readonly limits?: Partial<GateLimits>;
  /** The resolver of names; the system's by default. */
  readonly lookup?: Lookup;
  /** The system's DNS servers; none unless told. */
  readonly nameservers?: readonly Server[] | undefined;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly roots?: string;
  /** True where another gate may have sent requests just before: see {@linkcode Paces}. */
  readonly quiet?: boolean | undefined;
}

/** One callout on its way. */
interface Journey {
  readonly callout: Callout;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  requests: number;
  bytes: number;
  credential: CredentialUse | undefined;
  /** Origin of the first request; a credential goes nowhere else. */
  home: string | undefined;
}

/** An answer that came, before its body is read. */
interface Hop {
  readonly response: Answer;
  readonly key: string | undefined;
  readonly kept: KeptAnswer | undefined;
  /** Given back when the body is over. */
  readonly turn: Turn | undefined;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Checks and sends callouts. */
export class GateCore {
  readonly #parts: GateParts;
  readonly #limits: GateLimits;
  readonly #checkpoint: Checkpoint;
  readonly #rates: RateLimits;
  readonly #paces: Paces;
  readonly #validators: Validators;
  readonly #transport: Transport;
  readonly #dns: DnsClient;
  readonly #closing = new AbortController();

  /** A gate to which no mount is admitted yet. */
  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#limits = { ...DEFAULT_LIMITS, ...parts.limits };
    this.#checkpoint = new Checkpoint(parts.grants);
    this.#transport = new Transport({
      judge: (address, asked) => this.#checkpoint.judge(address, asked),
      lookup: parts.lookup,
      roots: parts.roots,
    });
    const { clock, nameservers = [] } = parts;
    this.#dns = new DnsClient({
      checkpoint: this.#checkpoint,
      transport: this.#transport,
      clock,
      nameservers,
    });
    this.#rates = new RateLimits(parts.clock);
    this.#paces = new Paces(parts.clock, parts.quiet);
    this.#validators = new Validators(this.#limits.validatorBytes);
  }

  /** Makes a mount's needs known. */
  admit(mount: string, needs: readonly Need[]): void {
    this.#checkpoint.admit(mount, needs);
    this.#paces.admit(needs);
  }

  /** Sends one callout, if it may be sent. Never rejects. */
  async send(callout: Callout, signal?: AbortSignal): Promise<Settled> {
    const { clock } = this.#parts;
    const began = clock.monotonic();
    const deadline = new Deadline(clock, this.#limits.milliseconds);
    const signals = [deadline.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    const journey: Journey = {
      callout,
      headers: new Headers(),
      signal: AbortSignal.any(signals),
      deadline,
      requests: 0,
      bytes: 0,
      credential: undefined,
      home: undefined,
    };
    const result = await this.#result(journey);
    deadline.end();
    return { result, trace: this.#trace(journey, clock.monotonic() - began) };
  }

  /** Ends what is under way and closes every connection. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#dns.close();
    this.#transport.close();
    this.#validators.clear();
  }

  #trace({ callout, requests, bytes, credential }: Journey, milliseconds: number): Trace {
    const { mount, method } = callout;
    const url = this.#parts.credentials.redact(shownUrl(callout.url));
    return {
      mount,
      method,
      url,
      milliseconds,
      requests,
      bytes,
      write: callout.write,
      ...(credential === undefined ? {} : { credential }),
    };
  }

  async #result(journey: Journey): Promise<CalloutResult> {
    try {
      return { ok: true, response: await this.#travel(journey) };
    } catch (error) {
      return { ok: false, failure: this.#failure(error, journey) };
    }
  }

  #failure(error: unknown, journey: Journey): CalloutFailure {
    if (error instanceof Refusal) return this.#redacted(error.failure);
    if (error instanceof BodyTooLarge) return { tag: "too-large" };
    if (this.#closing.signal.aborted) return { tag: "connection", reason: "omnifs is stopping" };
    if (journey.signal.aborted) return { tag: "timeout" };
    return this.#redacted({ tag: "connection", reason: reasonOf(error) });
  }

  #redacted(failure: CalloutFailure): CalloutFailure {
    const { redact } = this.#parts.credentials;
    if (failure.tag === "connection") return { ...failure, reason: redact(failure.reason) };
    if (failure.tag !== "denied") return failure;
    return {
      ...failure,
      target: redact(failure.target),
      reason: redact(failure.reason),
      flag: redact(failure.flag),
    };
  }

  /** From the first hop to the answer that is no redirect. */
  async #travel(journey: Journey): Promise<CalloutResponse> {
    const { callout } = journey;
    if (callout.question !== undefined) return await this.#ask(journey, callout.question);
    let destination = destinationOf(parseDestination(callout.url), callout.url);
    addGuestHeaders(journey, destination);
    const body = this.#checkpoint.checkMethod(callout, journey.headers, destination);
    for (let followed = 0;; followed++) {
      const hop = await this.#hop(journey, destination, body);
      const location = hop.response.headers.get("location");
      try {
        if (!REDIRECTS.has(hop.response.status) || location === null) return await this.#answer(journey, hop);
        await discard(hop.response);
      } finally {
        hop.turn?.end();
      }
      if (body !== undefined || callout.write) {
        throw new Refusal({
          tag: "connection",
          reason: `the upstream redirects a ${callout.write ? "change" : "query"}; only GET is followed`,
        });
      }
      if (followed === this.#limits.redirects) {
        throw new Refusal({ tag: "connection", reason: `more than ${this.#limits.redirects} redirects` });
      }
      destination = destinationOf(parseRedirect(location, destination), location);
    }
  }

  async #ask(journey: Journey, question: Question): Promise<CalloutResponse> {
    const { callout, signal } = journey;
    const reply = await this.#dns.ask(callout.mount, question, signal);
    journey.requests++;
    return { status: 200, headers: [], body: "", revalidated: false, reply };
  }

  /** Checks one destination and asks it. */
  async #hop(journey: Journey, destination: Destination, body: string | undefined): Promise<Hop> {
    const { callout, signal } = journey;
    signal.throwIfAborted();
    const need = this.#checkpoint.permit(callout.mount, destination);
    if (callout.write && !need.write) {
      throw denied(destination.endpoint, `the manifest of ${callout.mount} does not ask to change it`, "");
    }
    const headers = new Headers(journey.headers);
    const key = this.#validators.keyOf(callout, destination.url, headers);
    const kept = this.#validators.get(key);
    if (kept !== undefined) headers.set("if-none-match", kept.etag);
    const attached = this.#attach(journey, headers, need, destination);
    const limit = `${destination.origin} ${attached ?? ""}`;
    const turn = await this.#turn(journey, need, limit);
    try {
      journey.requests++;
      const method = callout.method.toUpperCase();
      const unpack = wantsPacked(callout, headers);
      const response = await this.#transport.send(destination, { method, headers, body, unpack, signal });
      this.#rates.note(limit, response.status, response.headers);
      turn?.answered();
      if (attached !== undefined) noteCredential(journey, need, destination, response.status);
      return { response, key, kept, turn };
    } catch (error) {
      turn?.answered();
      turn?.end();
      throw error;
    }
  }

  /** Waits for the target's turn, unless its rate limit forbids to ask at all: before the wait, or after it. */
  async #turn({ deadline, signal }: Journey, need: Need, limit: string): Promise<Turn | undefined> {
    this.#checkRate(limit);
    if (need.pace === undefined) return undefined;
    const turn = await deadline.without(() => this.#paces.turn(need, signal));
    try {
      this.#checkRate(limit);
      return turn;
    } catch (error) {
      turn?.end();
      throw error;
    }
  }

  #checkRate(limit: string): void {
    const wait = this.#rates.wait(limit);
    if (wait !== undefined) throw new Refusal({ tag: "rate-limited", milliseconds: wait });
  }

  /** Attaches the credential that belongs to `need`, on the first origin only; answers the number that stands for it. */
  #attach(journey: Journey, headers: Headers, need: Need, { origin }: Destination): number | undefined {
    journey.home ??= origin;
    if (journey.home === origin) {
      return this.#parts.credentials.attach(headers, journey.callout.mount, need);
    }
    // Once away, always away: a redirect back does not bring the credential back.
    journey.home = "";
    return undefined;
  }

  async #answer(journey: Journey, { response, key, kept }: Hop): Promise<CalloutResponse> {
    const { credentials } = this.#parts;
    const headers = answerHeaders(response.headers, response.unpacked, credentials.redact);
    if (kept !== undefined && response.status === 304) {
      await discard(response);
      const fresh = { ...kept, headers: refreshed(kept.headers, headers) };
      return shaped(journey.callout, { ...fresh, body: kept.body.slice() }, true);
    }
    const body = await this.#body(journey, response);
    this.#validators.keep(key, { status: response.status, headers, body });
    return shaped(journey.callout, { status: response.status, headers, body }, false);
  }

  async #body(journey: Journey, response: Answer): Promise<Uint8Array> {
    if (journey.callout.expect === "none") {
      await discard(response);
      return new Uint8Array();
    }
    const body = await readBody(response, this.#limits.bodyBytes);
    journey.bytes += body.byteLength;
    if (journey.credential !== undefined) this.#parts.credentials.mask(body);
    return body;
  }
}

/** The answer in the shape that the callout expects. */
function shaped(
  { expect }: Callout,
  { status, headers, body }: Omit<KeptAnswer, "etag">,
  revalidated: boolean,
): CalloutResponse {
  return { status, headers, body: expect === "text" ? new TextDecoder().decode(body) : body, revalidated };
}

function destinationOf(parsed: Parsed, text: string): Destination {
  if ("destination" in parsed) return parsed.destination;
  throw new Refusal({ tag: "denied", target: shownUrl(text), flag: "", reason: parsed.refused });
}

function addGuestHeaders(journey: Journey, destination: Destination): void {
  const guest = guestHeaders(journey.callout.headers);
  if ("refused" in guest) throw denied(destination.endpoint, guest.refused, "");
  for (const [name, value] of guest.headers) journey.headers.append(name, value);
}

function noteCredential(journey: Journey, need: Need, destination: Destination, status: number): void {
  if (need.credential === undefined) return;
  const { endpoint } = destination;
  const { credential: name, target } = need;
  journey.credential = { name, need: target, target: endpoint.host, refused: status === 401 };
}

/** False where the length or a part of the body is asked for: both are meant of the body as it is. */
function wantsPacked({ method }: Callout, headers: Headers): boolean {
  return method !== "head" && !headers.has("range");
}

/** Why a connection failed, in words of a sane length. */
function reasonOf(error: unknown): string {
  return messageOf(error).slice(0, 300);
}
