/**
 * The egress thread: the gate, with every credential, under the permissions of `scopes.ts`. It answers the
 * messages of `protocol.ts` and does nothing else.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { asOmnifsError, messageOf } from "../base/errors.ts";
import { Credentials } from "./credentials.ts";
import { GateCore } from "./gate.ts";
import { parseGrants } from "./grant.ts";
import type { FromEgress, ToEgress } from "./protocol.ts";
import { StreamThread } from "./stream_thread.ts";
import { ReceiverThread } from "./webhook_thread.ts";

/** What this file uses of the worker's global scope. */
declare const self: {
  onmessage: ((event: MessageEvent<ToEgress>) => void) | null;
  postMessage(message: FromEgress, transfer?: Transferable[]): void;
  close(): void;
};

/** What a promise of Deno 2.7's own is rejected with where a body breaks off or is given up; nobody can catch it. */
const BROKEN_OFF = "error reading a body from connection";
const STRAYS = [BROKEN_OFF, "operation canceled"];

const credentials = new Credentials();
const underWay = new Map<number, AbortController>();
const receiver = new ReceiverThread({
  credentials,
  clock: systemClock,
  post: (message, transfer) => self.postMessage(message, transfer ?? []),
});
const streams = new StreamThread((message, transfer) => self.postMessage(message, transfer));
let core: GateCore | undefined;

self.onmessage = ({ data }) => handle(data).catch(die);

// What nobody catches would be printed as it is, and may hold a secret.
addEventListener("error", (event) => {
  event.preventDefault();
  die(event.error ?? event.message);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  const reason = messageOf(event.reason);
  if (!STRAYS.includes(reason)) return die(event.reason);
  // It does not say whose body broke off, and whoever reads an endless one hears nothing: every stream is opened anew.
  if (reason === BROKEN_OFF) streams.doubt();
});

/** Ends this thread; its last words go to the host's log. */
function die(error: unknown): void {
  self.postMessage({ type: "died", reason: credentials.redact(messageOf(error)) });
  self.close();
}

async function handle(message: ToEgress): Promise<void> {
  switch (message.type) {
    case "start":
      core = new GateCore({
        grants: parseGrants(message.grants),
        limits: message.limits,
        quiet: message.quiet,
        nameservers: message.nameservers,
        credentials,
        clock: systemClock,
      });
      return;
    case "admit":
      return admit(message);
    case "send":
      return await send(message);
    case "subscribe":
      return core && await streams.subscribe(core, message.id, message.subscription);
    case "taken":
      return streams.taken(message.id);
    case "abort":
      streams.abort(message.id);
      return underWay.get(message.id)?.abort();
    case "close":
      receiver.close();
      core?.close();
      credentials.clear();
      return self.postMessage({ type: "closed" });
    default:
      return await receiver.handle(message);
  }
}

function admit({ id, mount, needs, secrets }: ToEgress & { type: "admit" }): void {
  try {
    let changed = false;
    for (const { name, target, secret } of secrets) {
      if (credentials.store({ mount, name, target }, secret)) changed = true;
    }
    core?.admit(mount, needs);
    self.postMessage({ type: "admitted", id, changed });
  } catch (error) {
    const { message, mend } = asOmnifsError(error);
    self.postMessage({ type: "admitted", id, changed: false, error: { message, mend } });
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
