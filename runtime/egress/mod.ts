/**
 * The capability boundary: grants, credentials, and the gate that is the only way to the network.
 *
 * @module
 */
import type { Bus } from "../base/bus.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Gate, Need } from "./callout.ts";
import type { Server } from "./dns_socket.ts";
import { systemNameservers } from "./dns_system.ts";
import { Egress } from "./egress.ts";
import type { CredentialSource } from "./credential_sources.ts";
import type { GateLimits } from "./gate.ts";
import type { Grants } from "./grant.ts";
import type { AllCounts, CalloutError, EgressDescription } from "./ledger.ts";
import type { Webhooks } from "./webhooks.ts";

export { accountOf, serviceOf } from "./account.ts";
export { askHelper } from "./credential_helper.ts";
export { type CredentialChoice, type CredentialSource, CredentialSources } from "./credential_sources.ts";
export { CredentialStore, type StoredCredential } from "./credential_store.ts";
export { Egress } from "./egress.ts";
export { sendable, SERVICES } from "./credentials.ts";
export { deviceToken } from "./device_flow.ts";
export { Keyrings } from "./keyring.ts";
export { OwnClient, targetOf } from "./own_client.ts";
export { denoNetScopes, workerPermissions } from "./scopes.ts";
export { type GrantFlags, Grants, parseGrants } from "./grant.ts";
export { DEFAULT_LIMITS, type GateLimits } from "./gate.ts";
export type {
  AllCounts,
  CalloutError,
  CredentialStatus,
  EgressCounts,
  EgressDescription,
  NeedStatus,
} from "./ledger.ts";
export type { Deliver, DeliveryOutcome, Verification, WebhookDelivery } from "./webhook.ts";
export type { DeliveryRecord } from "./webhook_log.ts";
export { Webhooks } from "./webhooks.ts";
export { webhookSecrets } from "./webhook_secrets.ts";

/** What a gate is made of. */
export interface GateOptions {
  /** What the user granted. */
  readonly grants: Grants;
  /** Finds credentials; asked at each admission, and not kept. */
  readonly credentials: CredentialSource;
  /** The time. */
  readonly clock: Clock;
  /** Gets `callout.done` and `callout.denied`. */
  readonly bus?: Bus;
  /** Gets refusals and failures. */
  readonly log?: Log;
  /** The system's DNS servers; those of /etc/resolv.conf unless told. */
  readonly nameservers?: readonly Server[];
  /** Limits that differ from {@linkcode DEFAULT_LIMITS}. */
  readonly limits?: Partial<GateLimits>;
  /** Takes what is delivered to the webhook receiver; without it nothing is listened to. */
  readonly webhooks?: Webhooks;
}

/** A gate together with what it can tell of itself. */
export interface ObservableGate extends Gate {
  /** The totals until now. */
  readonly counts: AllCounts;
  /** The latest failures, oldest first. */
  readonly lastErrors: readonly CalloutError[];
  /** For `omnifs status`. */
  describe(): EgressDescription;
  /** Says what is going to be admitted, so that the thread is started once, with the scopes for all of it. */
  expect(needs: readonly Need[]): void;
  /** Asks for every credential anew; answers the mounts for which one changed. */
  reload(): Promise<string[]>;
  /** Ends every callout under way as `connection`, and closes every connection. */
  close(): Promise<void>;
}

/**
 * Starts the gate in a thread of its own, which alone may reach the network. Once every provider is admitted the
 * caller may give up its own `net` permission, having asked for a spare. Rejects where Deno refuses the thread's permissions.
 */
export async function startEgress(options: GateOptions): Promise<Egress> {
  return new Egress({ ...options, nameservers: options.nameservers ?? await systemNameservers() });
}
