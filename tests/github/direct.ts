/**
 * The GitHub provider without its component: the same source, called in this process, with the stand-in asked
 * directly. A guest's requests are synchronous, so a call starts over each time that it needs another answer.
 *
 * @module
 */
import { Api } from "../../providers/github/api.ts";
import { settingsOf } from "../../providers/github/config.ts";
import { pollRepository } from "../../providers/github/poll.ts";
import { placeOf, readLeaf } from "../../providers/github/tree.ts";
import { HttpClient } from "../../providers/sdk/client.ts";
import {
  jsonOf,
  type ListingDefinition,
  type Node,
  type Polled,
  type Request,
  type Response,
} from "../../providers/sdk/mod.ts";

/** Says which answer a call lacks. */
class Missing extends Error {
  constructor(readonly request: Request) {
    super(`no answer yet: ${request.url}`);
  }
}

/** The provider's three operations. Every method rejects as the guest's own would throw. */
export interface Direct {
  /** The child `name` of `parent`. */
  lookup(parent: string, name: string): Promise<Node | undefined>;
  /** One page of `parent`. */
  list(parent: string, cursor?: string): Promise<ListingDefinition>;
  /** The bytes of `file`. */
  read(file: string): Promise<string | Uint8Array>;
  /** One look at the repository `repo` at the time `now`, from `cursor` on. */
  poll(repo: number, cursor: string | undefined, now: number): Promise<Polled>;
}

/** The provider at `url`, whose requests carry `token`. */
export function direct(url: string, token: string): Direct {
  const settings = settingsOf({ api_url: url });
  const call = <Value>(run: (api: Api) => Value): Promise<Value> => {
    const answers = new Map<string, Response>();
    const transport = (request: Request): Response => {
      const answer = answers.get(jsonOf(request));
      if (answer === undefined) throw new Missing(request);
      return answer;
    };
    return settle(() => run(new Api(new Patient(transport), settings)), answers, token);
  };
  return {
    lookup: (parent, name) => call((api) => placeOf(api, parent).lookup(name)),
    list: (parent, cursor) => call((api) => placeOf(api, parent).list(cursor)),
    read: (file) => call((api) => readLeaf(api, file)),
    poll: (repo, cursor, now) => call((api) => pollRepository(api, repo, cursor, now, () => now)),
  };
}

/** Lets {@linkcode Missing} through as it is, where the client would make it an `internal` failure. */
class Patient extends HttpClient {
  #missing: Missing | undefined;

  constructor(transport: (request: Request) => Response) {
    super((request) => {
      try {
        return transport(request);
      } catch (error) {
        if (error instanceof Missing) this.#missing = error;
        throw error;
      }
    });
  }

  override request(request: Request) {
    try {
      return super.request(request);
    } catch (error) {
      throw this.#missing ?? error;
    }
  }
}

async function settle<Value>(
  run: () => Value,
  answers: Map<string, Response>,
  token: string,
): Promise<Value> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      answers.set(jsonOf(error.request), await send(error.request, token));
    }
  }
}

async function send(request: Request, token: string): Promise<Response> {
  const headers = new Headers(request.headers.map(({ name, value }): [string, string] => [name, value]));
  headers.set("authorization", `Bearer ${token}`);
  const answer = await fetch(request.url, { headers });
  const body = new Uint8Array(await answer.arrayBuffer());
  return {
    status: answer.status,
    headers: [...answer.headers].map(([name, value]) => ({ name, value })),
    body: request.expect === "bytes"
      ? { tag: "bytes", val: body }
      : { tag: "text", val: new TextDecoder().decode(body) },
  };
}

/** The text that travels with a node, or undefined where it has to be asked for. */
export function inlineText(node: Node | undefined): string | undefined {
  if (node?.content.tag !== "inline") return undefined;
  return node.content.val.tag === "text" ? node.content.val.val : undefined;
}
