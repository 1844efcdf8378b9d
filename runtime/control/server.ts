/**
 * The control socket: HTTP over a Unix socket that only its owner can open.
 *
 * Who asks is the kernel's to check: connect(2) needs the right to enter the folder (0700) and to write the
 * socket (0600), so the peer is this user or root, and both ends see that folder and socket are as they should be before a
 * word is said. Should somebody open them up later, whoever is connected is looked at (SO_PEERCRED) before each answer.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { withFileLock } from "../base/file_lock.ts";
import type { Log } from "../base/log.ts";
import {
  type DaemonRecord,
  ensurePrivateDir,
  isListening,
  recordPathOf,
  removeTraces,
  trustSocket,
  writeRecord,
} from "./places.ts";
import { type Backend, errorDocument, PROTOCOL } from "./protocol.ts";
import { bodyOf, type Question, type Route } from "./question.ts";
import { routes } from "./routes.ts";
import { FRAMES, JSON_LINES, toBody, toFrames, toLines } from "./stream.ts";

/** Requests that are answered at the same time; more are told to come again. */
export const REQUEST_LIMIT = 64;

/** Milliseconds that one question about the tree may take; events are followed without an end. */
const QUESTION_TIMEOUT = 10 * 60_000;

/** Somebody who is connected to the socket. */
export interface ControlPeer {
  /** As whom it connected. */
  readonly uid: number;
  /** Ends its connection. */
  disconnect(): void;
}

/** How long answers under way may take to end when the server closes, in milliseconds. */
const ANSWERED_WITHIN = 1_000;

/** What {@linkcode serveControl} needs. */
export interface ControlServerOptions {
  /** Where to listen; its folder is made, for this user only. */
  readonly socketPath: string;
  /** Where the time comes from. */
  readonly clock: Clock;
  /** Gets what went wrong. */
  readonly log: Log;
  /** Who is connected now; nobody is looked at where it is not told. */
  readonly peers?: () => readonly ControlPeer[];
}

/** A control socket that answers. */
export interface ControlServer {
  /** Where it listens. */
  readonly socketPath: string;
  /** Writes the record anew: the daemon's mounts are others now. */
  refresh(): Promise<void>;
  /** Ends what is under way, stops listening and removes the socket; may be called again. */
  close(): Promise<void>;
}

/**
 * Listens for control of `backend` and leaves a record beside the socket.
 *
 * @throws {OmnifsError} `conflict` where a daemon listens there already
 */
export async function serveControl(backend: Backend, options: ControlServerOptions): Promise<ControlServer> {
  const { socketPath } = options;
  await ensurePrivateDir(socketPath.slice(0, socketPath.lastIndexOf("/")) || "/");
  const desk = new Desk(backend, options);
  const server = await withFileLock(
    `${socketPath}.lock`,
    () => bind(socketPath, (request) => desk.answer(request)),
  );
  const record = () => writeRecord(socketPath, recordOf(socketPath, backend));
  await record();
  let closing: Promise<void> | undefined;
  let refreshed = Promise.resolve();
  const close = async () => {
    desk.stop();
    // A record that is written after this would outlive its daemon.
    await refreshed.catch(() => {});
    await Deno.remove(recordPathOf(socketPath)).catch(() => {});
    // Deno removes the socket as soon as it stops to listen: from then on the name may be another daemon's. An answer that
    // its asker does not read never ends by itself.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = options.clock.after(ANSWERED_WITHIN, resolve);
    await Promise.race([server.shutdown(), late]).finally(cancel);
  };
  return {
    socketPath,
    refresh: () =>
      refreshed = refreshed.catch(() => {}).then(() => closing === undefined ? record() : undefined),
    close: () => closing ??= close(),
  };
}

function recordOf(socketPath: string, backend: Backend): DaemonRecord {
  const { pid, dir, dirs, startedAt } = backend.status();
  const name = socketPath.slice(socketPath.lastIndexOf("/") + 1).replace(/\.sock$/, "");
  return { pid, dir, dirs: dirs.map((each) => each.dir), name, startedAt };
}

