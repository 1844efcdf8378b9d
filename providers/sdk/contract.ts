/**
 * The words of the contract (`wit/types.wit`, `provider.wit`, `events.wit`, `capabilities.wit`) as a guest sees them.
 *
 * They differ from the host's generated types in one point: in a QuickJS guest a `u64` is a plain number, and a
 * BigInt traps. A test holds this file against the generated types.
 *
 * @module
 */

/** Identity of one upstream object: stable, opaque to the host, at most 1,024 bytes; the root is `""`. */
export type NodeId = string;

/** How the host learns that a node is no longer true. */
export type Freshness =
  | { tag: "immutable" }
  | { tag: "watched"; val: string }
  | { tag: "volatile" };

/** One header. */
export interface Header {
  /** Its name; lower case in an answer. */
  name: string;
  /** Its value. */
  value: string;
}

/** Bytes; text crosses without a codec in the guest, so prefer it. */
export type Payload = { tag: "text"; val: string } | { tag: "bytes"; val: Uint8Array };

/** Where a file's bytes are: here (at most 64 KiB), at a URL that the host fetches, or behind `readFile`. */
export type Content =
  | { tag: "inline"; val: Payload }
  | { tag: "upstream"; val: { url: string; headers: Header[] } }
  | { tag: "ask" };

/** One object of the projected tree. Made by the builders of `nodes.ts`. */
export interface Node {
  /** Its identity. */
  id: NodeId;
  /** What it is. */
  kind: "directory" | "file";
  /** Exact length of a file in bytes; undefined where the host has to find out. */
  size?: number;
  /** Last upstream change in milliseconds since the Unix epoch. */
  modified?: number;
  /** The upstream's own mark of this state, at most 256 bytes. */
  version?: string;
  /** How long the host may keep it. */
  freshness: Freshness;
  /** Where its bytes are; `ask` for a directory. */
  content: Content;
  /** True for a directory of which one page costs no more than looking one name up. */
  listFirst: boolean;
  /** True where a draft may stage a write. */
  writable: boolean;
}

/** A node under the name that one directory gives it. */
export interface DirEntry {
  /** 1 to 255 bytes, without `/` or NUL, neither `.` nor `..`. */
  name: string;
  /** The node. */
  node: Node;
}

/** A child together with the directory that holds it. */
export interface Projected {
  /** The directory. */
  parent: NodeId;
  /** Its child. */
  entry: DirEntry;
}

/** One page of a directory. */
export interface Listing {
  /** The children, in the order in which `ls -U` shows them. */
  entries: DirEntry[];
  /** True where a name that is on no page is thereby known to be absent. */
  exhaustive: boolean;
  /** Where to go on; undefined after the last page. */
  next?: string;
  /** Children of other directories that the same upstream answer told. */
  also: Projected[];
  /** Other directories of which the same answer told every child. */
  complete: NodeId[];
}

/** Why an operation failed; each case is one errno. Thrown as a `ProviderError` (`errors.ts`). */
export type Failure =
  | { tag: "not-found" | "not-a-directory" | "is-a-directory" | "too-large" }
  | { tag: "invalid" | "unauthorized" | "denied" | "conflict" | "unavailable" | "internal"; val: string }
  | { tag: "rate-limited"; val: number | undefined };

/** A method of HTTP. */
export type Method = "get" | "head" | "post" | "put" | "patch" | "delete";

/** A request for the host's gate. */
export interface Request {
  /** What to do. */
  method: Method;
  /** Absolute `https:` URL, or `unix:/socket/path:/target` as granted. */
  url: string;
  /** Without any credential: the host attaches it. */
  headers: Header[];
  /** The body. */
  body?: Payload;
  /** How the answer's body is wanted. */
  expect: "text" | "bytes" | "none";
}

/** What the upstream said. */
export interface Response {
  /** The HTTP status. */
  status: number;
  /** The headers, names in lower case. */
  headers: Header[];
  /** The body, in the shape that was asked for. */
  body: Payload;
}

/** Why there is no answer. */
export type HttpError =
  | { tag: "denied" | "connection"; val: string }
  | { tag: "timeout" | "too-large" }
  | { tag: "rate-limited"; val: number | undefined };

/** One record of a DNS reply. */
export interface DnsAnswer {
  /** Whose it is, with its trailing dot. */
  name: string;
  /** Mnemonic such as `MX`. */
  rtype: string;
  /** Seconds, as the server gave it. */
  ttl: number;
  /** Presentation format of RFC 1035. */
  data: string;
}

/** What a DNS server said. */
export interface DnsReply {
  /** How it went. */
  rcode: "noerror" | "formerr" | "servfail" | "nxdomain" | "notimp" | "refused";
  /** True where the server says that it verified the answer. */
  authenticated: boolean;
  /** The answer, the chain of aliases included. */
  answers: DnsAnswer[];
  /** The SOA of the zone that answered, where the server sent one. */
  authority: DnsAnswer[];
}

/** Why there is no reply. */
export type DnsError = { tag: "denied" | "malformed"; val: string } | { tag: "timeout" };

/** How a project of the packer stands. */
export interface PackerStatus {
  /** How its snapshot stands to the disk. */
  state: "clean" | "stale" | "diverged" | "reconciling" | "failed";
  /** Increases by one with every commit and every edit that was taken in. */
  generation: number;
  /** One sentence for people. */
  detail: string;
  /** When anything last changed, in milliseconds since the Unix epoch. */
  changed: number;
}

