/**
 * The egress thread: the gate, with every credential, under the permissions of `scopes.ts`. It answers the
 * messages of `protocol.ts` and does nothing else.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { asOmnifsError } from "../base/errors.ts";
import { Credentials } from "./credentials.ts";
import { GateCore } from "./gate.ts";
import { parseGrants } from "./grant.ts";
import type { FromEgress, ToEgress } from "./protocol.ts";

/** What this file uses of the worker's global scope. */
declare const self: {
  onmessage: ((event: MessageEvent<ToEgress>) => void) | null;
  postMessage(message: FromEgress, transfer?: Transferable[]): void;
};

const credentials = new Credentials();
const underWay = new Map<number, AbortController>();
let core: GateCore | undefined;

self.onmessage = ({ data }) => void handle(data);

async function handle(message: ToEgress): Promise<void> {
  switch (message.type) {
    case "start":
      core = new GateCore({
        grants: parseGrants(message.grants),
        limits: message.limits,
        quiet: message.quiet,
        credentials,
        clock: systemClock,
      });
      return;
    case "admit":
      return admit(message);
    case "send":
      return await send(message);
    case "abort":
      return underWay.get(message.id)?.abort();
    case "close":
      core?.close();
      credentials.clear();
      return self.postMessage({ type: "closed" });
  }
}

function admit({ id, mount, needs, secrets }: ToEgress & { type: "admit" }): void {
  try {
    for (const [name, secret] of secrets) credentials.store(name, secret);
    core?.admit(mount, needs);
    self.postMessage({ type: "admitted", id });
  } catch (error) {
    const { message, mend } = asOmnifsError(error);
    self.postMessage({ type: "admitted", id, error: { message, mend } });
  }
}

async function send({ id, callout }: ToEgress & { type: "send" }): Promise<void> {
  if (core === undefined) return;
  const controller = new AbortController();
  underWay.set(id, controller);
  const settled = await core.send(callout, controller.signal);
  underWay.delete(id);
  const body = settled.result.ok ? settled.result.response.body : "";
  const transfer = typeof body !== "string" && body.buffer instanceof ArrayBuffer ? [body.buffer] : [];
  self.postMessage({ type: "settled", id, settled }, transfer);
}
