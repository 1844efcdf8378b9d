/**
 * The host's side of an HTTP provider, for worlds that include `http-provider`: `http`, `settings`, `now`, `log`.
 * Importing this file also installs `console` and `Date.now`.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { fetch } from "omnifs:provider/http@1.0.0";
import { HttpClient } from "./client.ts";

export { log } from "./console.ts";
export { settings } from "./settings.ts";
export { now } from "./time.ts";
export { Answer, HttpClient, type JsonAnswer, type RequestOptions } from "./client.ts";

/** Reads the upstream through the gate. */
export const http: HttpClient = new HttpClient(fetch);