/** One registered asset. */
export interface PackerAsset {
  /** `asset_id` of the registry. */
  id: number;
  /** `asset_uuid`. */
  uuid: string;
  /** From its declaration. */
  name: string;
  /** Relative to the workspace's `assets/`. */
  root: string;
  /** Whether a build takes it. */
  includedInBuild: boolean;
  /** Milliseconds since the Unix epoch. */
  modified: number;
}

/** One file or directory of an asset. */
export interface PackerEntry {
  /** Relative to the asset's root. */
  path: string;
  /** What it is. */
  kind: "directory" | "file";
  /** Bytes. */
  size: number;
  /** Milliseconds since the Unix epoch. */
  modified: number;
  /** SHA-256 in lower-case hexadecimal, once it is known. */
  digest?: string;
}

/** One thing that waits for a decision. */
export interface PackerDivergence {
  /** The same for as long as it lasts. */
  id: number;
  /** What it is. */
  kind: string;
  /** Relative to `assets/`. */
  path: string;
  /** What was found. */
  detail: string;
}

/** The latest build. */
export interface PackerBuild {
  /** The generation that was packed. */
  generation: number;
  /** The text of its manifest. */
  manifest: string;
  /** Bytes of the archive. */
  size: number;
  /** Milliseconds since the Unix epoch. */
  modified: number;
}

/** What a file has to be for a change of it to be made; `digest` is a SHA-256, `holds` its bytes. */
export type PackerExpectation =
  | { tag: "anything" | "nothing" }
  | { tag: "digest"; val: string }
  | { tag: "holds"; val: Payload };

/** One change of a workspace; see `wit/packer.wit`. */
export type PackerCommand =
  | {
    tag: "register";
    val: {
      root: string;
      declaration?: string;
      includedInBuild: boolean;
      files: { path: string; content: Payload }[];
    };
  }
  | { tag: "unregister"; val: number }
  | { tag: "set-included"; val: { asset: number; includedInBuild: boolean } }
  | { tag: "relocate"; val: { asset: number; root: string } }
  | { tag: "put"; val: { asset: number; path: string; content: Payload; expected: PackerExpectation } }
  | { tag: "remove"; val: { asset: number; path: string; expected: PackerExpectation } };

/** One authority that the provider wants, shown to the user with its reason. */
export interface Need {
  /** A host (`api.github.com`), `unix:` and a socket's path, or `dns`. */
  target: string;
  /** True where it also asks to change the upstream. */
  write: boolean;
  /** One sentence for the person who grants it. */
  why: string;
  /** The name of the credential that the host attaches. */
  credential?: string;
  /** Least milliseconds between two requests to any target with a pace, one at a time; at most 60,000. */
  pace?: number;
}

/** What a provider is and asks for. */
export interface Manifest {
  /** The default first path segment. */
  name: string;
  /** Its version, as in semver. */
  version: string;
  /** One line for people. */
  summary: string;
  /** Everything that it asks for. */
  needs: Need[];
  /** JSON Schema (draft 2020-12) of its settings, as text. */
  settingsSchema: string;
}

/** How the host keeps one watch. */
export type Source =
  | { tag: "poll"; val: number }
  | { tag: "subscribe"; val: string }
  | { tag: "webhook"; val: "hub-signature256" | "linear-signature" };

/** One delivered event; the host has verified its signature. */
export type Event =
  | { tag: "webhook"; val: { headers: [string, string][]; body: Uint8Array } }
  | { tag: "line"; val: Uint8Array };

/** What is no longer true, and what is true instead where the provider knows it; see `wit/events.wit`. */
export type Invalidation =
  /** A node's attributes and bytes, a directory's listing, all that a watch guards; or a watch that was heard of. */
  | { tag: "node" | "children" | "watch" | "heard"; val: string }
  /** A child of the directory, as it is now. */
  | { tag: "placed"; val: [NodeId, DirEntry] }
  /** The directory no longer has a child of the second identity. */
  | { tag: "removed"; val: [NodeId, NodeId] };

/** What one look at the upstream told. */
export interface Polled {
  /** What is no longer true. */
  invalidations: Invalidation[];
  /** Handed to the next poll of this watch. */
  cursor?: string;
  /** Milliseconds until then, where the upstream asks for a pace of its own. */
  wait?: number;
}

/** What was staged at one place; see `wit/mutations.wit`. */
export type Change =
  /** A file is to hold `content` in place of `base`. */
  | { tag: "write"; val: { file: NodeId; baseVersion?: string; base: Payload; content: Payload } }
  /** A file is to be made at the path `name` below `parent`. */
  | { tag: "create"; val: { parent: NodeId; name: string; content: Payload } }
  /** A file or a directory is to go. */
  | { tag: "remove"; val: { parent: NodeId; name: string; node: NodeId; baseVersion?: string } };

/** One upstream operation. */
export interface Step {
  /** Unique within the plan; when the step is performed, an idempotency token. */
  id: string;
  /** What a reviewer reads. */
  summary: string;
  /** The provider's own notes. */
  payload: Uint8Array;
  /** False where nothing can take it back. */
  reversible: boolean;
}

/** Why a change cannot be applied: its number, and the case of `provider-error`. */
export interface Refusal {
  /** Which of the changes, from 0. */
  change: number;
  /** Why. */
  error: Failure;
}

/** What a performed step left. */
export interface Receipt {
  /** What `undo` needs. */
  undo?: Uint8Array;
  /** What the step changed, as far as the upstream's answer tells. */
  changed: Invalidation[];
}

/** Whether a step that the host lost sight of took place. */
export type Outcome = { tag: "performed"; val: Receipt } | { tag: "not-performed" } | { tag: "unknown" };
