/**
 * The messages between the host and the worker of one provider.
 *
 * @module
 */
import type { Level } from "../base/log.ts";

/** Cells of the shared control block, of 32 bits each. */
export const CONTROL = {
  /** Counts every entry into the guest and every return from it. */
  beat: 0,
  /** The number of the instance in which the guest computes; 0 where none does. */
  running: 1,
} as const;

/** To the worker. */
export type ToGuest =
  /** Evaluate the glue, make the first instance. */
  | {
    readonly type: "start";
    readonly script: string;
    readonly modules: Readonly<Record<string, WebAssembly.Module>>;
    readonly settings: string;
    readonly instances: number;
    /** Bytes that one call may hand over. */
    readonly answerBytes: number;
    /** {@linkcode CONTROL}. */
    readonly control: SharedArrayBuffer;
  }
  /** What `settings.get` answers from now on. */
  | { readonly type: "settings"; readonly settings: string }
  /** Call `interface.function`. */
  | { readonly type: "call"; readonly id: number; readonly call: GuestCall }
  /** Nobody waits for this call any more; forget it if it has not begun. */
  | { readonly type: "cancel"; readonly id: number }
  /** What a callout came to: a value, or the payload of the error case of its result. */
  | { readonly type: "reply"; readonly callout: number; readonly result: CalloutReply };

/** A function of the component and its arguments. */
export interface GuestCall {
  /** The interface, such as `provider`. */
  readonly interface: string;
  /** The function in camel case, such as `lookupChild`. */
  readonly function: string;
  /** Its arguments, as jco lowers them. */
  readonly args: readonly unknown[];
}

/** The answer to a callout. */
export type CalloutReply = { readonly ok: unknown } | { readonly error: unknown };

/** From the worker. */
export type FromGuest =
  /** The first instance is there. */
  | { readonly type: "ready" }
  /** There is no instance, and there will be none. */
  | { readonly type: "broken"; readonly fault: string }
  /** A core module of an instance, about to run: set the first 32 bits to stop it. */
  | { readonly type: "brake"; readonly instance: number; readonly memory: SharedArrayBuffer }
  /** The instance is gone. */
  | { readonly type: "dropped"; readonly instance: number; readonly fault: string }
  /** The call came to a value. */
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  /** The call came to a case of `provider-error`. */
  | { readonly type: "failed"; readonly id: number; readonly failure: unknown }
  /** The guest trapped: the call has no answer. */
  | { readonly type: "trapped"; readonly id: number; readonly fault: string }
  /** The guest asks the host for something, on behalf of the call `id` (0 for none). */
  | {
    readonly type: "callout";
    readonly callout: number;
    readonly id: number;
    /** The instance that waits. */
    readonly instance: number;
    /** Such as `http.fetch`. */
    readonly name: string;
    readonly args: readonly unknown[];
  }
  /** A line for the operator. */
  | { readonly type: "log"; readonly level: Level; readonly message: string };
