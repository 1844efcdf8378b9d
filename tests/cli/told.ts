/**
 * A daemon that says what a test wants, and a shell before it.
 *
 * @module
 */
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import type { Backend, StatusDocument } from "../../runtime/control/protocol.ts";
import type { DeliveryDocument, WebhookRouteDocument } from "../../runtime/control/webhook_documents.ts";
import { serveControl } from "../../runtime/control/server.ts";
import { type FakeBackend, fakeBackend } from "../control/fake_backend.ts";
import { type Place, place } from "./fixture.ts";

/** When all of it happens, in milliseconds since the Unix epoch. */
const START = Date.UTC(2026, 0, 1, 12);

/** A route that works. */
export const GITHUB: WebhookRouteDocument = {
  mount: "github",
  provider: "github",
  path: "/hooks/github",
  verification: "hub-signature256",
  source: "/etc/omnifs/webhook",
  secrets: 2,
};

/** A route without a secret. */
const LINEAR: WebhookRouteDocument = {
  mount: "linear",
  provider: "linear",
  path: "/hooks/linear",
  verification: "linear-signature",
  source: null,
  secrets: 0,
  problem: "no secret: LINEAR_WEBHOOK_SECRET is not set",
  mend: "--webhook-secret-file linear=FILE, or set LINEAR_WEBHOOK_SECRET",
};

/** What came, the latest first. */
export const DELIVERIES: readonly DeliveryDocument[] = [
  {
    time: START + 3_000,
    mount: "github",
    event: "issues\x1b[2J",
    id: "forged",
    bytes: 0,
    verdict: "signature",
    invalidations: null,
    milliseconds: null,
  },
  {
    time: START + 2_000,
    mount: "linear",
    event: "Issue",
    id: "id-2",
    bytes: 10,
    verdict: "failed",
    invalidations: null,
    milliseconds: null,
    reason: "the provider broke down",
  },
  {
    time: START + 1_000,
    mount: "github",
    event: "issues",
    id: "id-1",
    bytes: 100,
    verdict: "applied",
    invalidations: 2,
    milliseconds: 3.25,
  },
];

/** How the daemon fares. */
export const STATUS: Partial<StatusDocument> = {
  dir: "/mnt/omnifs",
  startedAt: START,
  uptimeMilliseconds: 3_600_000,
  origins: [{ key: "allow-net", from: "/home/ada/.config/omnifs/config.toml:3:1" }],
  drafts: { drafts: 2, changes: 5, partial: ["my-fix"] },
  changes: {
    watches: {
      alive: 3,
      lost: 1,
      sources: [
        {
          mount: "github",
          source: "poll",
          watches: 3,
          up: 2,
          lastWord: START + 3_590_000,
          oldestWord: START + 3_500_000,
        },
        { mount: "github", source: "webhook", watches: 3, up: 3, lastWord: null, oldestWord: null },
      ],
      troubles: [{
        mount: "docker",
        watch: "docker",
        state: "lost",
        since: START,
        confirmedAt: START,
        trouble: "the stream broke",
      }],
    },
    heard: [
      { mount: "github", source: "webhook", events: 5, invalidations: 9 },
      { mount: "github", source: "poll", events: 2, invalidations: 1 },
    ],
    latency: { count: 7, sum: 20, p50: 2, p99: 8, max: 9, buckets: [] },
  },
  webhook: { address: "127.0.0.1:9911", routes: [GITHUB, LINEAR], verdicts: [] },
};

/** Serves `backend` in `here`, until it is disposed of. */
export async function served(here: Place, backend: Backend): Promise<AsyncDisposable> {
  const log = new Log(systemClock, () => {}, "error");
  const socketPath = `${here.runtimeDir}/fake.sock`;
  const server = await serveControl(backend, { socketPath, clock: systemClock, log });
  return { [Symbol.asyncDispose]: () => server.close() };
}

/** Calls `work` with a place where such a daemon runs. */
export async function told(
  work: (here: Place, backend: FakeBackend) => Promise<void>,
  changes: Partial<Backend> = {},
  status: Partial<StatusDocument> = STATUS,
): Promise<void> {
  await using here = await place();
  const backend = { ...fakeBackend(status), deliveries: () => DELIVERIES, ...changes };
  await using _daemon = await served(here, backend);
  await work(here, backend);
}
