/**
 * Upstreams on loopback, a clock that a test moves, and a gate between them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Cancel, Clock } from "../../runtime/base/clock.ts";
import { Bus, type BusEvent } from "../../runtime/base/bus.ts";
import { Log } from "../../runtime/base/log.ts";
import type {
  Callout,
  CalloutFailure,
  CalloutResponse,
  CalloutResult,
  Need,
} from "../../runtime/egress/callout.ts";
import {
  type GateLimits,
  type GateOptions,
  type ObservableGate,
  parseGrants,
} from "../../runtime/egress/mod.ts";
import type { CredentialSource } from "../../runtime/egress/credential_sources.ts";
import { LocalGate } from "./local_gate.ts";

/** The credential that tests plant and look for. */
export const TOKEN = "tok_Planted-0123456789abcdef";

/**
 * True in Deno 2.7, whose `node:http` keeps no connection, gives no reason for one that is not made, and says nothing of
 * a body that breaks off.
 */
export const OLD_HTTP: boolean = Deno.version.deno.startsWith("2.7.");

// As the egress thread does it (`worker.ts`).
if (OLD_HTTP) addEventListener("unhandledrejection", (event) => event.preventDefault());

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #time = Date.UTC(2026, 0, 1);
  #timers: { readonly due: number; readonly fire: () => void }[] = [];

  /** See `Clock`. */
  now(): number {
    return this.#time;
  }

  /** See `Clock`. */
  monotonic(): number {
    return this.#time;
  }

  /** See `Clock`. */
  after(milliseconds: number, fire: () => void): Cancel {
    const timer = { due: this.#time + milliseconds, fire };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  /** Moves on, and fires what is due. */
  advance(milliseconds: number): void {
    this.#time += milliseconds;
    const due = this.#timers.filter((timer) => timer.due <= this.#time);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#time);
    for (const { fire } of due) fire();
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.length;
  }
}

/** A request as an upstream saw it. */
export interface Asked {
  /** Upper case. */
  readonly method: string;
  /** With the host that was asked for. */
  readonly url: string;
  /** All of them. */
  readonly headers: Headers;
}

/** A server on loopback that remembers what it was asked. */
export class Upstream implements AsyncDisposable {
  /** Every request, oldest first. */
  readonly requests: Asked[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Answers each request by `handler`. */
  constructor(handler: (request: Request) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      this.requests.push({ method: request.method, url: request.url, headers: new Headers(request.headers) });
      return handler(request);
    });
  }

  /** `127.0.0.1:port`. */
  get target(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The URL of `path`. */
  url(path = "/"): string {
    return `http://${this.target}${path}`;
  }

  /** The values of one header in every request. */
  header(name: string): (string | null)[] {
    return this.requests.map((request) => request.headers.get(name));
  }

  /** Stops listening and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** What a test's gate is made of. */
export interface Setup {
  /** Entries of `--allow-net`. */
  readonly allow: readonly string[];
  /** Entries of `--allow-apply`; none unless told. */
  readonly apply?: readonly string[];
  /** The needs of the mount `m`: targets with a credential of their own. */
  readonly needs?: readonly Need[];
  /** The limits. */
  readonly limits?: Partial<GateLimits>;
  /** The value of every environment variable. */
  readonly token?: string;
}

/** Makes a gate. */
export type Open = (options: GateOptions) => ObservableGate;

/** A gate with everything that it says to others. */
export class Bench implements AsyncDisposable {
  /** Moved by the test. */
  readonly clock = new ManualClock();
  /** Every line of the log. */
  readonly lines: string[] = [];
  /** Every event. */
  readonly events: BusEvent[] = [];
  /** The gate. */
  readonly gate: ObservableGate;
  readonly #admitted: Promise<void>;

  /** A gate in this thread, or what `open` makes of the same options. */
  constructor(setup: Setup, open: Open = (options) => new LocalGate(options)) {
    const bus = new Bus(this.clock);
    bus.subscribe((event) => this.events.push(event));
    const log = new Log(this.clock, (line) => this.lines.push(line), "debug");
    const grants = parseGrants({ allow: setup.allow, apply: setup.apply ?? [] });
    const credentials = alwaysFound(() => setup.token ?? TOKEN);
    this.gate = open({ grants, credentials, clock: this.clock, bus, log, limits: setup.limits ?? {} });
    this.#admitted = this.gate.admit("m", setup.needs ?? setup.allow.map((target) => need(target)));
  }

  /** Sends a GET of `url`, with what differs from it. */
  async send(url: string, rest: Partial<Callout> = {}, signal?: AbortSignal): Promise<CalloutResult> {
    await this.#admitted;
    const callout = {
      mount: "m",
      method: "get",
      url,
      headers: [],
      expect: "text",
      write: false,
      ...rest,
    } as const;
    return await this.gate.send(callout, signal);
  }

  /** The answer to a callout that has to succeed. */
  async answer(url: string, rest: Partial<Callout> = {}): Promise<CalloutResponse> {
    const result = await this.send(url, rest);
    if (!result.ok) assert.fail(`${url}: ${JSON.stringify(result.failure)}`);
    return result.response;
  }

  /** The failure of a callout that has to fail. */
  async failure(url: string, rest: Partial<Callout> = {}, signal?: AbortSignal): Promise<CalloutFailure> {
    const result = await this.send(url, rest, signal);
    assert.ok(!result.ok, `${url} was answered`);
    return result.failure;
  }

  /** Ends the gate. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.gate.close();
  }
}

/** A source that answers the same for whatever is wanted; the empty text is no credential. */
export function alwaysFound(secret: () => string): CredentialSource {
  return {
    find: () => {
      const found = secret().trim();
      const none = { why: "not set", mend: "set it" };
      return Promise.resolve(found === "" ? none : { secret: found, source: "environment" });
    },
  };
}

/** A need with a credential. */
export function need(target: string, credential = "TEST_TOKEN"): Need {
  return { target, write: false, why: "a test", credential };
}

/** The value of a header of an answer. */
export function headerOf(response: CalloutResponse, name: string): string | undefined {
  return response.headers.find((header) => header.name === name)?.value;
}

/** A server that says `words` to whoever connects, and then hangs up or, with `hold`, waits to be hung up on. */
export class RawUpstream implements AsyncDisposable {
  /** Requests that arrived. */
  asked = 0;
  /** Connections that are over. */
  ended = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #served: Promise<void>;

  /** Says `words`. */
  constructor(words: string, hold: boolean) {
    this.#served = this.#serve(words, hold);
  }

  /** `127.0.0.1:port`. */
  get target(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
  }

  async #serve(words: string, hold: boolean): Promise<void> {
    for await (const connection of this.#listener) {
      const buffer = new Uint8Array(4_096);
      await connection.read(buffer);
      this.asked++;
      await connection.write(new TextEncoder().encode(words));
      while (hold && await connection.read(buffer).catch(() => null) !== null);
      connection.close();
      this.ended++;
    }
  }
}
