/**
 * The webhook receiver of one daemon: where its secrets are, which mounts take deliveries, and what it tells of itself.
 *
 * @module
 */
import type { Bus } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { DaemonOptions, WebhookOptions } from "./control/options.ts";
import type { DeliveryDocument, WebhookDocument, WebhookTestDocument } from "./control/webhook_documents.ts";
import { bundledUnder } from "./daemon_credentials.ts";
import type { LoadedProviders } from "./daemon_providers.ts";
import {
  type CredentialSource,
  type Deliver,
  type DeliveryRecord,
  Webhooks,
  webhookSecrets,
} from "./egress/mod.ts";
import type { Provider, ProviderEvents } from "./provider/mod.ts";

/** Milliseconds between two events about requests that were not taken; `omnifs webhook deliveries` tells the others. */
const STRANGERS_PAUSE = 60_000;

/** What a receiver is made of beside the options. */
export interface ReceiverParts {
  /** The time. */
  readonly clock: Clock;
  /** Where refusals and failures go. */
  readonly log: Log;
  /** Finds the secrets that no file holds. */
  readonly credentials: CredentialSource;
  /** Does what a delivery asks for. */
  readonly deliver: Deliver;
  /** Is told of what came. */
  readonly bus: Bus;
}

/** The receiver that `options` ask for; it does not listen yet. Undefined where they ask for none. */
export function webhookReceiver(options: DaemonOptions, parts: ReceiverParts): Webhooks | undefined {
  const { webhook } = options;
  if (webhook === undefined) return undefined;
  const { clock, log, credentials, deliver, bus } = parts;
  const bundled = (mount: string) => bundledUnder(options, mount);
  return new Webhooks({
    address: { hostname: webhook.hostname, port: portOf(webhook) },
    secrets: webhookSecrets({ files: webhook.secretFiles, credentials, bundled, clock }),
    deliver,
    clock,
    log: log.scoped("webhook"),
    told: publisher(bus, clock),
  });
}

/** Publishes what was delivered, and of what strangers send no more than one a minute: the bus keeps the latest alone. */
function publisher(bus: Bus, clock: Clock): (record: DeliveryRecord) => void {
  let since = -Infinity;
  return ({ mount, event, id, verdict }) => {
    if (verdict !== "applied" && verdict !== "failed") {
      const now = clock.monotonic();
      if (now - since < STRANGERS_PAUSE) return;
      since = now;
    }
    bus.publish("webhook.delivery", { mount, event, id, verdict });
  };
}

/** The port; a free one for 0, which the thread that takes over from the first must know too. */
function portOf({ hostname, port }: WebhookOptions): number {
  if (port !== 0) return port;
  using listener = Deno.listen({ hostname, port });
  return listener.addr.port;
}

/**
 * Listens, for the mounts whose providers say that their upstream can deliver. A provider is asked for the watch
 * without a name, which stands for any; what it says of a watch that really runs counts from then on.
 *
 * @throws {OmnifsError} `unavailable` where the address cannot be had; `invalid` for a file of a mount that there is not
 */
export async function openWebhooks(
  webhooks: Webhooks,
  { ready, absent }: LoadedProviders,
  { webhook }: DaemonOptions,
  log: Log,
): Promise<void> {
  const mounts = [...ready.map(({ provider }) => provider.mount), ...absent.map(({ mount }) => mount)];
  const stray = webhook?.secretFiles.find(({ mount }) => mount !== undefined && !mounts.includes(mount));
  if (stray !== undefined) {
    throw new OmnifsError(
      "invalid",
      `--webhook-secret-file ${stray.mount}=…: nothing is mounted as ${stray.mount}`,
      {
        mend: `there are: ${mounts.toSorted().join(", ")}`,
      },
    );
  }
  await webhooks.open();
  if (!webhooks.isLoopback) {
    const { address } = webhooks;
    log.warn("others reach the webhook receiver: what is delivered is signed, and not encrypted", {
      address,
    });
  }
  await Promise.all(ready.map(async ({ provider }) => {
    try {
      await learning(provider, webhooks).sources("");
    } catch (error) {
      log.warn("a provider does not tell where its changes come from", {
        mount: provider.mount,
        reason: messageOf(error),
      });
    }
  }));
}

/** The events of `provider`; whenever it says that deliveries are a source, they are taken from then on. */
export function learning({ mount, events }: Provider, webhooks: Webhooks): ProviderEvents {
  return {
    async sources(watch, signal) {
      const sources = await events.sources(watch, signal);
      for (const source of sources) {
        if (source.tag === "webhook") await webhooks.admit(mount, source.verification);
      }
      return sources;
    },
    poll: (watch, cursor, since, signal) => events.poll(watch, cursor, since, signal),
    onEvent: (event, signal) => events.onEvent(event, signal),
    subscribe: (url, listener, signal) => events.subscribe(url, listener, signal),
  };
}

/** What `omnifs status` and `omnifs webhook` tell of the receiver and its mounts. */
export function webhookDocument(webhooks: Webhooks, { ready }: LoadedProviders): WebhookDocument {
  const providers = new Map(ready.map(({ provider }) => [provider.mount, provider.manifest.name]));
  return {
    address: webhooks.address,
    verdicts: webhooks.verdicts,
    routes: webhooks.routes.map(({ mount, source, problem, mend, ...known }) => ({
      ...known,
      mount,
      provider: providers.get(mount) ?? mount,
      path: `/hooks/${encodeURIComponent(mount)}`,
      source: source ?? null,
      ...(problem === undefined ? {} : { problem }),
      ...(mend === undefined ? {} : { mend }),
    })),
  };
}

/** The latest deliveries. @throws {OmnifsError} `unsupported` where there is no receiver */
export function deliveryDocuments(webhooks: Webhooks | undefined): readonly DeliveryDocument[] {
  return receiver(webhooks).deliveries;
}

/** Tests the receiver. @throws {OmnifsError} `unsupported` where there is none, `not-found` for a mount that takes nothing */
export async function webhookTest(
  webhooks: Webhooks | undefined,
  mount: string,
  signal: AbortSignal,
): Promise<WebhookTestDocument> {
  const { id, status, says, milliseconds, delivery } = await receiver(webhooks).test(mount, signal);
  return { mount, id, status: status ?? null, says, milliseconds, delivery: delivery ?? null };
}

function receiver(webhooks: Webhooks | undefined): Webhooks {
  if (webhooks !== undefined) return webhooks;
  throw new OmnifsError("unsupported", "this omnifs listens for no webhooks", {
    mend: "omnifs mount DIR --webhook-listen 127.0.0.1:9911",
  });
}
