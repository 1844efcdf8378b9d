/**
 * A GitHub on loopback that asks for a token, and tells it again wherever it can: in headers, bodies, redirects and
 * errors.
 *
 * @module
 */
import { startGitHub } from "../../runtime/cli/demo/github/server.ts";

/** The stand-in. */
export interface Echoing extends AsyncDisposable {
  /** The address of its API. */
  readonly url: string;
  /** The hosts to grant: the API, and the store of logs. */
  readonly hosts: readonly [api: string, logs: string];
  /** The tokens that it accepts. */
  readonly tokens: Set<string>;
  /** The `authorization` of each request to the API. */
  readonly seen: (string | null)[];
  /** The `authorization` of each request to the store of logs, and its URL. */
  readonly atLogs: { readonly authorization: string | null; readonly url: string }[];
  /** What it answers to a request for the path in place of data: a status, with the token in the message. */
  readonly failing: Map<string, number>;
}

/** Starts it. */
export function startEchoing(): Echoing {
  const upstream = startGitHub();
  const api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const logs = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerLog);
  const hosts = [`127.0.0.1:${api.addr.port}`, `127.0.0.1:${logs.addr.port}`] as const;
  const stand: Echoing = {
    url: `http://${hosts[0]}`,
    hosts,
    tokens: new Set(),
    seen: [],
    atLogs: [],
    failing: new Map(),
    async [Symbol.asyncDispose]() {
      await Promise.all([api.shutdown(), logs.shutdown()]);
      await upstream.close();
    },
  };

  async function answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    stand.seen.push(authorization);
    const token = authorization?.replace("Bearer ", "") ?? "";
    const accepted = stand.tokens.has(token);
    if (pathname === "/user" && accepted) return Response.json({ login: "octocat" });
    const status = accepted ? [...stand.failing].find(([path]) => pathname.includes(path))?.[1] : 401;
    if (status !== undefined) {
      const message = `Refused ${authorization}, that is ${token}`;
      return Response.json({ message }, { status, headers: { "www-authenticate": `Bearer was="${token}"` } });
    }
    const original = await fetch(`http://${upstream.api}${pathname}${search}`, {
      headers: { accept: request.headers.get("accept") ?? "*/*" },
      redirect: "manual",
    });
    const headers = new Headers({
      "x-echo": `${authorization}`,
      "content-type": original.headers.get("content-type") ?? "",
    });
    headers.set("set-cookie", `session=${token}`);
    const location = original.headers.get("location");
    if (location !== null) {
      headers.set(
        "location",
        `http://${hosts[1]}${new URL(location).pathname}?token=${encodeURIComponent(token)}`,
      );
      await original.body?.cancel();
      return new Response(`moved, ${authorization}`, { status: 302, headers });
    }
    const text = (await original.text()).replaceAll('"body":"', `"body":"You sent ${authorization}. `);
    return new Response(text, { status: original.status, headers });
  }

  async function answerLog(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    stand.atLogs.push({ authorization: request.headers.get("authorization"), url: request.url });
    const original = await fetch(`http://${upstream.logs}${pathname}`);
    return new Response(`the log of ${searchParams.get("token")}\n${await original.text()}`);
  }

  return stand;
}
