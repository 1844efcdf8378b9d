/**
 * A request that a provider wants to send upstream, and what comes back: the words that the provider host and
 * the gate share. They are the contract's `http` interface, with the provider's mount name beside them.
 *
 * @module
 */

/** One header; names are lower case on the way back. */
export interface Header {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
}

/** Methods of the contract. */
export type Method = "get" | "head" | "post" | "put" | "patch" | "delete";

/** The shape in which the caller wants the body: decoded as UTF-8, as it is, or not at all. */
export type BodyKind = "text" | "bytes" | "none";

/** A question for the domain name system. */
export interface Question {
  /** The name in ASCII, with or without its trailing dot. */
  readonly name: string;
  /** The mnemonic of a record type, such as `MX`. */
  readonly type: string;
  /** An address, with or without a port, or the `https:` URL of a DoH server; the system's where it is absent. */
  readonly resolver: string | undefined;
}

/** One record of a reply. */
export interface DnsRecord {
  /** Whose it is, with its trailing dot. */
  readonly name: string;
  /** The mnemonic of its type. */
  readonly type: string;
  /** Seconds, as the server gave it. */
  readonly ttl: number;
  /** Its data in the presentation format of RFC 1035. */
  readonly data: string;
}

/** Response codes of the contract. */
export type Rcode = "noerror" | "formerr" | "servfail" | "nxdomain" | "notimp" | "refused";

/** What a DNS server said. */
export interface DnsReply {
  /** How it went. */
  readonly rcode: Rcode;
  /** True where the server says that it verified the answer (the AD bit). */
  readonly authenticated: boolean;
  /** The answer, the chain of aliases included. */
  readonly answers: readonly DnsRecord[];
  /** The SOA of the zone that answered, where the server sent one. */
  readonly authority: readonly DnsRecord[];
}

/** A request on its way to the gate. */
export interface Callout {
  /** The mount name of the provider that asks. */
  readonly mount: string;
  /** What to do. */
  readonly method: Method;
  /** Absolute `https:` URL, `http:` to a loopback address that was granted, or `unix:/socket/path:/target`. */
  readonly url: string;
  /** The guest's own headers, unchecked. */
  readonly headers: readonly Header[];
  /** The guest's body. */
  readonly body?: string | Uint8Array;
  /** How the answer's body is wanted. */
  readonly expect: BodyKind;
  /** True where it comes through `http-write`. */
  readonly write: boolean;
  /** True where a draft is being applied, and this is part of it. */
  readonly applying?: boolean;
  /** Asked in place of a request, where it is there; `url` only shows it then, as RFC 4501 writes it. */
  readonly question?: Question;
}

/** What the upstream said. */
export interface CalloutResponse {
  /** The HTTP status; 200 for a reply to a question. */
  readonly status: number;
  /** Without `set-cookie` and without any echo of the credential. */
  readonly headers: readonly Header[];
  /** A string for `text`, bytes for `bytes`, empty bytes for `none`. */
  readonly body: string | Uint8Array;
  /** True where the upstream answered 304 and the body is the one kept from before. */
  readonly revalidated: boolean;
  /** The reply to a question. */
  readonly reply?: DnsReply;
}

/** Why there is no answer: the cases of the contract's `http-error`. */
export type CalloutFailure =
  /**
   * `target` is what would have to be granted, `flag` the whole command-line flag for it; empty where no flag would
   * help (the manifest does not ask for it, `--deny-net` forbids it, the URL makes no sense), as `reason` says.
   */
  | { readonly tag: "denied"; readonly target: string; readonly flag: string; readonly reason: string }
  | { readonly tag: "timeout" }
  | { readonly tag: "too-large" }
  | { readonly tag: "rate-limited"; readonly milliseconds?: number }
  | { readonly tag: "connection"; readonly reason: string };

/** An answer, or why there is none. */
export type CalloutResult =
  | { readonly ok: true; readonly response: CalloutResponse }
  | { readonly ok: false; readonly failure: CalloutFailure };

/** One authority that a provider's manifest asks for. */
export interface Need {
  /** A host (`api.github.com`), a pattern (`*.example.com`), `unix:` and a socket's path, or `dns`. */
  readonly target: string;
  /** True where it also asks to change the upstream. */
  readonly write: boolean;
  /** One sentence for the person who grants it. */
  readonly why: string;
  /** The name of the credential for requests to `target`: an environment variable such as `GITHUB_TOKEN`. */
  readonly credential?: string;
  /** Least milliseconds between two requests to `target`; see `pace.ts`. */
  readonly pace?: number;
}

/** A GET that is held open, for the lines of its answer. */
export interface Subscription {
  /** The mount name of the provider that asks. */
  readonly mount: string;
  /** As of a {@linkcode Callout}. */
  readonly url: string;
}

/** Gets what a stream brings. */
export interface StreamListener {
  /** The upstream answered with a success: what happens from now on comes as a line. */
  opened(): void;
  /** One whole line, without its end. The next one is handed on when this is settled; it must not reject. */
  line(line: Uint8Array): Promise<void>;
}

/** How a stream ended: the upstream closed it, it was silent for too long, or as a callout fails. */
export type StreamEnd =
  | CalloutFailure
  | { readonly tag: "closed" }
  | { readonly tag: "idle" }
  /** The upstream answered with something else than a success. */
  | { readonly tag: "refused"; readonly status: number };

/** What the rest of the runtime sees of the gate. */
export interface Gate {
  /** Makes a provider known, before its first callout. */
  admit(mount: string, needs: readonly Need[]): Promise<void>;
  /** Sends one callout, if it may be sent. Never rejects; an aborted `signal` ends it as `timeout`. */
  send(callout: Callout, signal?: AbortSignal): Promise<CalloutResult>;
  /**
   * Holds a GET open, if it may be sent, and resolves with how it ended. Never rejects; an aborted `signal` ends it as
   * `timeout`. A line that the end cut off is not handed on.
   */
  subscribe(subscription: Subscription, listener: StreamListener, signal: AbortSignal): Promise<StreamEnd>;
}
