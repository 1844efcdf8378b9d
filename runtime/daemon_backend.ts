/**
 * What a daemon answers on its control socket: the tree by path, and the state of everything.
 *
 * @module
 */
import type { Bus, BusEvent, Listener } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import type { PackerDesk } from "./base/packer.ts";
import { DEFAULT_CACHE_BYTES } from "./cache/store.ts";
import type { DraftBackend } from "./control/drafts.ts";
import type { DaemonOptions } from "./control/options.ts";
import { OmnifsError } from "./base/errors.ts";
import {
  type Backend,
  type CacheDocument,
  type CredentialDocument,
  type DropDocument,
  errorDocument,
  type FuseDocument,
  type NeedDocument,
  type ProviderCounts,
  type ProviderDocument,
  type ReloadDocument,
  type StatusDocument,
  type TreeEntry,
} from "./control/protocol.ts";
import type { Inspection } from "./control/inspect_documents.ts";
import type { DeliveryDocument, WebhookTestDocument } from "./control/webhook_documents.ts";
import { VERSION } from "./control/version.ts";
import type { Tree } from "./daemon.ts";
import { countedDrafts, DaemonDrafts } from "./daemon_drafts.ts";
import { DaemonInspection } from "./daemon_inspect.ts";
import type { Drafts } from "./drafts/mod.ts";
import type { DaemonMounts } from "./daemon_mounts.ts";
import type { DaemonWorkspaces } from "./daemon_workspaces.ts";
import type { Figures } from "./daemon_figures.ts";
import type { Guides } from "./daemon_guides.ts";
import type { AbsentProvider, LoadedProviders, ReadyProvider } from "./daemon_providers.ts";
import type { DaemonWatches } from "./daemon_watches.ts";
import { deliveryDocuments, webhookDocument, webhookTest } from "./daemon_webhooks.ts";
import type { Need } from "./egress/callout.ts";
import { flagForNeed, type Grants } from "./egress/grant.ts";
import type { ObservableGate, Webhooks } from "./egress/mod.ts";
import { Browser, type Sight } from "./vfs/browse.ts";
import { forget } from "./vfs/forget.ts";
import { sizeOf, watchOf } from "./vfs/node_rules.ts";

/** What the backend tells of. */
export interface BackendParts {
  /** What the daemon was started with. */
  readonly options: DaemonOptions;
  /** The time. */
  readonly clock: Clock;
  /** Where events go. */
  readonly bus: Bus;
  /** The tree. */
  readonly tree: Tree;
  /** The gate. */
  readonly gate: ObservableGate;
  /** What was granted. */
  readonly grants: Grants;
  /** The providers. */
  readonly providers: LoadedProviders;
  /** The drafts; none for a daemon that keeps none. */
  readonly drafts: Drafts | undefined;
  /** What keeps the tree true. */
  readonly watches: DaemonWatches;
  /** The pages at the roots of the mounts. */
  readonly guides: Pick<Guides, "look">;
  /** What happened so far. */
  readonly figures: Figures;
  /** The webhook receiver, where there is one. */
  readonly webhooks: Webhooks | undefined;
  /** The workspaces. */
  readonly workspaces: DaemonWorkspaces;
  /** The directories on which it is mounted. */
  readonly mounts: DaemonMounts;
  /** Ends the daemon; rejects where its mount is in use, unless `force`. */
  readonly end: (cause: string, force: boolean) => Promise<void>;
}

const NOTHING_DONE: ProviderCounts = {
  lookups: 0,
  lists: 0,
  reads: 0,
  polls: 0,
  events: 0,
  callouts: 0,
  revalidated: 0,
  rateLimited: 0,
  failures: 0,
};

/** See {@linkcode Backend}. */
export class DaemonBackend implements Backend {
  /** See {@linkcode Backend.drafts}. */
  readonly drafts: DraftBackend;
  readonly #parts: BackendParts;
  readonly #browser: Browser;
  readonly #startedAt: number;

  /** The backend of the daemon that `parts` belong to. */
  constructor(parts: BackendParts) {
    this.#parts = parts;
    this.drafts = new DaemonDrafts(() => parts.drafts);
    this.#browser = new Browser(parts.tree);
    this.#startedAt = parts.clock.now();
  }

