/**
 * The host's side of a provider's worker: calls with their deadlines, callouts on their behalf, and the brake on a guest
 * that computes for too long.
 *
 * @module
 */
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Level } from "../base/log.ts";
import type { Artifact, Code, LateArtifact } from "./artifact.ts";
import { readMessage } from "./guest_messages.ts";
import { ComputeMeter, type GuestThread, plainThread, type StartThread } from "./guest_thread.ts";
import type { Limits } from "./limits.ts";
import type { CalloutReply, FromGuest, GuestCall, ToGuest } from "./protocol.ts";

/** How often in the time that a guest may compute it is looked at. */
const LOOKS = 8;

/** Callouts that a call may still make after it was given up: an honest one fails with the first. */
const LAST_CALLOUTS = 4;

/** Most core modules of one instance; `artifact.ts` admits no more. */
const MOST_BRAKES = 64;

/** What a guest needs of its host. */
export interface GuestHost {
  /** Answers a callout; `signal` is aborted when the call that it serves, `op`, is given up. */
  callout(name: string, args: readonly unknown[], signal: AbortSignal, op: string): Promise<CalloutReply>;
  /** Takes a line for the operator. */
  log(level: Level, message: string): void;
  /** Is told that an instance was dropped. */
  dropped(fault: string): void;
  /** The `OmnifsError` for a failure that the guest typed; `signal` is the one that its callouts were made with. */
  failure(op: string, failure: unknown, signal: AbortSignal): OmnifsError;
}

interface Pending {
  readonly op: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: OmnifsError) => void;
  readonly abort: AbortController;
  readonly release: () => void;
}

/** One worker with the instances of one component. */
export class Guest {
  readonly #mount: string;
  #limits: Limits;
  readonly #clock: Clock;
  readonly #host: GuestHost;
  readonly #artifact: Artifact | LateArtifact;
  readonly #pending = new Map<number, Pending>();
  /** Calls that nobody waits for any more and that have not ended, with the callouts that they made since. */
  readonly #abandoned = new Map<number, number>();
  #callouts = 0;
  readonly #brakes = new Map<number, Int32Array[]>();
  readonly #startThread: StartThread;
  #meter: ComputeMeter | undefined;
  #thread: GuestThread | undefined;
  /** The thread that could not be stopped; `null` where nobody can tell whether it has ended. */
  #lost: GuestThread | null | undefined;
  #worker: Worker | undefined;
  /** What is said to the worker once it has its code; undefined where it has. */
  #unsaid: ToGuest[] | undefined;
  #ready: PromiseWithResolvers<void> | undefined;
  #settings: string;
  #last = 0;
  #watch: Cancel | undefined;
  #rest: Cancel | undefined;
  #isAwaited: () => boolean = () => false;
  #closed = false;

  /** A guest that has not begun; the first call starts it. */
  constructor(
    options: {
      readonly mount: string;
      readonly artifact: Artifact | LateArtifact;
      readonly settings: string;
      readonly limits: Limits;
      readonly clock: Clock;
      readonly host: GuestHost;
      readonly startThread?: StartThread | undefined;
    },
  ) {
    this.#mount = options.mount;
    this.#artifact = options.artifact;
    this.#settings = options.settings;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#host = options.host;
    this.#startThread = options.startThread ?? plainThread;
  }

  /** Calls that have not ended, beyond those that an instance can be serving. */
  get waiting(): number {
    return Math.max(0, this.#pending.size - this.#limits.instances);
  }

  /** What `settings.get` answers from now on. */
  configure(settings: string): void {
    this.#settings = settings;
    this.#post({ type: "settings", settings });
  }

  /** Holds every later call to `limits`; how many instances there are and what they may compute stays. */
  limit({ deadlineMilliseconds, waiting }: Limits): void {
    this.#limits = { ...this.#limits, deadlineMilliseconds, waiting };
  }

  /**
   * Calls `interface.function` of the component.
   *
   * @throws {OmnifsError} the guest's own failure; `busy` where too many wait; `unavailable` after the deadline;
   *   `interrupted` where `signal` is aborted; `internal` where the guest trapped, or where its thread computes on
   *   beyond anybody's reach
   */
  call(op: string, call: GuestCall, signal?: AbortSignal): Promise<unknown> {
    if (this.#closed) {
      return Promise.reject(new OmnifsError("unavailable", `${this.#mount} is closed`, { op }));
    }
    if (signal?.aborted) return Promise.reject(interrupted(op));
    if (this.#isLost()) return Promise.reject(lost(this.#mount, op));
    if (this.waiting >= this.#limits.waiting) {
      const message = `${this.#mount}: ${this.#limits.waiting} calls wait already`;
      return Promise.reject(new OmnifsError("busy", message, { op }));
    }
    this.#rest?.();
    this.#start();
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#pending.set(id, this.#pend(id, op, resolve, reject, signal));
      this.#post({ type: "call", id, call });
      this.#look();
    });
  }

