/**
 * May this request go out? Manifest, grants, method and addresses, in that order; nothing is sent here.
 *
 * @module
 */
import { hostText, isLoopback, isPublic } from "./address.ts";
import type { Callout, CalloutFailure, Method, Need } from "./callout.ts";
import { type Destination, type Endpoint, isLoopbackEndpoint } from "./destination.ts";
import { DNS_NEED } from "./dns_system.ts";
import { endpointText, flagFor, type Grants } from "./grant.ts";
import { readQuery } from "./graphql.ts";
import { matches, narrowness, parsePattern, type Pattern } from "./pattern.ts";

/** Ends a callout with a failure of the contract; thrown and caught within the gate. */
export class Refusal extends Error {
  /** The failure. */
  readonly failure: CalloutFailure;

  /** Ends a callout as `failure`. */
  constructor(failure: CalloutFailure) {
    super(failure.tag);
    this.failure = failure;
  }
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const READS: ReadonlySet<Method> = new Set<Method>(["get", "head"]);

/** What a provider's manifest needs, read once. */
interface AdmittedNeed {
  readonly need: Need;
  readonly pattern: Pattern;
}

/** Decides over callouts, by the needs of each mount and the grants of the user. */
export class Checkpoint {
  readonly #grants: Grants;
  readonly #needs = new Map<string, readonly AdmittedNeed[]>();

  /** Nobody is admitted yet. */
  constructor(grants: Grants) {
    this.#grants = grants;
  }

  /** Makes a mount's needs known, in place of those before. A target outside the grammar matches nothing. */
  admit(mount: string, needs: readonly Need[]): void {
    const read = needs.flatMap((need) => {
      const pattern = parsePattern(need.target);
      return pattern.kind === "wrong" ? [] : [{ need, pattern }];
    });
    this.#needs.set(mount, read.sort((a, b) => narrowness(b.pattern) - narrowness(a.pattern)));
  }

  /**
   * The body that goes out. Refuses whatever is no read: GET, HEAD, and a POST that holds GraphQL queries and
   * nothing else. A write needs its grant, and a draft that is being applied.
   *
   * @throws Refusal
   */
  checkMethod(callout: Callout, headers: Headers, destination: Destination): string | undefined {
    const { method, mount, body, write } = callout;
    if (READS.has(method)) {
      if (body === undefined) return undefined;
      throw denied(destination.endpoint, "a read carries no body", "");
    }
    const verb = method.toUpperCase();
    const apply = `--allow-apply=${mount}`;
    if (write) return this.#checkWrite(callout, destination, apply);
    if (method !== "post") {
      throw denied(
        destination.endpoint,
        `${verb} may change the upstream, and the provider may only read`,
        apply,
      );
    }
    return checkQuery(callout, headers, destination, apply);
  }

  /** A change passes where the user granted it, on behalf of a step that is performed or taken back. */
  #checkWrite({ method, mount, body, applying }: Callout, { endpoint }: Destination, flag: string) {
    const verb = method.toUpperCase();
    if (!this.#grants.apply.includes(mount)) {
      throw denied(endpoint, `${verb} may change the upstream, which was not granted`, flag);
    }
    if (applying !== true) {
      throw denied(endpoint, `${verb} passes only while a draft of ${mount} is applied`, "");
    }
    if (body instanceof Uint8Array) return new TextDecoder("utf-8", { fatal: true }).decode(body);
    return body;
  }

  /**
   * The narrowest need of `mount` that covers `destination`, if that is granted. Where it is a name, the addresses
   * that it leads to are still to be judged, each by {@linkcode Checkpoint.judge}. With `write` the need must ask to
   * change the upstream, too.
   *
   * @throws Refusal
   */
  permit(mount: string, destination: Destination, write = false): Need {
    const { endpoint } = destination;
    const admitted = this.#needs.get(mount)?.find(({ pattern }) => matches(pattern, endpoint));
    if (admitted === undefined) throw denied(endpoint, `the manifest of ${mount} does not ask for it`, "");
    if (write && !admitted.need.write) {
      throw denied(endpoint, `the manifest of ${mount} does not ask to change it`, "");
    }
    this.#checkScheme(destination);
    const verdict = this.#grants.match(endpoint);
    if (!verdict.granted) throw denied(endpoint, verdict.reason, verdict.flag);
    if (endpoint.kind === "address") this.#checkAddress(endpoint, endpoint);
    return admitted.need;
  }

