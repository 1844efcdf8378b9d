/**
 * How the host starts the egress thread and speaks to it.
 *
 * @module
 */
import type { ToEgress } from "./protocol.ts";
import { workerPermissions } from "./scopes.ts";

/** Starts `module` as a thread with those `net` scopes. Throws where Deno refuses its permissions. */
export function spawn(module: URL, scopes: readonly string[]): Worker {
  const permissions = workerPermissions(scopes);
  const options = { type: "module", name: "omnifs egress" } as const;
  try {
    return new Worker(module, { ...options, deno: { permissions } });
  } catch (error) {
    // Deno 2.7 knows no `unix:` among the scopes of `net`; there a socket is held by its file's permissions alone.
    if (!(error instanceof URIError)) throw error;
    const net = scopes.filter((scope) => !scope.startsWith("unix:"));
    return new Worker(module, { ...options, deno: { permissions: { ...permissions, net } } });
  }
}

/** Sends `worker` a message. */
export function post(worker: Worker, message: ToEgress): void {
  worker.postMessage(message);
}
