/**
 * The egress thread, except that a callout whose URL ends in `/die/HOW` has it throw an error that holds its secret.
 *
 * @module
 */
import "../../runtime/egress/worker.ts";
import type { ToEgress } from "../../runtime/egress/protocol.ts";

let secret = "";

const ways: Readonly<Record<string, (error: Error) => void>> = {
  thrown: (error) => {
    throw error;
  },
  rejected: (error) => void Promise.reject(error),
  "thrown-later": (error) => void setTimeout(() => ways["thrown"]?.(error), 0),
  "thrown-soon": (error) => queueMicrotask(() => ways["thrown"]?.(error)),
  reported: (error) => reportError(error),
};

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<ToEgress>;
  if (data.type === "admit") secret = data.secrets[0]?.secret ?? "";
  const how = data.type === "send" ? /\/die\/([\w-]+)$/.exec(data.callout.url)?.[1] : undefined;
  if (how !== undefined) {
    ways[how]?.(new TypeError(`the header "Bearer ${secret}" (${secret.toUpperCase()}) is wrong`));
  }
});
