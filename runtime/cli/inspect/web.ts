/**
 * The page of `omnifs inspect --web`: a server on a free port of loopback, for as long as the command runs.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { ControlClient } from "../../control/client.ts";
import { errorDocument } from "../../control/protocol.ts";
import type { Context } from "../command.ts";
import { asker } from "../drafts.ts";
import { assetAt } from "./assets.ts";
import { answerPage, type DeskParts } from "./desk.ts";
import { API, type Guard, HEADERS, newToken, refusal } from "./guard.ts";

/** Questions that are answered at the same time; more are told to come again. */
const QUESTIONS_MAX = 32;

/** Serves the page until Ctrl-C, and prints its address, which lets whoever has it in. */
export async function serveWeb(context: Context, client: ControlClient): Promise<void> {
  const { out, format, signal } = context;
  const token = newToken();
  const guard = { host: "", token };
  const parts = { client, by: `${asker(context)}, on the page`, signal };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} },
    handler(guard, parts),
  );
  guard.host = `127.0.0.1:${server.addr.port}`;
  const url = `http://${guard.host}/#token=${token}`;
  if (format === "human") {
    out.line(`Open this in a browser on this machine; Ctrl-C ends it:\n\n  ${url}\n`);
    out.line("Whoever has the address sees what this omnifs does, and applies and discards its drafts.");
  } else out.line(JSON.stringify({ url }));
  await out.flush();
  await server.finished;
}

/** Answers the page's requests, and refuses all others. */
export function handler(guard: Guard, parts: DeskParts): (request: Request) => Promise<Response> {
  let open = 0;
  return async (request) => {
    const refused = refusal(request, guard);
    if (refused !== undefined) return dressed(failure(403, new OmnifsError("denied", refused)));
    if (open >= QUESTIONS_MAX) {
      return dressed(failure(503, new OmnifsError("busy", "too many questions at once")));
    }
    open++;
    try {
      return dressed(await answer(request, parts));
    } catch (error) {
      return dressed(failure(500, error));
    } finally {
      open--;
    }
  };
}

async function answer(request: Request, parts: DeskParts): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname.startsWith(API)) return await answerPage(`${request.method} ${pathname}`, searchParams, parts);
  const asset = request.method === "GET" ? await assetAt(pathname) : undefined;
  if (asset === undefined) return failure(404, new OmnifsError("not-found", "there is no such page"));
  return new Response(asset.bytes, { headers: { "content-type": asset.type } });
}

function failure(status: number, error: unknown): Response {
  return Response.json({ error: errorDocument(error) }, { status });
}

function dressed(response: Response): Response {
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  return response;
}
