/**
 * A callout on its way through the gate, from hop to hop.
 *
 * @module
 */
import type { Answer } from "./body.ts";
import type { Callout, CalloutResponse, Need } from "./callout.ts";
import { denied, Refusal } from "./checkpoint.ts";
import type { Deadline } from "./deadline.ts";
import type { Destination, Parsed } from "./destination.ts";
import { guestHeaders } from "./headers.ts";
import type { Turn } from "./pace.ts";
import { shownUrl } from "./shown.ts";
import type { CredentialUse } from "./trace.ts";
import type { KeptAnswer } from "./validators.ts";

/** One callout on its way. */
export interface Journey {
  /** What is asked for. */
  readonly callout: Callout;
  /** The guest's own headers. */
  readonly headers: Headers;
  /** Ends it: by its deadline, by its caller, or with the gate. */
  readonly signal: AbortSignal;
  /** The time that it may take. */
  readonly deadline: Deadline;
  /** When it began, on the monotonic clock. */
  readonly began: number;
  /** Requests that went out so far. */
  requests: number;
  /** Bytes of bodies that were read so far. */
  bytes: number;
  /** The last credential that was attached, and what became of it. */
  credential: CredentialUse | undefined;
  /** Origin of the first request; a credential goes nowhere else. */
  home: string | undefined;
}

/** An answer that came, before its body is read. */
export interface Hop {
  /** It. */
  readonly response: Answer;
  /** Under which an answer to it is kept, where one may be. */
  readonly key: string | undefined;
  /** The answer that is kept. */
  readonly kept: KeptAnswer | undefined;
  /** Given back when the body is over. */
  readonly turn: Turn | undefined;
}

/** The answer in the shape that the callout expects. */
export function shaped(
  { expect }: Callout,
  { status, headers, body }: Omit<KeptAnswer, "etag">,
  revalidated: boolean,
): CalloutResponse {
  return { status, headers, body: expect === "text" ? new TextDecoder().decode(body) : body, revalidated };
}

/** Where `text` leads. @throws Refusal */
export function destinationOf(parsed: Parsed, text: string): Destination {
  if ("destination" in parsed) return parsed.destination;
  throw new Refusal({ tag: "denied", target: shownUrl(text), flag: "", reason: parsed.refused });
}

/** Takes over the headers that the guest may set. @throws Refusal */
export function addGuestHeaders(journey: Journey, destination: Destination): void {
  const guest = guestHeaders(journey.callout.headers);
  if ("refused" in guest) throw denied(destination.endpoint, guest.refused, "");
  for (const [name, value] of guest.headers) journey.headers.append(name, value);
}

/** Notes that the credential of `need` went to `destination`, which answered `status`. */
export function noteCredential(journey: Journey, need: Need, destination: Destination, status: number): void {
  if (need.credential === undefined) return;
  const { endpoint } = destination;
  const { credential: name, target } = need;
  journey.credential = { name, need: target, target: endpoint.host, refused: status === 401 };
}

/** False where the length or a part of the body is asked for: both are meant of the body as it is. */
export function wantsPacked({ method }: Callout, headers: Headers): boolean {
  return method !== "head" && !headers.has("range");
}
