/**
 * Instances of one component inside its worker. Each serves one call at a time and is suspended in its callouts (JSPI),
 * so that as many calls overlap as there are instances. An instance that trapped is dropped; the next call that
 * needs one makes a new one.
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import { AnswerMeter } from "./answer_meter.ts";
import { type Callout, guestImports } from "./guest_imports.ts";
import { type CalloutReply, CONTROL, type FromGuest, type GuestCall, type ToGuest } from "./protocol.ts";

/** The exports of an instance: interfaces by name, functions by name in camel case. */
type Exports = Readonly<Record<string, Readonly<Record<string, (...args: unknown[]) => unknown>>>>;

/** jco's entry into the glue. */
type Instantiate = (
  module: (name: string) => WebAssembly.Module,
  imports: unknown,
  core: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => Promise<WebAssembly.Instance>,
) => Promise<Exports>;

/** Speaks to the host; what is in `transfer` is given away rather than copied. */
type Post = (message: FromGuest, transfer?: Transferable[]) => void;

/** Why an instance is dropped whose brake is on. */
const TOO_LONG = "it computed for too long without a callout";

interface GuestInstance {
  readonly number: number;
  /** The call that it serves; 0 for none. */
  call: number;
  exports: Exports;
  /** The first cell of each of its brakes. */
  readonly brakes: Int32Array[];
  /** What it may still tell in this call. */
  readonly meters: AnswerMeter[];
  /** How often each of its core modules was instantiated. */
  readonly cores: Map<WebAssembly.Module, number>;
}

interface Waiter {
  readonly id: number;
  readonly resume: (instance: GuestInstance | undefined) => void;
}

/** Runs calls in at most `instances` instances. Invariant: an instance is idle, or serves exactly one call. */
export class GuestPool {
  readonly #post: Post;
  readonly #idle: GuestInstance[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #callouts = new Map<number, (reply: CalloutReply) => void>();
  #instantiate: Instantiate | undefined;
  #modules: Readonly<Record<string, WebAssembly.Module>> = {};
  #control = new Int32Array(new SharedArrayBuffer(8));
  #settings = "{}";
  #meters: AnswerMeter[] = [];
  #capacity = 0;
  #alive = 0;
  #made = 0;
  #asked = 0;

  /** A pool that speaks to the host through `post`. */
  constructor(post: Post) {
    this.#post = post;
  }

  /** Evaluates the glue and makes the first instance. */
  async start(message: ToGuest & { type: "start" }): Promise<void> {
    this.#control = new Int32Array(message.control);
    this.#settings = message.settings;
    this.#modules = message.modules;
    this.#capacity = message.instances;
    this.#instantiate = new Function("TextDecoder", message.script)(this.#meterOf(message.answerBytes));
    this.#release(await this.#create());
    this.#post({ type: "ready" });
  }

  /** What `settings.get` answers from now on. */
  configure(settings: string): void {
    this.#settings = settings;
  }

  /** Runs one call and posts what it came to. */
  async call(id: number, call: GuestCall): Promise<void> {
    try {
      const instance = await this.#acquire(id);
      if (instance !== undefined) await this.#serve(instance, id, call);
    } catch (error) {
      this.#post({ type: "trapped", id, fault: messageOf(error) });
    }
  }

  /** Forgets a call that waits. One that has begun goes on. */
  cancel(id: number): void {
    const at = this.#waiters.findIndex((waiter) => waiter.id === id);
    if (at < 0) return;
    this.#waiters.splice(at, 1)[0]?.resume(undefined);
    this.#post({ type: "trapped", id, fault: "it was given up before it began" });
  }

  /** Resumes the guest that waits for `callout`. */
  reply(callout: number, reply: CalloutReply): void {
    this.#callouts.get(callout)?.(reply);
    this.#callouts.delete(callout);
  }

