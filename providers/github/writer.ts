/**
 * Changes through GitHub's REST API. Every method throws a `ProviderError`.
 *
 * @module
 */
import type { HttpClient } from "../sdk/client.ts";
import { headerList } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { type Json, object } from "./json.ts";

/** Sends changes to the API; outside an apply the host denies them. */
export class Writer {
  readonly #api: Api;
  readonly #http: HttpClient;

  /** Changes the upstream of `api` through `http`. */
  constructor(api: Api, http: HttpClient) {
    this.#api = api;
    this.#http = http;
  }

  /** Changes fields of the object at `path`; answers it as it is then. */
  edit(path: string, fields: unknown): Json {
    return this.#send("patch", path, fields);
  }

  /** Adds an object to the list at `path`; answers it. */
  add(path: string, fields: unknown): Json {
    return this.#send("post", path, fields);
  }

  /** Deletes the object at `path`. */
  delete(path: string): void {
    const headers = headerList(this.#api.headers);
    this.#http.request({ method: "delete", url: this.#api.url(path), headers, expect: "none" });
  }

  #send(method: "patch" | "post", path: string, fields: unknown): Json {
    const headers = headerList({ ...this.#api.headers, "content-type": "application/json" });
    const body = { tag: "text", val: JSON.stringify(fields) } as const;
    const answer = this.#http.request({ method, url: this.#api.url(path), headers, body, expect: "text" });
    return object(JSON.parse(answer.text));
  }
}
