/**
 * A GitHub on loopback that knows whose a token is, and hands tokens out by the device flow.
 *
 * @module
 */

/** What the stand-in was asked, and what it says next. */
export interface Accounts extends AsyncDisposable {
  /** The address of its API, and of its website. */
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** The tokens that it accepts, and whose they are. */
  readonly tokens: Map<string, string>;
  /** What it was asked: method and path, then what it was told. */
  readonly asked: { readonly line: string; readonly authorization: string | null; readonly body: string }[];
  /** What it answers to questions for the device's token, one after the other; the last one again and again. */
  device: Record<string, unknown>[];
  /** Answers in place of the API below `/repos` and the like. */
  other: (request: Request) => Response | undefined;
}

/** Starts it. */
export function startAccounts(): Accounts {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const host = `127.0.0.1:${server.addr.port}`;
  const accounts: Accounts = {
    url: `http://${host}`,
    host,
    tokens: new Map(),
    asked: [],
    device: [],
    other: () => undefined,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    const body = await request.text();
    accounts.asked.push({ line: `${request.method} ${pathname}`, authorization, body });
    if (pathname === "/login/device/code") {
      const verification_uri = `http://${host}/login/device`;
      return Response.json({
        device_code: "device-code-1",
        user_code: "ABCD-1234",
        verification_uri,
        interval: 0,
        expires_in: 60,
      });
    }
    if (pathname === "/login/oauth/access_token") {
      return Response.json(accounts.device.length > 1 ? accounts.device.shift() : accounts.device[0]);
    }
    const login = accounts.tokens.get(authorization?.replace("Bearer ", "") ?? "");
    if (pathname === "/user" && login !== undefined) {
      return Response.json({ login }, { headers: { "x-oauth-scopes": "repo, read:org" } });
    }
    return accounts.other(request) ??
      Response.json({ message: "Bad credentials" }, { status: 401 });
  }

  return accounts;
}
