/**
 * A daemon in this very process, until it is asked to end.
 *
 * @module
 */
import type { Daemon, DaemonOptions, StartDaemon } from "../control/options.ts";
import type { StatusDocument } from "../control/protocol.ts";
import type { Context } from "./command.ts";
import { type Caller, reachCaller, READY_VARIABLE } from "./handshake.ts";

/** A daemon that was started, and what did not go as it was asked. */
export interface Started {
  /** The daemon. */
  readonly daemon: Daemon;
  /** For people. */
  readonly note?: string;
}

/**
 * Starts a daemon by `start`, tells whoever waits, and stays until a signal, an unmount or a request ends it.
 *
 * @param ready prints that it is ready, where nobody else will
 * @throws {OmnifsError} why it could not be started
 */
export async function stayInFront(
  context: Context,
  start: (signal: AbortSignal) => Promise<Started>,
  ready: (status: StatusDocument, note: string | undefined) => void,
): Promise<void> {
  const { signal } = context;
  const callerPath = context.environment(READY_VARIABLE);
  const caller = callerPath === undefined ? undefined : await reachCaller(callerPath);
  try {
    const { daemon, note } = await start(signal);
    try {
      if (signal.aborted) throw signal.reason;
      const status = daemon.backend.status();
      if (caller === undefined) ready(status, note);
      else await announce(caller, status, note);
      await untilEnded(daemon, signal);
    } finally {
      await daemon.close();
    }
  } catch (error) {
    await caller?.failed(error).catch(() => {});
    throw error;
  }
}

/** `startDaemon` of the runtime, loaded when it is needed. */
export async function start(options: DaemonOptions): Promise<Daemon> {
  const { startDaemon }: { startDaemon: StartDaemon } = await import("../daemon.ts");
  return await startDaemon(options);
}

async function announce(caller: Caller, status: StatusDocument, note: string | undefined): Promise<void> {
  // Whoever started us may want to remove the directory that it stood in.
  Deno.chdir("/");
  await caller.ready({ status, ...(note === undefined ? {} : { note }) });
}

async function untilEnded(daemon: Daemon, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
  await Promise.race([daemon.done, stopped]);
}
