/**
 * What the stand-ins that speak HTTP have in common.
 *
 * @module
 */

/** A server that answers. */
export interface Listening {
  /** `127.0.0.1` and a port that was free; the path of a socket. */
  readonly host: string;
  /** Stops it at once, whatever it still answers. */
  close(): Promise<void>;
}

/** How one request is answered. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Answers on a port of loopback, or on the Unix socket at `path`. */
export function listen(answer: Handler, path?: string): Listening {
  const end = new AbortController();
  const options = { signal: end.signal, onListen: () => {} };
  const server = path === undefined
    ? Deno.serve({ ...options, hostname: "127.0.0.1", port: 0 }, answer)
    : Deno.serve({ ...options, path }, answer);
  const { addr } = server;
  return {
    host: "port" in addr ? `127.0.0.1:${addr.port}` : path ?? "",
    async close() {
      end.abort();
      await server.finished;
    },
  };
}

/** What a path leads to, by what the groups of its pattern matched. */
export type Route<Given, Found> = readonly [RegExp, (words: readonly string[], given: Given) => Found];

/** What the first of `routes` that fits `path` finds; undefined where none does. */
export function routed<Given, Found>(
  routes: readonly Route<Given, Found>[],
  path: string,
  given: Given,
): Found | undefined {
  for (const [pattern, find] of routes) {
    const match = pattern.exec(path);
    if (match !== null) return find(match.slice(1).map((word) => decodeURIComponent(word ?? "")), given);
  }
  return undefined;
}

/** The error that GitHub and Docker answer alike: JSON with a message. */
export function failure(status: number, message: string): Response {
  return Response.json({ message, status: String(status) }, { status });
}
