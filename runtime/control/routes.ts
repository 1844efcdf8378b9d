/**
 * What can be asked of a daemon, as a table: method and path, then how the answer is made.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { DRAFT_ROUTES } from "./draft_routes.ts";
import { INSPECT_EVERY } from "./inspect_documents.ts";
import { answerPacker } from "./packer.ts";
import type { Backend } from "./protocol.ts";
import { pathOf, type Question, type Route } from "./question.ts";

/** Milliseconds between two looks for new events; they are published in batches anyway. */
const EVENT_PAUSE = 20;

/** Every route. */
export function routes(clock: Clock): Readonly<Record<string, Route>> {
  return {
    ...DRAFT_ROUTES,
    "GET /v1/status": { shape: "document", answer: (backend) => backend.status() },
    "GET /metrics": { shape: "text", answer: (backend) => backend.metrics() },
    "GET /v1/inspect": {
      shape: "lines",
      answer: (backend, question) => inspect(backend, question, clock),
    },
    "GET /v1/stat": {
      shape: "lines",
      async *answer(backend, question) {
        yield await backend.stat(pathOf(question), question.signal);
      },
    },
    "GET /v1/list": {
      shape: "lines",
      answer: (backend, question) => backend.list(pathOf(question), question.signal),
    },
    "GET /v1/read": {
      shape: "bytes",
      answer: (backend, question) => backend.read(pathOf(question), question.signal),
    },
    "POST /v1/drop": {
      shape: "document",
      answer: (backend, question) =>
        backend.drop(question.parameters.has("path") ? pathOf(question) : undefined),
    },
    "POST /v1/credentials/reload": { shape: "document", answer: (backend) => backend.reloadCredentials() },
    "POST /v1/mounts": {
      shape: "document",
      async answer(backend, { parameters }) {
        const shows = parameters.getAll("show");
        await backend.mount(parameterOf(parameters, "dir"), shows.length > 0 ? shows : null);
        return backend.status();
      },
    },
    "POST /v1/mounts/end": {
      shape: "document",
      async answer(backend, { parameters }) {
        await backend.unmount(parameterOf(parameters, "dir"), parameters.has("force"));
        return backend.status();
      },
    },
    "GET /v1/webhook/deliveries": { shape: "document", answer: (backend) => backend.deliveries() },
    "POST /v1/webhook/test": {
      shape: "document",
      answer: (backend, question) =>
        backend.testWebhook(parameterOf(question.parameters, "mount"), question.signal),
    },
    "POST /v1/packer": {
      shape: "document",
      answer: (backend, { parameters }) =>
        answerPacker(
          backend.packer(parameterOf(parameters, "workspace")),
          parameterOf(parameters, "ask"),
          parameterOf(parameters, "request"),
        ),
    },
    "GET /v1/events": {
      shape: "lines",
      answer: (backend, question) => events(backend, question, clock),
    },
  };
}

/** One parameter. @throws {OmnifsError} `invalid` where it is missing */
function parameterOf(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value === null) throw new OmnifsError("invalid", `the parameter ${name} is missing`);
  return value;
}

/** The kept events, and with `follow` those to come until the asker goes away. */
async function* events(backend: Backend, question: Question, clock: Clock): AsyncGenerator<unknown> {
  let seen = Number(question.parameters.get("since") ?? 0);
  if (!Number.isSafeInteger(seen)) throw new OmnifsError("invalid", "the parameter since is not a number");
  const follow = question.parameters.has("follow");
  for (;;) {
    for (const event of backend.events(seen)) {
      seen = event.sequence;
      yield event;
    }
    if (!follow || question.signal.aborted) return;
    await published(backend, seen, question.signal);
    await sleep(clock, EVENT_PAUSE, question.signal).catch(() => {});
  }
}

/** A document now, and with `follow` one after the other. Nothing is made ahead: a slow asker gets fewer of them. */
async function* inspect(backend: Backend, { parameters, signal }: Question, clock: Clock) {
  const follow = parameters.has("follow");
  const looking = backend.inspect();
  try {
    for (;;) {
      yield looking.take();
      if (!follow) return;
      await sleep(clock, INSPECT_EVERY, signal).catch(() => {});
      if (signal.aborted) return;
    }
  } finally {
    looking.close();
  }
}

/** Resolves once there is an event after `seen`, or nobody asks any more. */
function published(backend: Backend, seen: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || backend.events(seen).length > 0) return resolve();
    const stop = () => {
      unlisten();
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const unlisten = backend.listen(stop);
    signal.addEventListener("abort", stop);
  });
}
