/**
 * What a running omnifs and its command line tell each other: plain JSON documents, the same that
 * `--output json` prints.
 *
 * @module
 */
import type { BusEvent, Listener } from "../base/bus.ts";
import type { DraftBackend } from "./drafts.ts";
import { asOmnifsError, ERROR_KINDS, type ErrorKind, OmnifsError } from "../base/errors.ts";
import type { PackerDesk } from "../base/packer.ts";
import type { SettingOrigin } from "./options.ts";
import type { ChangesDocument } from "./change_documents.ts";
import type { Inspection } from "./inspect_documents.ts";
import type { DeliveryDocument, WebhookDocument, WebhookTestDocument } from "./webhook_documents.ts";

/** Counts up with every change that an older client or daemon would misread. */
export const PROTOCOL = 3;

/** One authority that a provider's manifest asks for, and what became of it. */
export interface NeedDocument {
  /** A host, a pattern, `unix:` and a socket's path, or `dns`. */
  readonly target: string;
  /** The provider's own reason, one sentence. */
  readonly why: string;
  /** True where the user granted it. */
  readonly granted: boolean;
  /** The whole flag that grants it, such as `--allow-net=api.github.com`. */
  readonly flag: string;
  /** The name of the credential that goes with requests to `target`; none where it is missing. */
  readonly credential?: string;
}

/** What one provider was asked so far, and what it asked of its upstream. */
export interface ProviderCounts {
  /** Names looked up in it. */
  readonly lookups: number;
  /** Pages of directories. */
  readonly lists: number;
  /** Reads of files. */
  readonly reads: number;
  /** Looks at the upstream on behalf of a watch. */
  readonly polls: number;
  /** Deliveries and lines of streams that it read. */
  readonly events: number;
  /** Requests that it sent upstream. */
  readonly callouts: number;
  /** Of those, how many the upstream answered with "not modified". */
  readonly revalidated: number;
  /** Of those, how many were not sent because the upstream had asked to wait. */
  readonly rateLimited: number;
  /** Operations that ended in an error other than `not-found`. */
  readonly failures: number;
}

/** One provider under its mount name. */
export interface ProviderDocument {
  /** The first segment of its paths. */
  readonly mount: string;
  /** Its own name, such as `github`. */
  readonly name: string;
  /** Its own version. */
  readonly version: string;
  /** What it projects, one line. */
  readonly summary: string;
  /** Where the component came from: `bundled`, or the absolute path of its file. */
  readonly source: string;
  /** `withheld`: a need is not granted; `failed`: it could not be started, see `lastError`. */
  readonly state: "ready" | "withheld" | "failed";
  /** What it asks for. */
  readonly needs: readonly NeedDocument[];
  /** What it did so far. */
  readonly counts: ProviderCounts;
  /** The message of its latest failure. */
  readonly lastError?: string;
}

/** One credential that a provider asks for, without its secret. */
export interface CredentialDocument {
  /** Whose requests it is for. */
  readonly mount: string;
  /** Its name, such as `GITHUB_TOKEN`. */
  readonly name: string;
  /** Where it may be sent: the target of the provider's need. */
  readonly target: string;
  /** Where it was found; null where there is none. */
  readonly source: "helper" | "environment" | "store" | null;
  /** How many answers in a row refused it. */
  readonly refusals: number;
  /** What is wrong with it. */
  readonly problem?: string;
  /** What to do about that. */
  readonly mend?: string;
}

/** What became of asking for every credential anew. */
export interface ReloadDocument {
  /** The mounts for which one changed. */
  readonly mounts: readonly string[];
}

/** What the user granted. */
export interface GrantsDocument {
  /** Scopes of `--allow-net`; `["*"]` where it was given without a value. */
  readonly allow: readonly string[];
  /** Scopes of `--deny-net`, which win. */
  readonly deny: readonly string[];
  /** Mounts of `--allow-apply`. */
  readonly apply: readonly string[];
}

