/**
 * A gate without a network: requests are answered from a folder of sample data, `HOST/PATH` below it.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type {
  Callout,
  CalloutFailure,
  CalloutResult,
  Gate,
  Header,
  Need,
  StreamEnd,
  Subscription,
} from "../../egress/callout.ts";
import { type Endpoint, parseDestination } from "../../egress/destination.ts";
import { endpointText } from "../../egress/grant.ts";
import { matches, parsePattern } from "../../egress/pattern.ts";

/** What the ending of a file says of it. */
const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  txt: "text/plain; charset=utf-8",
  html: "text/html; charset=utf-8",
  xml: "application/xml",
};

/** Answers GET and HEAD from files; what is not there is 404. */
export class SampleGate implements Gate {
  readonly #folder: string;
  #needs: readonly Need[] = [];

  /** Answers from `folder`, such as `sample`, where `sample/api.example.com/notes.json` is what that host says of `/notes`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** See {@linkcode Gate}. */
  admit(_mount: string, needs: readonly Need[]): Promise<void> {
    this.#needs = needs;
    return Promise.resolve();
  }

  /** See {@linkcode Gate}. */
  async send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult> {
    if (signal?.aborted) throw new OmnifsError("interrupted", "the caller gave up", { op: "callout" });
    const parsed = parseDestination(callout.url);
    if ("refused" in parsed) return { ok: false, failure: { tag: "connection", reason: parsed.refused } };
    const refusal = this.#refusal(callout, parsed.destination.endpoint);
    if (refusal !== undefined) return { ok: false, failure: refusal };
    const found = await this.#find(new URL(parsed.destination.url));
    return found === undefined ? answer(callout, 404, new Uint8Array(), []) : answer(callout, 200, ...found);
  }

  /** See {@linkcode Gate}: nothing happens in a folder. */
  subscribe({ url }: Subscription): Promise<StreamEnd> {
    const reason = "sample data has no streams";
    return Promise.resolve({ tag: "denied", target: url, flag: "", reason });
  }

  #refusal({ method, question }: Callout, endpoint: Endpoint): CalloutFailure | undefined {
    const target = endpointText(endpoint);
    const denied = (reason: string): CalloutFailure => ({ tag: "denied", target, flag: "", reason });
    if (question !== undefined || endpoint.kind === "unix") {
      return denied("sample data holds answers of HTTP alone");
    }
    const asked = this.#needs.some((need) => {
      const pattern = parsePattern(need.target);
      return pattern.kind !== "wrong" && matches(pattern, endpoint);
    });
    if (!asked) return denied("the manifest does not ask for it");
    if (method !== "get" && method !== "head") {
      return denied(`sample data does not answer ${method.toUpperCase()}`);
    }
    return undefined;
  }

  /** The file behind a URL: by its path and query, with or without `.json` behind them. */
  async #find({ host, pathname, search }: URL): Promise<[Uint8Array, Header[]] | undefined> {
    const path = `${this.#folder}/${host}${pathname}${pathname.endsWith("/") ? "index" : ""}${search}`;
    for (const file of [path, `${path}.json`]) {
      const bytes = await Deno.readFile(file).catch(() => undefined);
      if (bytes === undefined) continue;
      const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
      return [bytes, [
        { name: "content-type", value: type },
        { name: "content-length", value: String(bytes.length) },
      ]];
    }
    return undefined;
  }
}

function answer(
  { expect, method }: Callout,
  status: number,
  bytes: Uint8Array,
  headers: Header[],
): CalloutResult {
  const told = method === "head" || expect === "none" ? new Uint8Array() : bytes;
  const body = expect === "text" ? new TextDecoder().decode(told) : told;
  return { ok: true, response: { status, headers, body, revalidated: false } };
}