  #checkScheme({ endpoint, secure }: Destination): void {
    if (secure || (isLoopbackEndpoint(endpoint) && this.#grants.namesPort(endpoint))) return;
    if (!isLoopbackEndpoint(endpoint)) {
      throw denied(endpoint, "plain http: is for loopback addresses only", "");
    }
    const flag = `--allow-net=${
      endpoint.kind === "unix" ? "" : `${hostText(endpoint.host)}:${endpoint.port}`
    }`;
    throw denied(endpoint, "plain http: needs the address granted together with its port", flag);
  }

  /**
   * Lets a question of `mount` pass to a DNS server. The need is always `dns`; the grant is of the server itself, since
   * no manifest can know which ones a user will name. The bare flag opens only what some need names.
   *
   * @throws Refusal
   */
  permitResolver(mount: string, endpoint: Endpoint): void {
    const needs = this.#needs.get(mount) ?? [];
    if (!needs.some(({ need }) => need.target === DNS_NEED)) {
      throw denied(endpoint, `the manifest of ${mount} does not ask for ${DNS_NEED}`, "");
    }
    const verdict = this.#grants.match(endpoint);
    if (!verdict.granted) throw denied(endpoint, verdict.reason, verdict.flag);
    if (this.#grants.allow === "all" && !needs.some(({ pattern }) => matches(pattern, endpoint))) {
      const reason =
        `the bare --allow-net opens what the manifest of ${mount} names, and it does not name this`;
      throw denied(endpoint, reason, flagFor(endpoint));
    }
    if (endpoint.kind === "address") this.#checkAddress(endpoint, endpoint);
  }

  /** Refuses what a `--deny-net` entry forbids. @throws Refusal */
  checkForbidden(endpoint: Endpoint): void {
    const forbidden = this.#grants.denies(endpoint);
    if (forbidden !== undefined) throw denied(endpoint, `${forbidden} forbids it`, "");
  }

  /**
   * Judges one address to which the connection to `asked` is about to go.
   *
   * @throws Refusal
   */
  judge(host: string, asked: Endpoint): void {
    if (asked.kind !== "unix") this.#checkAddress({ kind: "address", host, port: asked.port }, asked);
  }

  /** Judges one address of `asked`, which is the address itself or the name that led to it. */
  #checkAddress(address: Endpoint & { kind: "address" }, asked: Endpoint): void {
    const forbidden = this.#grants.denies(address);
    if (forbidden !== undefined) throw denied(address, `${forbidden} forbids it`, "");
    if (isPublic(address.host) || this.#grants.names(address)) return;
    // `localhost` means a loopback address by its definition; any other name has to have its address granted too.
    if (isLoopbackEndpoint(asked) && isLoopback(address.host) && this.#grants.names(asked)) return;
    const what = asked === address ? "it is" : `${asked.host} leads to`;
    const wanted = isLoopbackEndpoint(asked) && isLoopback(address.host) ? asked : address;
    throw denied(wanted, `${what} an address that is not of the public internet`, flagFor(wanted));
  }
}

/** The body of a POST that is a GraphQL query. */
function checkQuery({ body }: Callout, headers: Headers, destination: Destination, flag: string): string {
  // Some servers read `query` from the URL, and believe it more than the body.
  const read = new URL(destination.url).search === ""
    ? readQuery(headers.get("content-type"), body)
    : { refused: "its URL has a query of its own" };
  if ("body" in read) return read.body;
  throw denied(destination.endpoint, `POST passes as a GraphQL query only: ${read.refused}`, flag);
}

/** The refusal to go to `endpoint`. */
export function denied(endpoint: Endpoint, reason: string, flag: string): Refusal {
  return new Refusal({ tag: "denied", target: endpointText(endpoint), flag, reason });
}
