/**
 * Changes to an HTTP upstream, for worlds that include `mutable-http-provider`.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { send } from "omnifs:provider/http-write@1.0.0";
import { HttpClient } from "./client.ts";

/** Changes the upstream through the gate; everything is denied outside an apply. */
export const httpWrite: HttpClient = new HttpClient(send);
