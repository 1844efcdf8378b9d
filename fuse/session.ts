/**
 * The protocol without any I/O: a request's frame goes in, a reply's frame comes out.
 *
 * @module
 */
import { Call } from "./call.ts";
import { IN_HEADER, MAX_TRANSFER } from "./constants.ts";
import { Cursor } from "./cursor.ts";
import { ERRNO } from "./errno.ts";
import type { Answer, Entry, Errno, FileSystem } from "./filesystem.ts";
import type { InitAnswer } from "./init.ts";
import { Locks } from "./locks.ts";
import { operationOf, OPERATIONS } from "./opcodes.ts";
import { type Desk, DONE, type Operation } from "./operation.ts";
import { type Change, isNamed, partOf } from "./scene.ts";
import { Reply } from "./wire.ts";

/** How a session reaches the outside. */
export interface SessionOptions {
  /**
   * Delivers a reply that was not there at once. The frame is valid during the call only. False where the
   * kernel did not take it; then the lookups that it carries are forgotten.
   */
  readonly send: (reply: Uint8Array<ArrayBuffer>) => boolean;
  /** Hears what the file system threw, with the operation's name; the caller gets EIO. */
  readonly onError?: (error: unknown, operation: string) => void;
  /** True for a thread of this process. Nobody else takes part in a scene. */
  readonly isOwnThread?: (tid: number) => boolean;
}

/** `FUSE_LOOKUP` and `FUSE_GETATTR`: what a part in a scene may be answered as. */
const LOOKUP_CODE = 1;
const GETATTR_CODE = 3;

/** What the file system answered at once, in the terms of the session. */
type Outcome = Answer<unknown>;

/** One mount's conversation with the kernel. */
export class Session {
  readonly #filesystem: FileSystem;
  readonly #options: SessionOptions;
  readonly #body = new Cursor();
  readonly #now = new Reply(MAX_TRANSFER);
  readonly #later = new Reply(MAX_TRANSFER);
  readonly #counts = new Map<string, number>();
  readonly #pending = new Map<bigint, Call>();
  readonly #locks = new Locks();
  readonly #desk: Desk;
  #call = new Call();
  #change: Change | undefined;
  #agreed: InitAnswer | undefined;
  #ended = false;

  /** A session in which `filesystem` answers. */
  constructor(filesystem: FileSystem, options: SessionOptions) {
    this.#filesystem = filesystem;
    this.#options = options;
    this.#desk = this.#makeDesk();
  }

  /** What INIT agreed on; `undefined` before it. */
  get agreed(): InitAnswer | undefined {
    return this.#agreed;
  }

  /** How many requests wait for their answers. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Resolves when no request that waits now for its answer holds a lock of `nodeid`; undefined where none does. */
  quiet(nodeid: number): Promise<unknown> | undefined {
    return this.#locks.quiet(nodeid);
  }

  /** How many requests came, by the operation's name. */
  counters(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /**
   * Takes one request and answers it where the file system does at once; never throws.
   *
   * @returns the reply, on a buffer that is valid until the next call; `undefined` where there is none,
   * or none yet
   */
  handle(frame: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (frame.length < IN_HEADER) return undefined;
    const call = this.#call;
    const body = this.#body;
    body.start(frame);
    call.begin(body);
    const operation = operationOf(call.code);
    this.#counts.set(operation.name, (this.#counts.get(operation.name) ?? 0) + 1);
    if (this.#change !== undefined && this.#options.isOwnThread?.(call.pid)) {
      return this.#play(this.#change, operation, call, body, frame.length);
    }
    const outcome = this.#onStage(operation, call, this.#perform(operation, call, body, frame.length));
    if (outcome instanceof Promise) return this.#defer(operation, call, outcome);
    if (call.watched) this.#call = new Call();
    return this.#answer(operation, call, outcome, this.#now);
  }

  /** From now on threads of this process are answered as if `change` took place; as anybody where it is undefined. */
  stage(change: Change | undefined): void {
    this.#change = change;
  }

  /** The mount ends: whoever waits is told, and the file system is destroyed. May be called again. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const call of this.#pending.values()) call.abort();
    this.#pending.clear();
    this.#locks.freeAll();
    this.#guard("DESTROY", () => this.#filesystem.destroy());
  }

  #makeDesk(): Desk {
    const agreed = () => this.#agreed;
    return {
      filesystem: this.#filesystem,
      reply: this.#now,
      get agreed() {
        return agreed();
      },
      agree: (answer) => {
        if (answer.settled) this.#agreed = answer;
      },
      interrupt: (unique) => this.#interrupt(unique),
      destroy: () => this.close(),
    };
  }

  #perform(
    operation: Operation<unknown>,
    call: Call,
    body: Cursor,
    length: number,
    ask = () => operation.ask(this.#desk, call, body),
  ): Outcome {
    if (call.length !== length) return ERRNO.EIO;
    if (body.left < operation.body) return ERRNO.EINVAL;
    try {
      operation.decode(call, body);
      return body.bad ? ERRNO.EINVAL : ask();
    } catch (error) {
      return this.#failed(error, operation.name);
    }
  }

  /** What is told of a name on stage is for this once: a call of our own is to be asked about, and not found done. */
  #onStage(operation: Operation<unknown>, call: Call, outcome: Outcome): Outcome {
    const change = this.#change;
    if (change === undefined || operation.code !== LOOKUP_CODE) return outcome;
    if (!isNamed(change, call.nodeid, call.name)) return outcome;
    const once = (answer: unknown) =>
      typeof answer === "number" ? answer : { ...answer as Entry, entryTimeout: 0 };
    return outcome instanceof Promise ? outcome.then(once) : once(outcome);
  }