/** The runtime's cache, not the kernel's. */
export interface CacheDocument {
  /** Answers from the cache. */
  readonly hits: number;
  /** Questions that it could not answer. */
  readonly misses: number;
  /** Loads that were started. */
  readonly loads: number;
  /** Callers who joined a load under way. */
  readonly joined: number;
  /** Loads whose answer an invalidation overtook. */
  readonly overtaken: number;
  /** Entries dropped for want of room. */
  readonly evictions: number;
  /** Entries dropped on somebody's word. */
  readonly invalidations: number;
  /** Bytes held. */
  readonly bytes: number;
  /** Bytes that it may hold. */
  readonly maxBytes: number;
  /** Nodes held. */
  readonly nodes: number;
  /** Directory listings held. */
  readonly listings: number;
}

/** Traffic with the kernel. */
export interface FuseDocument {
  /** Requests of the kernel by opcode, such as `LOOKUP`. */
  readonly messages: Readonly<Record<string, number>>;
  /** Notifications sent to the kernel. */
  readonly notifications: number;
}

/** A failure as it crosses the socket. */
export interface ErrorDocument {
  /** Its kind. */
  readonly kind: ErrorKind;
  /** For people. */
  readonly message: string;
  /** What it was done to. */
  readonly path?: string;
  /** The operation that failed. */
  readonly op?: string;
  /** What to do next. */
  readonly mend?: string;
}