/** Binds the socket in place of a dead one. Only one process at a time may try. */
async function bind(
  socketPath: string,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<Deno.HttpServer> {
  if (await isListening(socketPath)) {
    throw new OmnifsError("conflict", "an omnifs listens there already", {
      path: socketPath,
      mend: "omnifs status",
    });
  }
  await removeTraces(socketPath);
  const onError = () => new Response(null, { status: 500 });
  const server = Deno.serve({ path: socketPath, onListen: () => {}, onError }, answer);
  // Until here its folder alone keeps others out.
  await Deno.chmod(socketPath, 0o600);
  await trustSocket(socketPath);
  return server;
}

/** Takes requests, keeps count of them and ends them when the server closes. */
class Desk {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #peers: () => readonly ControlPeer[];
  readonly #routes: Readonly<Record<string, Route>>;
  readonly #open = new Set<AbortController>();
  readonly #stopping = Promise.withResolvers<void>();

  constructor(backend: Backend, options: ControlServerOptions) {
    this.#backend = backend;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#peers = options.peers ?? (() => []);
    this.#routes = routes(options.clock);
  }

  /** Ends every answer that is under way. */
  stop(): void {
    this.#stopping.resolve();
    for (const abort of this.#open) abort.abort(new OmnifsError("interrupted", "omnifs is ending"));
  }

  async answer(request: Request): Promise<Response> {
    // Which connection a request came over is not known; so none is answered while there is one that should not be.
    if (this.#hangUpOnStrangers()) {
      return failure(
        403,
        new OmnifsError("denied", "another user was connected to this socket", { mend: "ask again" }),
      );
    }
    const url = new URL(request.url);
    const key = `${request.method} ${url.pathname}`;
    if (key === "POST /v1/shutdown") return await this.#shutdown(url.searchParams.has("force"));
    const route = this.#routes[key];
    if (route === undefined) {
      return failure(404, new OmnifsError("unsupported", `there is no such question: ${key}`));
    }
    if (this.#open.size >= REQUEST_LIMIT) {
      return failure(503, new OmnifsError("busy", "too many questions at once"));
    }
    return await this.#route(route, url.searchParams, () => bodyOf(request));
  }

  /** Ends connections of anybody but this user and root; true where there was one. */
  #hangUpOnStrangers(): boolean {
    const strangers = this.#peers().filter(({ uid }) => uid !== 0 && uid !== Deno.uid());
    for (const stranger of strangers) {
      stranger.disconnect();
      this.#log.warn(`hung up on a process of user ${stranger.uid} at the control socket`);
    }
    return strangers.length > 0;
  }

  async #route(route: Route, parameters: URLSearchParams, body: Question["body"]): Promise<Response> {
    const { abort, done } = this.#begin(parameters.has("follow"));
    const question: Question = { parameters, body, signal: abort.signal };
    const stop = () => {
      // A body that nobody began to read never reaches its own end.
      done();
      abort.abort(new OmnifsError("interrupted", "the asker went away"));
    };
    if (route.shape === "lines") {
      return stream(
        JSON_LINES,
        ending(toLines(started(() => route.answer(this.#backend, question))), done),
        stop,
      );
    }
    if (route.shape === "bytes") {
      return stream(
        FRAMES,
        ending(toFrames(started(() => route.answer(this.#backend, question))), done),
        stop,
      );
    }
    try {
      if (route.shape === "text") return text(await route.answer(this.#backend, question));
      return Response.json(await route.answer(this.#backend, question), { headers: HEADERS });
    } catch (error) {
      return failure(500, error);
    } finally {
      done();
    }
  }

  /** A question under way, ended by `done`, the time limit or {@linkcode stop}. */
  #begin(endless: boolean): { abort: AbortController; done: () => void } {
    const abort = new AbortController();
    this.#open.add(abort);
    const over = () => abort.abort(new OmnifsError("unavailable", "the answer took too long"));
    const cancel = endless ? () => {} : this.#clock.after(QUESTION_TIMEOUT, over);
    const done = () => {
      cancel();
      this.#open.delete(abort);
    };
    return { abort, done };
  }

  /** The end takes this very server down with it, so its answer goes out as soon as the server begins to close. */
  async #shutdown(force: boolean): Promise<Response> {
    const ending = this.#backend.shutdown(force);
    ending.catch((error) => this.#log.warn(`not ended: ${messageOf(error)}`));
    try {
      await Promise.race([ending, this.#stopping.promise]);
      return Response.json({}, { headers: HEADERS });
    } catch (error) {
      return failure(500, error);
    }
  }
}

const HEADERS = { "x-omnifs-protocol": String(PROTOCOL) };

function stream(type: string, chunks: AsyncGenerator<Uint8Array>, stop: () => void): Response {
  return new Response(toBody(chunks, stop), { headers: { ...HEADERS, "content-type": type } });
}

/** The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
function text(body: string): Response {
  return new Response(body, {
    headers: { ...HEADERS, "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}

function failure(status: number, error: unknown): Response {
  return Response.json({ error: errorDocument(error) }, { status, headers: HEADERS });
}

/** What `make` makes, so that its throwing is a failure of the iteration. */
async function* started<Value>(make: () => AsyncIterable<Value>): AsyncGenerator<Value> {
  yield* make();
}

/** `chunks`, and `done` after them, however they end. */
async function* ending(chunks: AsyncGenerator<Uint8Array>, done: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    done();
  }
}
