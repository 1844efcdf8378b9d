/**
 * The messages between the host and the egress thread.
 *
 * @module
 */
import type { Callout, Need } from "./callout.ts";
import type { Server } from "./dns_socket.ts";
import type { GateLimits } from "./gate.ts";
import type { GrantFlags } from "./grant.ts";
import type { FromStreams, ToStreams } from "./stream_protocol.ts";
import type { Settled } from "./trace.ts";
import type { FromReceiver, ToReceiver } from "./webhook_protocol.ts";

/** From the host. */
export type ToEgress =
  /** The first message, and the only one of its kind. */
  | {
    readonly type: "start";
    readonly grants: GrantFlags;
    readonly limits: Partial<GateLimits>;
    /** True where a thread before this one may have sent requests just now. */
    readonly quiet: boolean;
    /** The system's DNS servers. */
    readonly nameservers: readonly Server[];
  }
  /** A mount's needs, and the secrets that they name, in place of those before; answered by `admitted`. */
  | {
    readonly type: "admit";
    readonly id: number;
    readonly mount: string;
    readonly needs: readonly Need[];
    readonly secrets: readonly NamedSecret[];
  }
  /** Answered by `settled`. */
  | { readonly type: "send"; readonly id: number; readonly callout: Callout }
  /** About streams. */
  | ToStreams
  /** Nobody waits for `id` any more. */
  | { readonly type: "abort"; readonly id: number }
  /** About webhooks. */
  | ToReceiver
  /** Answered by `closed`; nothing follows. */
  | { readonly type: "close" };

/** From the egress thread. */
export type FromEgress =
  /** `changed` where a secret differs from the one before. */
  | { readonly type: "admitted"; readonly id: number; readonly changed: boolean; readonly error?: AdmitError }
  | { readonly type: "settled"; readonly id: number; readonly settled: Settled }
  /** About streams. */
  | FromStreams
  /** About webhooks. */
  | FromReceiver
  | { readonly type: "closed" }
  /** Its last words, without a secret: something was thrown that nobody caught. */
  | { readonly type: "died"; readonly reason: string };

/** A secret for one target of a mount; empty where there is none. */
export interface NamedSecret {
  /** The credential's name. */
  readonly name: string;
  /** The target of the need that names it. */
  readonly target: string;
  /** The secret itself. */
  readonly secret: string;
}

/** Why a mount was not admitted; holds no secret. */
export interface AdmitError {
  /** What and why. */
  readonly message: string;
  /** What to change. */
  readonly mend: string | undefined;
}