  /** See {@linkcode Backend.status}. */
  status(): StatusDocument {
    const { clock, grants, options, providers, tree, watches, figures, webhooks, drafts } = this.#parts;
    const { allow, deny } = grants;
    return {
      version: VERSION,
      pid: Deno.pid,
      ...this.#places(),
      startedAt: this.#startedAt,
      uptimeMilliseconds: clock.now() - this.#startedAt,
      providers: [
        ...providers.ready.map((each) => this.#ready(each)),
        ...providers.absent.map((each) => this.#absent(each)),
      ].sort((a, b) => a.mount < b.mount ? -1 : 1),
      grants: {
        allow: allow === "all" ? ["*"] : allow,
        deny: deny === "all" ? ["*"] : deny,
        apply: options.allowApply,
      },
      ...(options.origins === undefined ? {} : { origins: options.origins }),
      ...(drafts === undefined ? {} : { drafts: countedDrafts(this.drafts.all()) }),
      credentials: this.#credentials(),
      cache: this.#cache(),
      fuse: this.#fuse(),
      changes: figures.changes(watches.watches()),
      webhook: webhooks === undefined ? null : webhookDocument(webhooks, providers),
      errors: tree.troubles.latest().map(({ time, op, path, error }) => ({
        ...errorDocument(error),
        time,
        op,
        path,
      })),
    };
  }

  /** See {@linkcode Backend.metrics}. */
  async metrics(): Promise<string> {
    // Loaded when it is asked for the first time.
    const { prometheusText } = await import("./daemon_prometheus.ts");
    return await prometheusText(this.status());
  }

  /** See {@linkcode Backend.inspect}. */
  inspect(): Inspection {
    const { bus, clock, gate, providers, tree } = this.#parts;
    return new DaemonInspection({
      bus,
      clock,
      operations: tree.operations,
      status: () => this.status(),
      bytesOf: (mount) => gate.counts.byMount[mount]?.bytes ?? 0,
      countsOf: (mount) => providers.ready.find(({ provider }) => provider.mount === mount)?.provider.counts,
    });
  }

  /** See {@linkcode Backend.stat}. */
  async stat(path: string, signal: AbortSignal): Promise<TreeEntry> {
    return entryOf(await this.#browser.stat(path, signal));
  }

  /** See {@linkcode Backend.list}. */
  async *list(path: string, signal: AbortSignal): AsyncGenerator<TreeEntry> {
    for await (const sight of this.#browser.list(path, signal)) yield entryOf(sight);
  }

  /** See {@linkcode Backend.read}. */
  read(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#browser.read(path, signal);
  }

  /** See {@linkcode Backend.drop}. */
  drop(path: string | undefined): DropDocument {
    return { nodes: this.#forget(path ?? "/", "omnifs cache drop") };
  }

  /** See {@linkcode Backend.reloadCredentials}. */
  async reloadCredentials(): Promise<ReloadDocument> {
    const mounts = await this.#parts.gate.reload();
    await this.#parts.webhooks?.reload();
    // Another account sees other things.
    for (const mount of mounts) this.#forget(`/${mount}`, "another credential");
    this.#parts.guides.look();
    return { mounts };
  }

  #forget(what: string, cause: string): number {
    const nodes = forget(this.#parts.tree, what);
    const mount = what.split("/")[1] ?? "";
    this.#parts.bus.publish("cache.invalidated", { mount, what, cause });
    return nodes;
  }

  /** See {@linkcode Backend.deliveries}. */
  deliveries(): readonly DeliveryDocument[] {
    return deliveryDocuments(this.#parts.webhooks);
  }

  /** See {@linkcode Backend.testWebhook}. */
  testWebhook(mount: string, signal: AbortSignal): Promise<WebhookTestDocument> {
    return webhookTest(this.#parts.webhooks, mount, signal);
  }

  /** See {@linkcode Backend.packer}. */
  packer(workspace: string): PackerDesk {
    return this.#parts.workspaces.at(workspace);
  }

  /** See {@linkcode Backend.events}. */
  events(since: number): readonly BusEvent[] {
    return this.#parts.bus.since(since);
  }

  /** See {@linkcode Backend.listen}. */
  listen(listener: Listener): () => void {
    return this.#parts.bus.subscribe(listener);
  }

  /** See {@linkcode Backend.mount}. */
  mount(dir: string, shows: readonly string[] | null): Promise<void> {
    const { options, mounts } = this.#parts;
    if (options.dir !== null) return mounts.add(dir, shows);
    throw new OmnifsError("unsupported", "this omnifs serves its tree without a mount", {
      mend: `omnifs mount ${dir}`,
    });
  }

  /** See {@linkcode Backend.unmount}. */
  unmount(dir: string, force: boolean): Promise<void> {
    return this.#parts.mounts.remove(dir, force);
  }

  /** See {@linkcode Backend.shutdown}. */
  shutdown(force: boolean): Promise<void> {
    return this.#parts.end("it was asked to end", force);
  }

  /** Where it is mounted; before it is, where it will be. */
  #places(): Pick<StatusDocument, "dir" | "dirs"> {
    const { options, mounts } = this.#parts;
    const there = mounts.all();
    const dirs = there.length === 0 && options.dir !== null ? [{ dir: options.dir, shows: null }] : there;
    return { dir: dirs[0]?.dir ?? null, dirs };
  }

  #ready({ provider, source }: ReadyProvider): ProviderDocument {
    const { mount, manifest } = provider;
    const { waiting: _, underway: __, ...counts } = provider.counts;
    const rateLimited = this.#parts.gate.counts.byMount[mount]?.rateLimitedWaits ?? 0;
    const { name, version, summary } = manifest;
    const last = this.#parts.tree.troubles.latest().find(({ path }) => path.split("/")[1] === mount);
    return {
      mount,
      name,
      version,
      summary,
      source,
      state: "ready",
      needs: this.#needs(manifest.needs),
      counts: { ...counts, rateLimited },
      ...(last === undefined ? {} : { lastError: last.error.message }),
    };
  }

  #absent({ mount, manifest, source, state, reason }: AbsentProvider): ProviderDocument {
    return {
      mount,
      name: manifest?.name ?? mount,
      version: manifest?.version ?? "",
      summary: manifest?.summary ?? "",
      source,
      state,
      needs: this.#needs(manifest?.needs ?? []),
      counts: NOTHING_DONE,
      lastError: reason.message,
    };
  }

  #needs(needs: readonly Need[]): NeedDocument[] {
    return needs.map((need) => ({
      target: need.target,
      why: need.why,
      granted: this.#parts.grants.covers(need),
      flag: flagForNeed(need),
      ...(need.credential === undefined ? {} : { credential: need.credential }),
    }));
  }

  #credentials(): CredentialDocument[] {
    return this.#parts.gate.describe().credentials.map(({ source, problem, mend, ...known }) => ({
      ...known,
      source: source ?? null,
      ...(problem === undefined ? {} : { problem }),
      ...(mend === undefined ? {} : { mend }),
    }));
  }

  #cache(): CacheDocument {
    const { store, namespace } = this.#parts.tree;
    const { hits, misses, evictions, invalidations } = store.counts;
    const { started, joined, overtaken } = namespace.counts;
    return {
      hits,
      misses,
      loads: started,
      joined,
      overtaken,
      evictions,
      invalidations,
      bytes: store.bytes,
      maxBytes: this.#parts.options.cacheBytes ?? DEFAULT_CACHE_BYTES,
      nodes: store.count("node"),
      listings: store.count("listing"),
    };
  }

  #fuse(): FuseDocument {
    const messages: Record<string, number> = {};
    let notifications = 0;
    for (const [name, count] of Object.entries(this.#parts.mounts.counters())) {
      if (name.startsWith("NOTIFY_")) notifications += count;
      else messages[name] = count;
    }
    return { messages, notifications };
  }
}

function entryOf({ path, name, mount, ino, node }: Sight): TreeEntry {
  return {
    name,
    path,
    kind: node.directory ? "directory" : "file",
    ino,
    size: node.directory ? null : sizeOf(node) ?? null,
    modified: node.modified ?? null,
    id: node.id,
    freshness: node.freshness.tag,
    watch: watchOf(node) ?? null,
    mount,
    writable: node.writable,
  };
}
