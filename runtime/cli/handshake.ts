/**
 * How a daemon in the background tells the command that started it that it is ready, or why it is not: one JSON
 * document over a Unix socket that the command listens on.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { ensurePrivateDir, type Environment, runtimeDir, SOCKET_PATH_MAX } from "../control/places.ts";
import { type ErrorDocument, errorDocument, errorFrom, type StatusDocument } from "../control/protocol.ts";

/** The variable that names the socket to a daemon in the background. */
export const READY_VARIABLE = "OMNIFS_READY";

/** The variable that names the log to a daemon in the background. */
export const LOG_VARIABLE = "OMNIFS_LOG";

/** What a daemon tells once it answers. */
export interface ReadyDocument {
  /** Its state. */
  readonly status: StatusDocument;
  /** What did not go as it was asked, for people. */
  readonly note?: string;
}

type Word = { readonly ready: ReadyDocument } | { readonly failed: ErrorDocument };

/** The side of the command. */
export interface ReadySocket extends AsyncDisposable {
  /** Where it listens. */
  readonly path: string;
  /** What the daemon tells. @throws {OmnifsError} why it failed */
  wait(): Promise<ReadyDocument>;
}

/** Begins to listen for a daemon that is about to be started. */
export async function listenForReady(environment: Environment): Promise<ReadySocket> {
  const dir = await runtimeDir(environment);
  await ensurePrivateDir(dir);
  const path = `${dir}/start-${Deno.pid}`;
  if (path.length > SOCKET_PATH_MAX) {
    throw new OmnifsError("invalid", "the socket path is too long", { path, mend: "set OMNIFS_RUNTIME_DIR" });
  }
  await Deno.remove(path).catch(() => {});
  const listener = Deno.listen({ transport: "unix", path });
  return {
    path,
    wait: () => hear(listener),
    async [Symbol.asyncDispose]() {
      listener.close();
      await Deno.remove(path).catch(() => {});
    },
  };
}

/** The side of the daemon: whoever waits for it. */
export interface Caller {
  /** Tells that it is ready. Rejects where nobody waits any more. */
  ready(document: ReadyDocument): Promise<void>;
  /** Tells why it is not. */
  failed(error: unknown): Promise<void>;
}

/**
 * Reaches the command that listens at `path`. Before the daemon starts, since one that runs may open no
 * connection, not even to a Unix socket.
 *
 * @throws {OmnifsError} `interrupted` where nobody waits any more
 */
export async function reachCaller(path: string): Promise<Caller> {
  const connection = await Deno.connect({ transport: "unix", path }).catch((error) => {
    throw gone(error);
  });
  return {
    ready: (ready) => tell(connection, { ready }).catch((error) => Promise.reject(gone(error))),
    failed: (error) => tell(connection, { failed: errorDocument(error) }),
  };
}

function gone(cause: unknown): OmnifsError {
  return new OmnifsError("interrupted", "nobody waits for this daemon any more", { cause });
}

async function tell(connection: Deno.Conn, word: Word): Promise<void> {
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(word)));
  await writer.close();
}

async function hear(listener: Deno.Listener): Promise<ReadyDocument> {
  const connection = await listener.accept();
  const text = await new Response(connection.readable).text();
  // A daemon that ended without a word: how it ended says more, and whoever started it is told that.
  if (text === "") return await new Promise<never>(() => {});
  const word: Word = JSON.parse(text);
  if ("failed" in word) throw errorFrom(word.failed);
  return word.ready;
}
