/**
 * The thread of one provider: no permission at all, and a pool of instances of its component. Everything in here is
 * as untrusted as the component: what it says to the host is checked there.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { messageOf } from "../base/errors.ts";
import { GuestPool } from "./guest_pool.ts";
import type { FromGuest, ToGuest } from "./protocol.ts";

// The glue asks `process.env` for a switch; in a worker without permissions that throws.
Object.defineProperty(globalThis, "process", { value: undefined });

const pool = new GuestPool((message: FromGuest, transfer: Transferable[] = []) =>
  self.postMessage(message, transfer)
);

self.onmessage = ({ data }: MessageEvent<ToGuest>) => {
  switch (data.type) {
    case "start":
      return void pool.start(data).catch((error) =>
        self.postMessage({ type: "broken", fault: messageOf(error) })
      );
    case "settings":
      return pool.configure(data.settings);
    case "call":
      return void pool.call(data.id, data.call);
    case "cancel":
      return pool.cancel(data.id);
    case "reply":
      return pool.reply(data.callout, data.result);
  }
};
