/**
 * Asks a running omnifs through its control socket.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { BusEvent } from "../base/bus.ts";
import { OmnifsError } from "../base/errors.ts";
import type { PackerAsk, PackerCalls } from "../base/packer.ts";
import type {
  ApplyAsked,
  ApplyDocument,
  DraftDocument,
  DraftTarget,
  FileDiffDocument,
  LeftDocument,
  ProgressDocument,
  RebasedDocument,
} from "./drafts.ts";
import type { InspectDocument } from "./inspect_documents.ts";
import { trustSocket } from "./places.ts";
import {
  type DropDocument,
  errorFrom,
  PROTOCOL,
  type ReloadDocument,
  type StatusDocument,
  type TreeEntry,
} from "./protocol.ts";
import type { DeliveryDocument, WebhookTestDocument } from "./webhook_documents.ts";
import { fromFrames, fromLines, PIECE_MAX } from "./stream.ts";

/** There is nobody to ask. */
export class NoDaemonError extends OmnifsError {
  /** Nobody serves `what`, a directory or a socket; nobody at all where it is undefined. */
  constructor(what: string | undefined, mend = "omnifs mount DIR, or omnifs demo") {
    super("unavailable", what === undefined ? "no omnifs is running" : `no omnifs serves ${what}`, { mend });
    this.name = "NoDaemonError";
  }
}

/** Speaks with one daemon. Every method rejects with {@linkcode NoDaemonError} where it is gone. */
export class ControlClient {
  readonly #socketPath: string;

  /** Asks at `socketPath`; nothing is sent yet. */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The state of everything. */
  async status(signal?: AbortSignal): Promise<StatusDocument> {
    // The protocol number has been compared, so the document has the shape of this version.
    return await this.#document("GET", "/v1/status", signal) as StatusDocument;
  }

