/**
 * The messages between the host and the egress thread.
 *
 * @module
 */
import type { Callout, Need } from "./callout.ts";
import type { GateLimits, Settled } from "./gate.ts";
import type { GrantFlags } from "./grant.ts";

/** From the host. */
export type ToEgress =
  /** The first message, and the only one of its kind. */
  | {
    readonly type: "start";
    readonly grants: GrantFlags;
    readonly limits: Partial<GateLimits>;
    /** True where a thread before this one may have sent requests just now. */
    readonly quiet: boolean;
  }
  /** A mount's needs, and the secrets that they name; answered by `admitted`. */
  | {
    readonly type: "admit";
    readonly id: number;
    readonly mount: string;
    readonly needs: readonly Need[];
    readonly secrets: readonly (readonly [name: string, secret: string])[];
  }
  /** Answered by `settled`. */
  | { readonly type: "send"; readonly id: number; readonly callout: Callout }
  /** Nobody waits for `id` any more. */
  | { readonly type: "abort"; readonly id: number }
  /** Answered by `closed`; nothing follows. */
  | { readonly type: "close" };

/** From the egress thread. */
export type FromEgress =
  | { readonly type: "admitted"; readonly id: number; readonly error?: AdmitError }
  | { readonly type: "settled"; readonly id: number; readonly settled: Settled }
  | { readonly type: "closed" };

/** Why a mount was not admitted; holds no secret. */
export interface AdmitError {
  /** What and why. */
  readonly message: string;
  /** What to change. */
  readonly mend: string | undefined;
}