  /** Answers a thread of our own, which waits for nobody: what is not at hand fails. */
  #play(
    change: Change,
    operation: Operation<unknown>,
    call: Call,
    body: Cursor,
    length: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    let played = operation;
    const outcome = this.#perform(operation, call, body, length, () => {
      const part = partOf(change, operation.name, call, this.#filesystem);
      if (part === undefined) return operation.ask(this.#desk, call, body);
      if (part.as === "done") return DONE;
      played = part.as === "LOOKUP" ? operationOf(LOOKUP_CODE) : operationOf(GETATTR_CODE);
      return part.answer;
    });
    if (!(outcome instanceof Promise)) {
      if (call.watched) this.#call = new Call();
      return this.#answer(played, call, outcome, this.#now);
    }
    this.#call = new Call();
    outcome.then((late) => this.#drop(played, call, late), (error) => this.#failed(error, played.name));
    call.abort();
    return this.#answer(operation, call, ERRNO.EIO, this.#now);
  }

  /** The reply to an answer that is no promise. */
  #answer(
    operation: Operation<unknown>,
    call: Call,
    outcome: unknown,
    reply: Reply,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (!operation.replies) return undefined;
    const errno = this.#encode(operation, call, outcome, reply);
    if (errno !== 0) this.#drop(operation, call, outcome);
    return reply.frame(call.unique, errno);
  }

  /** Writes the body; the errno where there is none. */
  #encode(operation: Operation<unknown>, call: Call, outcome: unknown, reply: Reply): Errno {
    if (typeof outcome === "number") return this.#legalErrno(outcome, operation.name);
    reply.size = 0;
    try {
      operation.encode(reply, outcome, call);
      return 0;
    } catch (error) {
      return this.#failed(error, operation.name);
    }
  }

  /** The kernel takes 1 to 511 (`fuse_dev_do_write` in `fs/fuse/dev.c`) and leaves the caller hanging otherwise. */
  #legalErrno(errno: number, operation: string): Errno {
    if (Number.isInteger(errno) && errno > 0 && errno < 512) return errno;
    return this.#failed(new RangeError(`${operation}: ${errno} is no errno`), operation);
  }

  #defer(operation: Operation<unknown>, call: Call, outcome: Promise<unknown>): undefined {
    this.#call = new Call();
    this.#pending.set(call.unique, call);
    if (operation.locks) this.#locks.take(call.nodeid, call.unique);
    outcome.then(
      (value) => this.#settle(operation, call, value),
      (error) => this.#settle(operation, call, this.#failed(error, operation.name)),
    );
  }

  /** Delivers what came later, unless nobody waits for it any more. */
  #settle(operation: Operation<unknown>, call: Call, outcome: unknown): void {
    if (this.#ended) return;
    const wanted = this.#pending.get(call.unique) === call;
    if (wanted) this.#pending.delete(call.unique);
    const delivered = wanted && this.#deliver(operation, call, outcome);
    this.#locks.free(call.unique);
    if (!delivered) this.#drop(operation, call, outcome);
  }

  /** False where the kernel did not take the reply. */
  #deliver(operation: Operation<unknown>, call: Call, outcome: unknown): boolean {
    const reply = this.#answer(operation, call, outcome, this.#later);
    return reply === undefined || this.#options.send(reply);
  }

  /** Answers EINTR at once. A request that is not known was answered already: there is nothing to do. */
  #interrupt(unique: bigint): void {
    const call = this.#pending.get(unique);
    if (call === undefined) return;
    this.#pending.delete(unique);
    this.#options.send(this.#later.frame(unique, ERRNO.EINTR));
    this.#locks.free(unique);
    call.abort();
  }

  /** Takes back the lookups that the file system counted for an answer which the kernel does not get. */
  #drop(operation: Operation<unknown>, call: Call, outcome: unknown): void {
    const counted = call.lines?.counted.splice(0) ?? [];
    this.#guard(operation.name, () => {
      for (const nodeid of counted) this.#filesystem.forget(nodeid, 1);
      if (typeof outcome !== "number") operation.drop(this.#filesystem, outcome);
    });
  }

  #guard(operation: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed(error, operation);
    }
  }

  #failed(error: unknown, operation: string): Errno {
    this.#options.onError?.(error, operation);
    return ERRNO.EIO;
  }
}

/** The names that {@linkcode Session.counters} may have. */
export const OPERATION_NAMES: readonly string[] = OPERATIONS.map((operation) => operation.name);
