/**
 * What an operation of the kernel is, and the few kinds that most of them are of.
 *
 * An operation is four small steps: read the body into the call, ask the file system, write the answer,
 * and take back what was counted where the answer cannot be delivered.
 *
 * @module
 */
import type { Call } from "./call.ts";
import type { Cursor } from "./cursor.ts";
import { ERRNO } from "./errno.ts";
import type { Answer, Errno, FileSystem } from "./filesystem.ts";
import type { InitAnswer } from "./init.ts";
import type { Reply } from "./wire.ts";

/** What an operation may use of the session that performs it. */
export interface Desk {
  /** Who answers. */
  readonly filesystem: FileSystem;
  /** The buffer of the reply that is made now. */
  readonly reply: Reply;
  /** What INIT agreed on; `undefined` before it. */
  readonly agreed: InitAnswer | undefined;
  /** Keeps what INIT agreed on. */
  agree(answer: InitAnswer): void;
  /** Ends a request that waits for its answer. */
  interrupt(unique: bigint): void;
  /** Tells the file system that the mount ends. */
  destroy(): void;
}

/** One operation of the kernel. `Value` is what the file system answers when it does not fail. */
export interface Operation<Value> {
  /** Its number in `enum fuse_opcode`. */
  readonly code: number;
  /** Its name there, without `FUSE_`. */
  readonly name: string;
  /** Bytes that must follow the header. */
  readonly body: number;
  /** False for those that the kernel expects no reply to. */
  readonly replies: boolean;
  /** True where the kernel holds a lock of the node, or of its pages, until there is an answer. */
  readonly locks: boolean;
  /** Reads the body. */
  decode(call: Call, body: Cursor): void;
  /** Asks for the answer. `body` may be read before the first promise only. */
  ask(desk: Desk, call: Call, body: Cursor): Answer<Value>;
  /** Writes the answer. */
  encode(reply: Reply, value: Value, call: Call): void;
  /** Takes back what the answer counted, since the kernel never gets it. */
  drop(filesystem: FileSystem, value: Value): void;
}

/** The answer of an operation that has nothing to say but "done". */
export const DONE: object = {};
const nothing = () => {};

/** An operation with defaults for the steps that it does not have. */
export function operation<Value>(
  code: number,
  name: string,
  body: number,
  steps: Pick<Operation<Value>, "ask"> & Partial<Operation<Value>>,
): Operation<Value> {
  return {
    code,
    name,
    body,
    replies: true,
    locks: false,
    decode: nothing,
    encode: nothing,
    drop: nothing,
    ...steps,
  };
}

/** An operation that is always answered with `errno`. */
export function refused(errno: Errno, code: number, name: string, body: number): Operation<unknown> {
  return operation<unknown>(code, name, body, { ask: () => errno });
}

/** One that would change the tree. */
export function changing(code: number, name: string, body: number): Operation<unknown> {
  return refused(ERRNO.EROFS, code, name, body);
}

/** One that the kernel can do without: after the first ENOSYS it asks no more, or helps itself. */
export function absent(code: number, name: string, body: number): Operation<unknown> {
  return refused(ERRNO.ENOSYS, code, name, body);
}

/** "Done" in place of errno 0. */
export function done(answer: Answer<Errno>): Answer<object> {
  if (typeof answer === "number") return answer === 0 ? DONE : answer;
  return answer.then((errno) => errno === 0 ? DONE : errno);
}
