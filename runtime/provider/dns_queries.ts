/**
 * A guest's question for the domain name system on its way to the gate, and the reply on its way back.
 *
 * @module
 */
import type { CalloutFailure, DnsRecord, DnsReply, Gate, Question } from "../egress/callout.ts";
import type { CalloutReply } from "./protocol.ts";

/** Longest name and longest resolver, in UTF-16 units; a name has at most 253 characters (RFC 1035, 2.3.4). */
const NAME_LENGTH = 1_024;

/** Asks what the guest asks, through the gate; a question that makes no sense never reaches it. */
export async function answerQuery(
  gate: Gate,
  mount: string,
  [name, type, resolver]: readonly unknown[],
  signal: AbortSignal,
): Promise<CalloutReply> {
  if (!isShort(name) || !isShort(type) || !(resolver === undefined || isShort(resolver))) {
    return { error: { tag: "malformed", val: "the question is not one of the contract" } };
  }
  const question = { name, type, resolver };
  const result = await gate.send({
    mount,
    method: "get",
    url: urlOf(question),
    headers: [],
    expect: "none",
    write: false,
    question,
  }, signal);
  if (!result.ok) return { error: dnsError(result.failure) };
  const { reply } = result.response;
  if (reply === undefined) return { error: { tag: "malformed", val: "the gate gave no reply" } };
  return { ok: contractReply(reply) };
}

/** `dns://9.9.9.9/example.com?type=MX` of RFC 4501, for people. */
function urlOf({ name, type, resolver }: Question): string {
  const authority = resolver === undefined
    ? ""
    : `//${resolver.replace(/^https:\/\//, "").replace(/\/.*/, "")}/`;
  return `dns:${authority}${encodeURIComponent(name)}?type=${type}`;
}

/** `reply` of the contract's `dns`. */
function contractReply({ rcode, authenticated, answers, authority }: DnsReply) {
  return {
    rcode,
    authenticated,
    answers: answers.map(contractAnswer),
    authority: authority.map(contractAnswer),
  };
}

function contractAnswer({ name, type, ttl, data }: DnsRecord) {
  return { name, rtype: type, ttl, data };
}

/** A case of the contract's `dns-error`. */
function dnsError(failure: CalloutFailure): { readonly tag: string; readonly val?: string } {
  switch (failure.tag) {
    case "denied":
      return { tag: "denied", val: `${failure.target} was not granted (${failure.flag}): ${failure.reason}` };
    case "connection":
      return { tag: "malformed", val: failure.reason };
    case "too-large":
      return { tag: "malformed", val: "the answer is too large" };
    default:
      return { tag: "timeout" };
  }
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_LENGTH;
}
