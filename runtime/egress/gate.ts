/**
 * The gate: the one function through which a provider's request reaches an upstream, and every check on its way.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { type Answer, BodyTooLarge, discard, readBody } from "./body.ts";
import type {
  Callout,
  CalloutFailure,
  CalloutResponse,
  CalloutResult,
  Need,
  Question,
  StreamEnd,
  StreamListener,
  Subscription,
} from "./callout.ts";
import { Checkpoint, Refusal } from "./checkpoint.ts";
import type { Credentials } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { type Destination, parseDestination, parseRedirect } from "./destination.ts";
import { DnsClient } from "./dns.ts";
import type { Server } from "./dns_socket.ts";
import type { Grants } from "./grant.ts";
import { answerHeaders } from "./headers.ts";
import {
  addGuestHeaders,
  destinationOf,
  type Hop,
  type Journey,
  noteCredential,
  shaped,
  wantsPacked,
} from "./journey.ts";
import { readLines } from "./lines.ts";
import { Paces, type Turn } from "./pace.ts";
import { RateLimits } from "./rate_limit.ts";
import type { Lookup } from "./resolver.ts";
import { shownUrl } from "./shown.ts";
import type { Settled, Trace } from "./trace.ts";
import { Transport } from "./transport.ts";
import { refreshed, Validators } from "./validators.ts";

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
  /** Bytes of one line of a stream. */
  readonly lineBytes: number;
  /** For how long a stream may be silent, in milliseconds: after that nobody knows whether it is still there. */
  readonly idleMilliseconds: number;
}

/** The contract's limits; 64 MiB of body, 30 s, 5 redirects, 32 MiB of kept answers; lines of 1 MiB, 5 minutes of silence. */
export const DEFAULT_LIMITS: GateLimits = {
  bodyBytes: 64 * 1024 * 1024,
  milliseconds: 30_000,
  redirects: 5,
  validatorBytes: 32 * 1024 * 1024,
  lineBytes: 1024 * 1024,
  idleMilliseconds: 300_000,
};

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
    const journey = this.#depart(callout, signal);
    const result = await this.#result(journey, () => this.#travel(journey));
    journey.deadline.end();
    return { result, trace: this.#trace(journey) };
  }

  /**
   * Holds a GET open, if it may be sent, and hands on the lines of a success. Never rejects. What the opening came to,
   * for the ledger, is told to `settled`.
   */
  async subscribe(
    { mount, url }: Subscription,
    listener: StreamListener & { readonly settled: (settled: Settled) => void },
    signal: AbortSignal,
  ): Promise<StreamEnd> {
    const journey = this.#depart(
      { mount, url, method: "get", headers: [], expect: "none", write: false },
      signal,
    );
    let answer: Answer | undefined;
    const result = await this.#result(journey, async () => {
      const hop = await this.#arrive(journey, false);
      // A turn is for asking: the others need not wait until this one is over.
      hop.turn?.end();
      answer = hop.response;
      const headers = answerHeaders(answer.headers, false, this.#parts.credentials.redact);
      return { status: answer.status, headers, body: "", revalidated: false };
    });
    journey.deadline.end();
    listener.settled({ result, trace: this.#trace(journey) });
    if (!result.ok) return result.failure;
    return answer === undefined ? { tag: "closed" } : await this.#listen(journey, answer, listener);
  }

  /** Ends what is under way and closes every connection. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#dns.close();
    this.#transport.close();
    this.#validators.clear();
  }

  #depart(callout: Callout, signal: AbortSignal | undefined): Journey {
    const { clock } = this.#parts;
    const deadline = new Deadline(clock, this.#limits.milliseconds);
    const signals = [deadline.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    return {
      callout,
      headers: new Headers(),
      signal: AbortSignal.any(signals),
      deadline,
      began: clock.monotonic(),
      requests: 0,
      bytes: 0,
      credential: undefined,
      home: undefined,
    };
  }

  #trace({ callout, began, requests, bytes, credential }: Journey): Trace {
    const { mount, method, write } = callout;
    const milliseconds = this.#parts.clock.monotonic() - began;
    const url = this.#parts.credentials.redact(shownUrl(callout.url));
    return {
      mount,
      method,
      url,
      milliseconds,
      requests,
      bytes,
      write,
      ...(credential === undefined ? {} : { credential }),
    };
  }

  async #result(journey: Journey, travel: () => Promise<CalloutResponse>): Promise<CalloutResult> {
    try {
      return { ok: true, response: await travel() };
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

  async #travel(journey: Journey): Promise<CalloutResponse> {
    const { question } = journey.callout;
    if (question !== undefined) return await this.#ask(journey, question);
    const hop = await this.#arrive(journey, true);
    try {
      return await this.#answer(journey, hop);
    } finally {
      hop.turn?.end();
    }
  }

  /** From the first hop to the answer that is no redirect; whoever gets it ends its turn. */
  async #arrive(journey: Journey, packed: boolean): Promise<Hop> {
    const { callout } = journey;
    let destination = destinationOf(parseDestination(callout.url), callout.url);
    addGuestHeaders(journey, destination);
    const body = this.#checkpoint.checkMethod(callout, journey.headers, destination);
    for (let followed = 0;; followed++) {
      const hop = await this.#hop(journey, destination, body, packed);
      const location = hop.response.headers.get("location");
      if (!REDIRECTS.has(hop.response.status) || location === null) return hop;
      await discard(hop.response).finally(() => hop.turn?.end());
      if (body !== undefined || callout.write) {
        throw failed(`the upstream redirects a ${callout.write ? "change" : "query"}; only GET is followed`);
      }
      if (followed === this.#limits.redirects) throw failed(`more than ${this.#limits.redirects} redirects`);
      destination = destinationOf(parseRedirect(location, destination), location);
    }
  }

  /** Hands the lines of a success on, until it ends. */
  async #listen(journey: Journey, answer: Answer, listener: StreamListener): Promise<StreamEnd> {
    const { clock, credentials } = this.#parts;
    const { lineBytes, idleMilliseconds } = this.#limits;
    if (answer.status < 200 || answer.status >= 300) {
      answer.body.destroy();
      return { tag: "refused", status: answer.status };
    }
    listener.opened();
    try {
      return await readLines(answer.body, { clock, lineBytes, idleMilliseconds }, async (line) => {
        if (journey.credential !== undefined) credentials.mask(line);
        await listener.line(line);
      });
    } catch (error) {
      return this.#failure(error, journey);
    }
  }

  async #ask(journey: Journey, question: Question): Promise<CalloutResponse> {
    const { callout, signal } = journey;
    const reply = await this.#dns.ask(callout.mount, question, signal);
    journey.requests++;
    return { status: 200, headers: [], body: "", revalidated: false, reply };
  }

  /** Checks one destination and asks it. */
  async #hop(
    journey: Journey,
    destination: Destination,
    body: string | undefined,
    packed: boolean,
  ): Promise<Hop> {
    const { callout, signal } = journey;
    signal.throwIfAborted();
    const need = this.#checkpoint.permit(callout.mount, destination, callout.write);
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
      const unpack = packed && wantsPacked(callout, headers);
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

/** The end of a callout that came to nothing upstream. */
function failed(reason: string): Refusal {
  return new Refusal({ tag: "connection", reason });
}

/** Why a connection failed, in words of a sane length. */
function reasonOf(error: unknown): string {
  return messageOf(error).slice(0, 300);
}