  async #serve(instance: GuestInstance, id: number, call: GuestCall): Promise<void> {
    instance.call = id;
    for (const meter of instance.meters) meter.reset();
    this.#enter(instance.number);
    try {
      const value = await instance.exports[call.interface]?.[call.function]?.(...call.args);
      this.#leave();
      this.#post({ type: "done", id, value }, ownBuffers(value));
      // Late, but it came to an end by itself; the next call would find the brake on.
      if (isBraked(instance)) this.#drop(instance.number, TOO_LONG);
      else this.#release(instance);
    } catch (error) {
      this.#leave();
      this.#ended(instance, id, error);
    }
  }

  /** A typed error leaves the instance as it was; any other means that it cannot be used again. */
  #ended(instance: GuestInstance, id: number, error: unknown): void {
    if (typeof error === "object" && error !== null && "payload" in error) {
      this.#release(instance);
      return this.#post({ type: "failed", id, failure: error.payload });
    }
    const fault = isBraked(instance) ? TOO_LONG : messageOf(error);
    this.#post({ type: "trapped", id, fault });
    this.#drop(instance.number, fault);
  }

  async #acquire(id: number): Promise<GuestInstance | undefined> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#alive < this.#capacity) return await this.#create();
    return await new Promise((resume) => this.#waiters.push({ id, resume }));
  }

  #release(instance: GuestInstance): void {
    instance.call = 0;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resume(instance);
    else this.#idle.push(instance);
  }

  #drop(number: number, fault: string): void {
    this.#alive--;
    this.#post({ type: "dropped", instance: number, fault });
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    this.#create().then(waiter.resume, (error) => {
      this.#post({ type: "trapped", id: waiter.id, fault: messageOf(error) });
      waiter.resume(undefined);
    });
  }

  async #create(): Promise<GuestInstance> {
    this.#alive++;
    const number = ++this.#made;
    const instance: GuestInstance = {
      number,
      call: 0,
      exports: {},
      brakes: [],
      meters: [],
      cores: new Map(),
    };
    try {
      instance.exports = await this.#instantiated(instance);
      this.#leave();
      return instance;
    } catch (error) {
      this.#leave();
      const fault = isBraked(instance) ? TOO_LONG : messageOf(error);
      this.#drop(instance.number, fault);
      throw new Error(fault, { cause: error });
    }
  }

  #instantiated(instance: GuestInstance): Promise<Exports> {
    if (this.#instantiate === undefined) throw new Error("a call came before the component");
    const imports = guestImports({
      callout: (name, args) => this.#callout(instance, name, args),
      settings: () => this.#settings,
      log: (level, message) => this.#post({ type: "log", level, message }),
    });
    // The glue makes its decoder before it first waits, so what is there after the call belongs to this instance.
    this.#meters = instance.meters;
    return this.#instantiate(
      (name) => this.#module(name),
      imports,
      (module, given) => this.#core(instance, module, given),
    );
  }

  /** What the glue takes for `TextDecoder`. */
  #meterOf(limit: number): new () => AnswerMeter {
    const admit = (meter: AnswerMeter) => this.#meters.push(meter);
    return class extends AnswerMeter {
      constructor() {
        super(limit);
        admit(this);
      }
    };
  }

  #module(name: string): WebAssembly.Module {
    const module = this.#modules[name];
    if (module === undefined) throw new Error(`the glue asks for ${name}, which is not there`);
    return module;
  }

  /** One core module. The host gets its brake before its start function, which stands apart, can run. */
  async #core(
    instance: GuestInstance,
    module: WebAssembly.Module,
    imports: WebAssembly.Imports | undefined,
  ): Promise<WebAssembly.Instance> {
    this.#count(instance, module);
    const core = await WebAssembly.instantiate(module, imports ?? {});
    const { __brake: brake, __start: start } = core.exports;
    if (brake instanceof WebAssembly.Memory && brake.buffer instanceof SharedArrayBuffer) {
      instance.brakes.push(new Int32Array(brake.buffer, 0, 1));
      this.#post({ type: "brake", instance: instance.number, memory: brake.buffer });
    }
    this.#enter(instance.number);
    if (typeof start === "function") start();
    return core;
  }

  /** A module gets the memory that it was allotted once: twice instantiated, it would have it twice. */
  #count(instance: GuestInstance, module: WebAssembly.Module): void {
    const made = (instance.cores.get(module) ?? 0) + 1;
    const named = Object.values(this.#modules).filter((each) => each === module).length;
    if (made > named) throw new Error("it instantiates one of its core modules more than once");
    instance.cores.set(module, made);
  }

  /** Suspends the guest until the host has answered. */
  #callout(instance: GuestInstance, name: string, args: readonly unknown[]): ReturnType<Callout> {
    const callout = ++this.#asked;
    this.#leave();
    this.#post({ type: "callout", callout, id: instance.call, instance: instance.number, name, args });
    return new Promise((resolve, reject) =>
      this.#callouts.set(callout, (reply) => {
        this.#enter(instance.number);
        if ("ok" in reply) resolve(reply.ok);
        else reject({ payload: reply.error });
      })
    );
  }

  #enter(number: number): void {
    Atomics.store(this.#control, CONTROL.running, number);
    Atomics.add(this.#control, CONTROL.beat, 1);
  }

  #leave(): void {
    this.#enter(0);
  }
}

function isBraked(instance: GuestInstance): boolean {
  return instance.brakes.some((brake) => Atomics.load(brake, 0) !== 0);
}

/** The buffer of an answer that is nothing but bytes: lifted for this one call, so it need not be copied again. */
function ownBuffers(value: unknown): Transferable[] {
  if (typeof value !== "object" || value === null || !("val" in value)) return [];
  const { val } = value;
  if (!(val instanceof Uint8Array) || val.byteLength !== val.buffer.byteLength) return [];
  return val.buffer instanceof ArrayBuffer ? [val.buffer] : [];
}
