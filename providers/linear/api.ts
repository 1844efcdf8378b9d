/**
 * Queries to Linear's GraphQL API.
 *
 * @module
 */
import { type HttpClient, statusFailure } from "../sdk/client.ts";
import { headerList, notFound, orAbsent, ProviderError, type Request, unavailable } from "../sdk/mod.ts";
import type { Settings } from "./config.ts";
import { throwErrors } from "./errors.ts";
import { isObject, type Json } from "./json.ts";

/** Linear's API at one address. Every method throws a `ProviderError`. */
export class Api {
  readonly #http: HttpClient;
  readonly #endpoint: string;
  readonly #now: () => number;
  #ahead = 0;

  /** The API of `settings`, asked through `http`; `now` tells milliseconds since the Unix epoch. */
  constructor(http: HttpClient, settings: Settings, now: () => number) {
    this.#http = http;
    this.#endpoint = settings.endpoint;
    this.#now = now;
  }

  /** Milliseconds that the host's clock is ahead of Linear's, by the last answer; a little more than that at most. */
  get ahead(): number {
    return this.#ahead;
  }

  /** The `data` that a query comes to; `look` sees the errors before they are thrown. */
  query(query: string, variables: Json, look: (errors: readonly unknown[]) => void = () => {}): Json {
    const request = this.#request(query, variables);
    const answer = this.#http.exchange(request);
    const date = Date.parse(answer.header("date") ?? "");
    if (!Number.isNaN(date)) this.#ahead = this.#now() - date;
    const body = parsed(answer.text);
    const errors = isObject(body) ? body["errors"] : undefined;
    if (Array.isArray(errors)) look(errors);
    throwErrors(errors, answer, this.#now);
    if (answer.status >= 400) throw new ProviderError(statusFailure(request, answer));
    const data = isObject(body) ? body["data"] : undefined;
    if (isObject(data)) return data;
    throw unavailable(`${this.#endpoint} answered something that is no GraphQL: is endpoint Linear's API?`);
  }

  /**
   * What a mutation answers at `field`, once Linear says that it did it. A refusal is one of the mutation itself: what
   * fails on the way to the answer leaves open whether it was done, and is `unavailable`.
   */
  change(field: string, mutation: string, variables: Json): Json {
    const answer = this.query(mutation, variables, (errors) => {
      if (errors.some(isInside)) throw unavailable(`Linear failed to tell what became of ${field}`);
    })[field];
    if (isObject(answer) && answer["success"] === true) return answer;
    throw unavailable(`Linear did not say that it did ${field}`);
  }

  /** The object at `field` of a query's answer, which is about that object alone. */
  object(field: string, query: string, variables: Json): Json {
    const found = this.query(query, variables)[field];
    if (isObject(found)) return found;
    throw notFound();
  }

  /** As {@linkcode object}, or undefined where there is no such object. */
  find(field: string, query: string, variables: Json): Json | undefined {
    return orAbsent(() => this.object(field, query, variables));
  }

  #request(query: string, variables: Json): Request {
    const headers = {
      "accept": "application/json",
      "content-type": "application/json",
      "user-agent": "omnifs",
    };
    return {
      method: "post",
      url: this.#endpoint,
      headers: headerList(headers),
      body: { tag: "text", val: JSON.stringify({ query, variables }) },
      expect: "text",
    };
  }
}

/** True for an error of a field within the answer, and not of the whole operation. */
function isInside(error: unknown): boolean {
  const path = isObject(error) ? error["path"] : undefined;
  return Array.isArray(path) && path.length > 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
