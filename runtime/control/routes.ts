/**
 * What can be asked of a daemon, as a table: method and path, then how the answer is made.
 *
 * @module
 */
import { type Clock, sleep } from "../base/clock.ts";
import { OmnifsError } from "../base/errors.ts";
import { answerPacker } from "./packer.ts";
import type { Backend } from "./protocol.ts";

/** One question, its parameters read and checked. */
export interface Question {
  /** Query parameters. */
  readonly parameters: URLSearchParams;
  /** Aborted when the asker goes away, the time is over or the server closes. */
  readonly signal: AbortSignal;
}

/** How a route answers: with one document, with text, with JSON lines as they come, or with bytes as they come. */
export type Route =
  | { readonly shape: "document"; answer(backend: Backend, question: Question): unknown }
  | { readonly shape: "text"; answer(backend: Backend, question: Question): Promise<string> }
  | { readonly shape: "lines"; answer(backend: Backend, question: Question): AsyncIterable<unknown> }
  | { readonly shape: "bytes"; answer(backend: Backend, question: Question): AsyncIterable<Uint8Array> };

/** Longest path in the tree that is taken, in UTF-16 units: four times `PATH_MAX` of `linux/limits.h`. */
const PATH_LIMIT = 4 * 4096;

/** Milliseconds between two looks for new events; they are published in batches anyway. */
const EVENT_PAUSE = 20;

/** Every route. */
export function routes(clock: Clock): Readonly<Record<string, Route>> {
  return {
    "GET /v1/status": { shape: "document", answer: (backend) => backend.status() },
    "GET /metrics": { shape: "text", answer: (backend) => backend.metrics() },
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

/** The `path` parameter. @throws {OmnifsError} `invalid` where it is missing or too long */
function pathOf(question: Question): string {
  const path = parameterOf(question.parameters, "path");
  if (path.length > PATH_LIMIT) throw new OmnifsError("invalid", "the path is too long");
  return path;
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