  /** The figures in the text format of Prometheus. */
  async metrics(signal?: AbortSignal): Promise<string> {
    return await textOf(await this.#send("GET", "/metrics", signal));
  }

  /** What happens, once a second, without an end: the daemon notes it only while somebody asks. */
  inspect(signal?: AbortSignal): AsyncGenerator<InspectDocument> {
    return this.#lines("/v1/inspect?follow", signal);
  }

  /** One object of the tree. */
  async stat(path: string, signal?: AbortSignal): Promise<TreeEntry> {
    for await (const entry of this.#lines<TreeEntry>(`/v1/stat?path=${encodeURIComponent(path)}`, signal)) {
      return entry;
    }
    throw new OmnifsError("internal", "the daemon gave no answer", { path });
  }

  /** The children of a directory as they come. */
  list(path: string, signal?: AbortSignal): AsyncGenerator<TreeEntry> {
    return this.#lines(`/v1/list?path=${encodeURIComponent(path)}`, signal);
  }

  /** The bytes of a file as they come. */
  async *read(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* fromFrames(await this.#send("GET", `/v1/read?path=${encodeURIComponent(path)}`, signal));
  }

  /** Forgets what is cached at and below `path`, or everything. */
  async drop(path: string | undefined, signal?: AbortSignal): Promise<DropDocument> {
    const query = path === undefined ? "" : `?path=${encodeURIComponent(path)}`;
    return await this.#document("POST", `/v1/drop${query}`, signal) as DropDocument;
  }

  /** Has every credential asked for anew: none crosses the socket. */
  async reloadCredentials(signal?: AbortSignal): Promise<ReloadDocument> {
    return await this.#document("POST", "/v1/credentials/reload", signal) as ReloadDocument;
  }

  /** What came to the webhook receiver, the latest first. */
  async deliveries(signal?: AbortSignal): Promise<readonly DeliveryDocument[]> {
    return await this.#document("GET", "/v1/webhook/deliveries", signal) as readonly DeliveryDocument[];
  }

  /** Has a sample delivery to `mount` signed and sent to the receiver. */
  async testWebhook(mount: string, signal?: AbortSignal): Promise<WebhookTestDocument> {
    const path = `/v1/webhook/test?mount=${encodeURIComponent(mount)}`;
    return await this.#document("POST", path, signal) as WebhookTestDocument;
  }

  /** Asks the packer of the workspace at an absolute path. */
  async packer<Ask extends PackerAsk>(
    workspace: string,
    ask: Ask,
    request: PackerCalls[Ask]["request"],
    signal?: AbortSignal,
  ): Promise<PackerCalls[Ask]["response"]> {
    const query = new URLSearchParams({ workspace, ask, request: JSON.stringify(request) });
    return await this.#document("POST", `/v1/packer?${query}`, signal) as PackerCalls[Ask]["response"];
  }

  /** The kept events after `since`, and with `follow` those to come, without an end. */
  events(since: number, follow: boolean, signal?: AbortSignal): AsyncGenerator<BusEvent> {
    return this.#lines(`/v1/events?since=${since}${follow ? "&follow" : ""}`, signal);
  }

  /** Every draft, by name. */
  async drafts(signal?: AbortSignal): Promise<readonly DraftDocument[]> {
    return await this.#document("GET", "/v1/drafts", signal) as readonly DraftDocument[];
  }

  /** Makes a draft. */
  async newDraft(name: string, signal?: AbortSignal): Promise<DraftDocument> {
    return await this.#document("POST", `/v1/drafts?${query({ name })}`, signal) as DraftDocument;
  }

  /** One draft. */
  async draft(target: DraftTarget, signal?: AbortSignal): Promise<DraftDocument> {
    return await this.#document("GET", `/v1/draft?${query(target)}`, signal) as DraftDocument;
  }

  /** Stages `content` at `path`, or the removal of what is there where it is undefined. */
  async stage(
    target: DraftTarget,
    path: string,
    content: Uint8Array | undefined,
    signal?: AbortSignal,
  ): Promise<DraftDocument> {
    const removal = content === undefined ? "&remove" : "";
    const question = `/v1/draft/stage?${query({ ...target, path })}${removal}`;
    return await this.#document("POST", question, signal, content) as DraftDocument;
  }

  /** Takes what is staged at or below `path` out of a draft. */
  async unstage(target: DraftTarget, path: string, signal?: AbortSignal): Promise<DraftDocument> {
    const question = `/v1/draft/unstage?${query({ ...target, path })}`;
    return await this.#document("POST", question, signal) as DraftDocument;
  }

  /** What a draft would change. */
  async draftDiff(target: DraftTarget, signal?: AbortSignal): Promise<readonly FileDiffDocument[]> {
    const question = `/v1/draft/diff?${query(target)}`;
    return await this.#document("GET", question, signal) as readonly FileDiffDocument[];
  }

  /** Applies a draft, and tells of each step; it goes on where the asker goes away. */
  async applyDraft(
    { target, ...asked }: ApplyAsked,
    told: (step: ProgressDocument) => void,
    signal?: AbortSignal,
  ): Promise<ApplyDocument> {
    // As long as it takes: the time limit is for questions.
    const question = `/v1/draft/apply?follow&${query({ ...target, ...asked })}`;
    for await (const line of this.#lines<ProgressDocument | ApplyDocument>(question, signal, "POST")) {
      if ("outcome" in line) return line;
      told(line);
    }
    throw new OmnifsError("internal", "the daemon did not say what the apply came to");
  }

  /** Calls off what was asked for as `by`: the step under way ends, and what stands is taken back. */
  async interruptDraft(target: DraftTarget, by: string): Promise<void> {
    await this.#document("POST", `/v1/draft/interrupt?${query({ ...target, by })}`, undefined);
  }

  /** Takes the upstream's state of now as the base of every write of a draft. */
  async rebaseDraft(target: DraftTarget, signal?: AbortSignal): Promise<readonly RebasedDocument[]> {
    const question = `/v1/draft/rebase?${query(target)}`;
    return await this.#document("POST", question, signal) as readonly RebasedDocument[];
  }

  /** Gives a draft up; `force` also one that is `partial`. Answers what it leaves upstream. */
  async discardDraft(target: DraftTarget, force: boolean, signal?: AbortSignal): Promise<LeftDocument> {
    const question = `/v1/draft/discard?${query(target)}${force ? "&force" : ""}`;
    return await this.#document("POST", question, signal) as LeftDocument;
  }

  /** Has the tree mounted on one more directory, with the providers `shows`, or all; the state after it. */
  async mount(dir: string, shows: readonly string[] | null, signal?: AbortSignal): Promise<StatusDocument> {
    const query = new URLSearchParams([["dir", dir], ...(shows ?? []).map((name) => ["show", name])]);
    return await this.#document("POST", `/v1/mounts?${query}`, signal) as StatusDocument;
  }

  /** Ends one of several mounts; the state after it. Rejects where it is in use, unless `force`. */
  async unmount(dir: string, force: boolean, signal?: AbortSignal): Promise<StatusDocument> {
    const question = `/v1/mounts/end?${query({ dir })}${force ? "&force" : ""}`;
    return await this.#document("POST", question, signal) as StatusDocument;
  }

  /** Ends the daemon; resolves when its mount is gone. Rejects where it is in use, unless `force`. */
  async shutdown(force: boolean, signal?: AbortSignal): Promise<void> {
    await this.#document("POST", `/v1/shutdown${force ? "?force" : ""}`, signal);
  }

  async *#lines<Value>(
    path: string,
    signal: AbortSignal | undefined,
    method: "GET" | "POST" = "GET",
  ): AsyncGenerator<Value> {
    yield* fromLines(await this.#send(method, path, signal)) as AsyncGenerator<Value>;
  }

  async #document(
    method: string,
    path: string,
    signal: AbortSignal | undefined,
    body?: Uint8Array,
  ): Promise<unknown> {
    return JSON.parse(await textOf(await this.#send(method, path, signal, body)));
  }

  /** The body of the answer. @throws {OmnifsError} what the daemon said where it is not a good answer */
  async #send(
    method: string,
    path: string,
    signal: AbortSignal | undefined,
    body?: Uint8Array,
  ): Promise<AsyncIterable<Uint8Array>> {
    await trustSocket(this.#socketPath);
    // Loaded late: node:http takes longer to load than all of the command line.
    const { request } = await import("node:http");
    const options = { socketPath: this.#socketPath, method, path, agent: false };
    const answer = await answered(
      request({ ...options, ...(signal === undefined ? {} : { signal }) }),
      this.#socketPath,
      body,
    );
    const chunks = bodyOf(answer, signal);
    if (answer.headers["x-omnifs-protocol"] !== String(PROTOCOL)) {
      answer.destroy();
      throw new OmnifsError("unsupported", "the running omnifs is of another version", {
        mend: "omnifs restart DIR, which puts this version in its place",
      });
    }
    if ((answer.statusCode ?? 500) < 400) return chunks;
    const document: unknown = JSON.parse(await textOf(chunks));
    throw errorFrom(
      typeof document === "object" && document !== null && "error" in document ? document.error : null,
    );
  }
}

/** `parameters` as a query. */
function query(parameters: Readonly<Record<string, string | number>>): string {
  return new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)]))
    .toString();
}

/** Codes of `connect(2)` that say that nobody is there. */
const NOBODY = new Set(["ENOENT", "ECONNREFUSED"]);

function answered(
  request: ClientRequest,
  socketPath: string,
  body: Uint8Array | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", (error: NodeJS.ErrnoException) => reject(connectError(error, socketPath)));
    request.end(body);
  });
}

function connectError(error: NodeJS.ErrnoException, socketPath: string): OmnifsError {
  if (NOBODY.has(error.code ?? "")) return new NoDaemonError(socketPath);
  if (error.name === "AbortError") {
    return new OmnifsError("interrupted", "the question was given up", { cause: error });
  }
  return new OmnifsError("unavailable", `cannot ask the running omnifs: ${error.message}`, { cause: error });
}

async function* bodyOf(answer: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk;
  } catch (error) {
    if (signal?.aborted) throw new OmnifsError("interrupted", "the question was given up", { cause: error });
    throw new OmnifsError("unavailable", "the answer was cut off: the daemon went away", {
      cause: error,
      mend: "omnifs status",
    });
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > PIECE_MAX) {
      throw new OmnifsError("internal", "the daemon sent an answer that is too long");
    }
  }
  return text;
}