  /** Keeps the thread while `isAwaited` says so, although nobody asks for anything. */
  stayWhile(isAwaited: () => boolean): void {
    this.#isAwaited = isAwaited;
  }

  /** Ends the worker; calls that have not ended fail as `unavailable`. */
  close(): void {
    this.#closed = true;
    this.#stop(new OmnifsError("unavailable", `${this.#mount} was unmounted`));
  }

  #pend(
    id: number,
    op: string,
    resolve: (value: unknown) => void,
    reject: (error: OmnifsError) => void,
    signal: AbortSignal | undefined,
  ): Pending {
    const seconds = this.#limits.deadlineMilliseconds / 1_000;
    const cancel = this.#clock.after(
      this.#limits.deadlineMilliseconds,
      () =>
        this.#giveUp(
          id,
          new OmnifsError("unavailable", `${this.#mount}: no answer after ${seconds} s`, { op }),
        ),
    );
    const stop = () => this.#giveUp(id, interrupted(op));
    signal?.addEventListener("abort", stop, { once: true });
    const release = () => {
      cancel();
      signal?.removeEventListener("abort", stop);
    };
    return { op, resolve, reject, abort: new AbortController(), release };
  }

  /** Fails a call that may still be running in the guest: its callouts are aborted, so that it ends soon. */
  #giveUp(id: number, error: OmnifsError): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    this.#abandoned.set(id, 0);
    this.#post({ type: "cancel", id });
    pending.abort.abort(error);
    pending.reject(error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.release();
    if (this.#pending.size === 0) this.#restLater();
    return pending;
  }

  /** Ends the thread once nobody has asked for anything for a while: its memory is for those that work. */
  #restLater(): void {
    this.#rest?.();
    if (this.#worker === undefined) return;
    this.#rest = this.#clock.after(this.#limits.idleMilliseconds, () => {
      // A call that was given up may still be running; whether it ends has to be seen.
      if (this.#pending.size > 0 || this.#abandoned.size > 0) return;
      if (this.#isAwaited()) return this.#restLater();
      this.#stop(new OmnifsError("unavailable", `${this.#mount} is at rest`));
    });
  }

  #start(): void {
    if (this.#worker !== undefined) return;
    const control = new SharedArrayBuffer(8);
    this.#ready = Promise.withResolvers();
    const { worker, thread } = this.#startThread(() => newWorker(this.#mount));
    this.#meter = new ComputeMeter(new Int32Array(control), thread);
    this.#thread = thread;
    worker.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#broken(event.message);
    };
    this.#worker = worker;
    const artifact = this.#artifact;
    if (!("code" in artifact)) return this.#begin(artifact, control);
    this.#unsaid = [];
    artifact.code().then(
      (code) => worker === this.#worker && this.#begin(code, control),
      (error) => worker === this.#worker && this.#broken(messageOf(error)),
    );
  }

  /** Hands the worker its code, then whatever waited for that. */
  #begin({ script, modules }: Code, control: SharedArrayBuffer): void {
    const unsaid = this.#unsaid ?? [];
    this.#unsaid = undefined;
    const { instances, answerBytes } = this.#limits;
    const settings = this.#settings;
    this.#post({ type: "start", script, modules, settings, instances, answerBytes, control });
    for (const message of unsaid) this.#post(message);
  }

  #post(message: ToGuest): void {
    if (this.#unsaid === undefined) this.#worker?.postMessage(message);
    else this.#unsaid.push(message);
  }

  #hear(data: unknown): void {
    // What a worker said before it was ended still arrives.
    if (this.#worker === undefined) return;
    const message = readMessage(data);
    if (message === undefined) return this.#broken("its thread does not keep to the protocol");
    if ("id" in message && message.type !== "callout") this.#abandoned.delete(message.id);
    this.#receive(message);
  }

  #receive(message: FromGuest): void {
    switch (message.type) {
      case "done":
        return this.#take(message.id)?.resolve(message.value);
      case "failed":
        return this.#failed(message.id, message.failure);
      case "trapped":
        return this.#trapped(message.id, message.fault);
      case "callout":
        return void this.#callout(message);
      case "log":
        return this.#host.log(message.level, message.message);
      case "brake":
        return this.#brake(message.instance, message.memory);
      case "dropped":
        this.#brakes.delete(message.instance);
        return this.#host.dropped(message.fault);
      case "ready":
        return this.#ready?.resolve();
      case "broken":
        return this.#broken(message.fault);
    }
  }

  #failed(id: number, failure: unknown): void {
    const pending = this.#take(id);
    pending?.reject(this.#host.failure(pending.op, failure, pending.abort.signal));
  }

  #trapped(id: number, fault: string): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    const message = `the provider ${this.#mount} broke down in ${pending.op}: ${fault}`;
    pending.reject(new OmnifsError("internal", message, { op: pending.op }));
  }

  async #callout(message: FromGuest & { type: "callout" }): Promise<void> {
    if (this.#callouts >= this.#limits.instances) {
      return this.#broken(`it has ${this.#callouts} callouts under way, one for each instance`);
    }
    const made = this.#abandoned.get(message.id);
    if (made !== undefined) this.#abandoned.set(message.id, made + 1);
    if (made !== undefined && made >= LAST_CALLOUTS) this.#stopInstance(message.instance);
    const worker = this.#worker;
    const { op = "", abort: { signal } = { signal: AbortSignal.abort() } } = this.#pending.get(message.id) ??
      {};
    this.#callouts++;
    const result = await this.#host.callout(message.name, message.args, signal, op);
    if (worker !== this.#worker) return;
    this.#callouts--;
    this.#post({ type: "reply", callout: message.callout, result });
  }

  /** Sets the brake: the guest traps before it gets far. */
  #stopInstance(instance: number): void {
    for (const brake of this.#brakes.get(instance) ?? []) Atomics.store(brake, 0, 1);
  }

  #brake(instance: number, memory: SharedArrayBuffer): void {
    const brakes = this.#brakes.get(instance) ?? [];
    if (brakes.length >= MOST_BRAKES || this.#brakes.size > this.#limits.instances) {
      return this.#broken("it has more brakes than it can have core modules");
    }
    brakes.push(new Int32Array(memory, 0, 1));
    this.#brakes.set(instance, brakes);
  }

  /** Looks, for as long as a call is under way, whether the guest has computed for too long. */
  #look(): void {
    if (this.#watch !== undefined || this.#pending.size === 0) return;
    this.#watch = this.#clock.after(this.#limits.guestMilliseconds / LOOKS, () => {
      this.#watch = undefined;
      this.#judge();
      this.#look();
    });
  }

  #judge(): void {
    const most = this.#limits.guestMilliseconds;
    const { instance, milliseconds } = this.#meter?.read(most / LOOKS) ?? { instance: 0, milliseconds: 0 };
    if (milliseconds < most) return;
    this.#stopInstance(instance);
    if (milliseconds < 2 * most) return;
    // A guest that computes on with its brake set is not in wasm any more, and `Worker.terminate` ends no loop.
    this.#lost = this.#thread ?? null;
    this.#broken("it computed for too long and could not be stopped");
  }

  /** True while a thread computes on that was given up: another one beside it would be lost the same way. */
  #isLost(): boolean {
    if (this.#lost !== null && this.#lost?.computed() === undefined) this.#lost = undefined;
    return this.#lost !== undefined;
  }

  /** The worker is of no use any more: every call fails, the next one starts a new worker. */
  #broken(fault: string): void {
    this.#host.dropped(fault);
    this.#stop(new OmnifsError("internal", `the provider ${this.#mount} broke down: ${fault}`));
  }

  #stop(error: OmnifsError): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#unsaid = undefined;
    this.#watch?.();
    this.#watch = undefined;
    this.#rest?.();
    this.#meter = undefined;
    this.#thread = undefined;
    this.#brakes.clear();
    this.#abandoned.clear();
    this.#callouts = 0;
    for (const id of [...this.#pending.keys()]) {
      const pending = this.#take(id);
      pending?.abort.abort(error);
      pending?.reject(error);
    }
  }
}

function newWorker(mount: string): Worker {
  return new Worker(new URL("./guest_worker.ts", import.meta.url), {
    type: "module",
    name: `provider ${mount}`,
    deno: { permissions: "none" },
  });
}

function lost(mount: string, op: string): OmnifsError {
  const message = `the provider ${mount} computes on and cannot be stopped: nothing more is asked of it`;
  return new OmnifsError("internal", message, { op, mend: "unmount and mount again" });
}

function interrupted(op: string): OmnifsError {
  return new OmnifsError("interrupted", "the caller gave up", { op });
}