/** A failure and when it was. */
export interface ErrorRecord extends ErrorDocument {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

/** One directory on which the tree is mounted. */
export interface MountDocument {
  /** The absolute mount point. */
  readonly dir: string;
  /** The mount names of the providers that it shows; null for all. */
  readonly shows: readonly string[] | null;
}

/** The drafts of a daemon, counted. */
export interface DraftsDocument {
  /** How many there are. */
  readonly drafts: number;
  /** How many changes are staged in all of them. */
  readonly changes: number;
  /** The names of those whose apply stopped halfway. */
  readonly partial: readonly string[];
}

/** Everything about one running omnifs. */
export interface StatusDocument {
  /** Version of the daemon. */
  readonly version: string;
  /** Process id of the daemon. */
  readonly pid: number;
  /** The absolute mount point, the first of several; null where the tree is served without the kernel. */
  readonly dir: string | null;
  /** Every directory on which the tree is mounted, in the order of mounting. */
  readonly dirs: readonly MountDocument[];
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** How long it runs. */
  readonly uptimeMilliseconds: number;
  /** Its providers, by mount name. */
  readonly providers: readonly ProviderDocument[];
  /** What was granted. */
  readonly grants: GrantsDocument;
  /** What its configuration file and its environment say; nothing where it is missing. */
  readonly origins?: readonly SettingOrigin[];
  /** Its drafts; nothing where it keeps none. */
  readonly drafts?: DraftsDocument;
  /** The credentials that its providers ask for. */
  readonly credentials: readonly CredentialDocument[];
  /** The cache. */
  readonly cache: CacheDocument;
  /** The kernel's side. */
  readonly fuse: FuseDocument;
  /** Changes upstream. */
  readonly changes: ChangesDocument;
  /** The webhook receiver; null where there is none. */
  readonly webhook: WebhookDocument | null;
  /** The latest failures, newest first. */
  readonly errors: readonly ErrorRecord[];
}

/** One object of the tree. */
export interface TreeEntry {
  /** The last segment of `path`; empty for the root. */
  readonly name: string;
  /** From the root of the tree, with a leading slash. */
  readonly path: string;
  /** What it is. */
  readonly kind: "directory" | "file";
  /** The inode number that `ls -i` shows. */
  readonly ino: number;
  /** Exact bytes of a file; null for a directory, and where it is not known yet. */
  readonly size: number | null;
  /** Last upstream change in milliseconds since the Unix epoch. */
  readonly modified: number | null;
  /** The provider's identity of it. */
  readonly id: string;
  /** How long it may be kept. */
  readonly freshness: "immutable" | "watched" | "volatile";
  /** The watch that tells when it changes; null where it is not `watched`. */
  readonly watch: string | null;
  /** The mount name of its provider; empty for the root. */
  readonly mount: string;
  /** True where a draft may change it. */
  readonly writable: boolean;
}

/** What a drop from the cache came to. */
export interface DropDocument {
  /** How many nodes were dropped. */
  readonly nodes: number;
}

/** What the daemon hands to the server. Every method throws or rejects with an `OmnifsError`. */
export interface Backend {
  /** What can be done with drafts. */
  readonly drafts: DraftBackend;
  /** The state of everything. */
  status(): StatusDocument;
  /** The figures of {@linkcode Backend.status} in the text format of Prometheus, version 0.0.4. */
  metrics(): Promise<string>;
  /** Somebody looks: what happens from now on is noted for them until they say that they look no more. */
  inspect(): Inspection;
  /** One object; `not-found` where there is none. */
  stat(path: string, signal: AbortSignal): Promise<TreeEntry>;
  /** The children of a directory as they come; `not-a-directory` for a file. */
  list(path: string, signal: AbortSignal): AsyncIterable<TreeEntry>;
  /** The bytes of a file as they come; `is-a-directory` for a directory. */
  read(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Forgets what is cached at and below `path`, or everything, and tells the kernel. */
  drop(path: string | undefined): DropDocument;
  /** Asks for every credential anew, and forgets what is cached of the mounts for which one changed. */
  reloadCredentials(): Promise<ReloadDocument>;
  /** What came to the webhook receiver, the latest first; throws `unsupported` where there is no receiver. */
  deliveries(): readonly DeliveryDocument[];
  /** Has a sample delivery to `mount` signed and sent to the receiver, and tells what came of it. */
  testWebhook(mount: string, signal: AbortSignal): Promise<WebhookTestDocument>;
  /** The packer of the workspace at this absolute path; throws `not-found` where it is not served. */
  packer(workspace: string): PackerDesk;
  /** The kept events after sequence number `since`, oldest first. */
  events(since: number): readonly BusEvent[];
  /** Calls `listener` for every event from now on, until the returned function is called. */
  listen(listener: Listener): () => void;
  /** Mounts the tree on one more directory; `shows` names the providers that are seen there, null for all. */
  mount(dir: string, shows: readonly string[] | null): Promise<void>;
  /** Ends one of several mounts; rejects where it is in use, unless `force`, and for the last one. */
  unmount(dir: string, force: boolean): Promise<void>;
  /**
   * Ends the daemon: resolves once the mount is gone, shortly before the process ends.
   *
   * Rejects and lives on where somebody uses the mount, unless `force`: then their files give errors.
   */
  shutdown(force: boolean): Promise<void>;
}

/** The line that ends every stream of JSON lines. A stream without it was cut off. */
export type StreamEnd =
  /** All was told. */
  | { readonly end: true }
  /** It failed after the lines before. */
  | { readonly error: ErrorDocument };

/** `error` as it crosses the socket. */
export function errorDocument(error: unknown): ErrorDocument {
  const { kind, message, path, op, mend } = asOmnifsError(error);
  return {
    kind,
    message,
    ...(path === undefined ? {} : { path }),
    ...(op === undefined ? {} : { op }),
    ...(mend === undefined ? {} : { mend }),
  };
}

/** The error that `document` tells of; `internal` where it is not one. */
export function errorFrom(document: unknown): OmnifsError {
  if (typeof document !== "object" || document === null) {
    return new OmnifsError("internal", "the daemon gave an answer that makes no sense");
  }
  const fields = new Map(Object.entries(document));
  const text = (key: string) => {
    const value: unknown = fields.get(key);
    return typeof value === "string" ? { [key]: value } : {};
  };
  const kind: unknown = fields.get("kind");
  const message: unknown = fields.get("message");
  return new OmnifsError(
    isErrorKind(kind) ? kind : "internal",
    typeof message === "string" ? message : "the daemon failed without a word",
    { ...text("path"), ...text("op"), ...text("mend") },
  );
}

function isErrorKind(kind: unknown): kind is ErrorKind {
  return typeof kind === "string" && Object.hasOwn(ERROR_KINDS, kind);
}
