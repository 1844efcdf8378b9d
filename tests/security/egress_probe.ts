/**
 * A module in the place of the egress thread's own, with the permissions that the product gives that thread: it answers
 * each callout with what came of every attempt. The callout's body holds the aims.
 *
 * @module
 */
import type { FromEgress, ToEgress } from "../../runtime/egress/protocol.ts";
import { attempt } from "./attempts.ts";

declare const self: {
  onmessage: ((event: MessageEvent<ToEgress>) => void) | null;
  postMessage(message: FromEgress): void;
};

self.onmessage = async ({ data }) => {
  if (data.type === "close") return self.postMessage({ type: "closed" });
  if (data.type !== "send") return;
  const { mount, method, url, body } = data.callout;
  const outcomes = await attempt(JSON.parse(String(body)));
  const reached = await fetch(url).then((answer) => answer.text(), (error) => String(error));
  const response = {
    status: 200,
    headers: [],
    body: JSON.stringify({ outcomes, reached }),
    revalidated: false,
  };
  const trace = { mount, method, url, milliseconds: 0, requests: 1, bytes: 0, write: false };
  self.postMessage({ type: "settled", id: data.id, settled: { result: { ok: true, response }, trace } });
};
