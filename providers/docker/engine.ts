/**
 * Requests to the Engine over its socket.
 *
 * @module
 */
import type { Answer, HttpClient } from "../sdk/client.ts";
import { notFound, ProviderError, unavailable } from "../sdk/mod.ts";
import type { Settings } from "./config.ts";
import { isObject, type Json } from "./json.ts";

/** An answer of JSON, parsed and as the Engine wrote it. */
export interface Document {
  /** The parsed body. */
  readonly value: Json;
  /** The body's text. */
  readonly json: string;
}

/** The Engine API at one socket. Every method throws a `ProviderError`. */
export class Engine {
  readonly #http: HttpClient;
  readonly #base: string;

  /** The Engine of `settings`, asked through `http`. */
  constructor(http: HttpClient, settings: Settings) {
    this.#http = http;
    this.#base = `unix:${settings.socket}:`;
  }

  /** The parsed answer at `path`, which starts with a slash: in the newest version of the API that is spoken there. */
  value(path: string): unknown {
    return this.#http.getJson<unknown>(this.#base + path).value;
  }

  /** The object at `path`. */
  document(path: string): Document {
    const { value, answer } = this.#http.getJson<unknown>(this.#base + path);
    if (isObject(value)) return { value, json: answer.text };
    throw unavailable(`${path} answered something else than a JSON object: is the socket a Docker Engine's?`);
  }

  /** The answer at `path`. */
  answer(path: string): Answer {
    return this.#http.get(this.#base + path);
  }

  /** The text at `path`. */
  text(path: string): string {
    return this.answer(path).text;
  }

  /** The address of `path`, for a request that the host makes by itself. */
  address(path: string): string {
    return this.#base + path;
  }

  /** What the stream at `path` holds so far. */
  stream(path: string): Answer {
    try {
      const url = this.#base + path;
      return this.#http.request({ method: "get", url, headers: [], expect: "bytes" });
    } catch (error) {
      // "can not get logs from container which is dead or marked for removal": it is as good as gone.
      if (error instanceof ProviderError && error.failure.tag === "conflict") throw notFound();
      throw error;
    }
  }
}
