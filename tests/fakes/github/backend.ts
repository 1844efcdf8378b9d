/**
 * The emulated GitHub behind the stand-in: `emulate`'s service, and requests to it.
 *
 * @module
 */
import { createEmulator } from "emulate";
import { type Json, object, objects, text } from "./json.ts";

/** The organisation and users that every stand-in starts with. */
const SEED = {
  users: [
    { login: "admin", name: "Admin" },
    { login: "octocat", name: "The Octocat", email: "octocat@github.com" },
  ],
  orgs: [{
    login: "acme",
    name: "Acme",
    members: [{ login: "octocat", role: "admin" }, { login: "admin", role: "admin" }],
  }, { login: "my-org", name: "Nobody is a member of it" }],
  repos: [
    {
      owner: "acme",
      name: "api",
      language: "TypeScript",
      auto_init: true,
      description: "The public API",
      topics: ["http", "api"],
    },
    { owner: "acme", name: "widgets", auto_init: true },
    { owner: "my-org", name: "my-repo", auto_init: true },
    { owner: "octocat", name: "hello-world", auto_init: true, description: "My first repository" },
  ],
};

/** `emulate` stops a token after 5,000 requests an hour, so the stand-in spreads its own over many. */
const TOKENS = Array.from({ length: 200 }, (_, index) => `internal_${index}`);

/** Requests to the emulated service. */
export class Backend {
  readonly #url: string;
  readonly #close: () => Promise<void>;
  #turn = 0;

  private constructor(url: string, close: () => Promise<void>) {
    this.#url = url;
    this.#close = close;
  }

  /** Starts the service on a free loopback port; its answers name `front` as their own address. */
  static async start(front: string): Promise<Backend> {
    const scopes = ["repo", "user", "admin:org", "admin:repo_hook"];
    const tokens = Object.fromEntries(TOKENS.map((token) => [token, { login: "admin", scopes }]));
    const port = freePort();
    const emulator = await createEmulator({
      service: "github",
      port,
      hostname: "127.0.0.1",
      baseUrl: front,
      seed: { tokens, github: SEED },
    });
    return new Backend(`http://127.0.0.1:${port}`, () => emulator.close());
  }

  /** Sends a request as the administrator. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `token ${TOKENS[this.#turn++ % TOKENS.length]}`);
    return fetch(this.#url + path, { ...init, headers, redirect: "manual" });
  }

  /** The object at `path`, or undefined where there is none. */
  async get(path: string): Promise<Json | undefined> {
    const response = await this.fetch(path);
    if (response.status === 404) return void await response.body?.cancel();
    return object(await checked(response));
  }

  /** Every object of the list at `path`, across its pages; `key` names it inside a search answer. */
  async all(path: string, key?: string): Promise<Json[]> {
    const found: Json[] = [];
    for (let page = 1;; page++) {
      const sign = path.includes("?") ? "&" : "?";
      const response = await this.fetch(`${path}${sign}per_page=100&page=${page}`);
      const body = await checked(response);
      const items = objects(key === undefined ? body : object(body)[key]);
      found.push(...items);
      if (items.length < 100) return found;
    }
  }

  /** Sends a change and answers what it made. */
  async change(method: "POST" | "PUT" | "PATCH", path: string, body: unknown): Promise<Json> {
    const headers = { "content-type": "application/json" };
    return object(await checked(await this.fetch(path, { method, headers, body: JSON.stringify(body) })));
  }

  /** Stops the service. */
  close(): Promise<void> {
    return this.#close();
  }
}

/** A port that nobody listened on a moment ago: with a base URL of our own, `emulate` does not tell its port. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function checked(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (response.ok) return body;
  throw new Error(`${response.url} answered ${response.status}: ${text(object(body), "message")}`);
}
