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

/**
 * What the glue has no use for. The first wall is that the thread has no permission; without these it has no thread
 * of its own either, which nobody could stop, and no channel to other threads. (The glue asks `process.env` for a
 * switch; in a worker without permissions that throws.)
 */
const NEEDLESS = [
  ...[
    "process",
    "Deno",
    "Worker",
    "BroadcastChannel",
    "MessageChannel",
    "fetch",
    "WebSocket",
    "WebSocketStream",
  ],
  ...["EventSource", "caches", "localStorage", "sessionStorage", "navigator", "close", "postMessage"],
  ...["alert", "confirm", "prompt"],
];

const post = self.postMessage.bind(self);

/** Taken before any glue runs, which could put something else in its place. */
const preventDefault = Function.prototype.call.bind(Event.prototype.preventDefault);

/** What nobody catches would be printed as it is, on whatever terminal the daemon has. */
function broken(event: Event, error: unknown): void {
  preventDefault(event);
  post({ type: "broken", fault: messageOf(error) });
}
addEventListener("error", (event) => broken(event, event.error ?? event.message));
addEventListener("unhandledrejection", (event) => broken(event, event.reason));

const pool = new GuestPool((message: FromGuest, transfer: Transferable[] = []) => post(message, transfer));

self.onmessage = ({ data }: MessageEvent<ToGuest>) => {
  switch (data.type) {
    case "start":
      return void pool.start(data).catch((error) => post({ type: "broken", fault: messageOf(error) }));
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

// jco's glue says to it what went wrong, beside telling the host.
const mute = Object.freeze({ debug() {}, error() {}, info() {}, log() {}, trace() {}, warn() {} });
Object.defineProperty(globalThis, "console", { value: mute });
for (const name of NEEDLESS) Object.defineProperty(globalThis, name, { value: undefined });
