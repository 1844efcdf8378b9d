/**
 * Changes through the Engine API. Every method throws a `ProviderError`.
 *
 * @module
 */
import type { HttpClient } from "../sdk/client.ts";
import { at } from "../sdk/mod.ts";
import type { Settings } from "./config.ts";

/** What can be done to a container that is there; each is a path of the API. */
export type Verb = "start" | "stop" | "pause" | "unpause";

/** Sends changes to the Engine; outside an apply the host denies them. */
export class Writer {
  readonly #http: HttpClient;
  readonly #base: string;

  /** Changes the Engine of `settings` through `http`. */
  constructor(http: HttpClient, settings: Settings) {
    this.#http = http;
    this.#base = `unix:${settings.socket}:`;
  }

  /** Does `verb` to the container `id`; one that is started or stopped already answers 304, which is well. */
  do(verb: Verb, id: string): void {
    this.#send("post", `${at`/containers/${id}/`}${verb}`);
  }

  /** Removes the container `id`, which must be stopped; its volumes stay. */
  remove(id: string): void {
    this.#send("delete", at`/containers/${id}`);
  }

  #send(method: "post" | "delete", path: string): void {
    this.#http.request({ method, url: this.#base + path, headers: [], expect: "none" });
  }
}
