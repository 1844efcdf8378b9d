/**
 * The whole of omnifs in one process: built in order, torn down in reverse.
 *
 * @module
 */
import { forbidDump, leaderOf, type Peer, peersAt } from "../fuse/mod.ts";
import { Bus } from "./base/bus.ts";
import { systemClock } from "./base/clock.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import { Log } from "./base/log.ts";
import { DEFAULT_CACHE_BYTES, Store } from "./cache/store.ts";
import { Watches, type WatchListener } from "./cache/watches.ts";
import type { Daemon, DaemonOptions } from "./control/options.ts";
import { serveControl } from "./control/server.ts";
import { DaemonBackend } from "./daemon_backend.ts";
import { credentialSources } from "./daemon_credentials.ts";
import { openDrafts } from "./daemon_drafts.ts";
import { Figures } from "./daemon_figures.ts";
import { Guides } from "./daemon_guides.ts";
import { DaemonMounts } from "./daemon_mounts.ts";
import { loadChoices, type LoadedProviders } from "./daemon_providers.ts";
import { denoMeter, observe } from "./daemon_telemetry.ts";
import { DaemonWatches } from "./daemon_watches.ts";
import { learning, openWebhooks, webhookReceiver } from "./daemon_webhooks.ts";
import { DaemonWorkspaces } from "./daemon_workspaces.ts";
import { type Deliver, parseGrants, startEgress } from "./egress/mod.ts";
import type { Node } from "./provider/node.ts";
import { InodeNumbers } from "./tree/inode_number.ts";
import { InodeTable } from "./tree/inodes.ts";
import { Bodies } from "./vfs/bodies.ts";
import type { Directory } from "./vfs/directory.ts";
import type { TreeParts } from "./vfs/filesystem.ts";
import { GuidedProjection } from "./vfs/guided.ts";
import { Invalidator } from "./vfs/invalidator.ts";
import { LiveTreeView } from "./vfs/live_tree.ts";
import { Mounts } from "./vfs/mounts.ts";
import type { TreeStore } from "./vfs/knowledge.ts";
import { Namespace } from "./vfs/namespace.ts";
import { Kernels } from "./vfs/kernels.ts";
import { Operations } from "./vfs/operations.ts";
import { Troubles } from "./vfs/troubles.ts";

export { wantedNeeds } from "./daemon_needs.ts";

/** The tree with the store it is kept in. */
export type Tree = TreeParts & {
  readonly store: TreeStore;
  readonly kernels: Kernels;
  readonly numbers: InodeNumbers;
  readonly operations: Operations;
};

/** What every part of a daemon shares. */
interface Common {
  readonly clock: typeof systemClock;
  readonly log: Log;
  readonly bus: Bus;
}

/** Ends what was started, the latest first; each end is tried, whatever the others come to. */
class Teardown {
  readonly #ends: { readonly what: string; readonly end: () => Promise<void> }[] = [];
  readonly #log: Log;
  #running: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(what: string, end: () => Promise<void>): void {
    this.#ends.push({ what, end });
  }

  run(): Promise<void> {
    return this.#running ??= this.#runOnce();
  }

  async #runOnce(): Promise<void> {
    for (const { what, end } of this.#ends.reverse()) {
      try {
        await end();
      } catch (error) {
        this.#log.error(`could not end ${what}: ${messageOf(error)}`);
      }
    }
  }
}

/**
 * Starts everything; resolves once the tree answers. A program that embeds omnifs hands its own `bus` in.
 *
 * @throws {OmnifsError} with what to do about it; nothing that was started before is left
 */
export async function startDaemon(options: DaemonOptions, bus: Bus = new Bus(systemClock)): Promise<Daemon> {
  const clock = systemClock;
  const log = new Log(clock, options.logSink, options.logLevel);
  const common = { clock, log, bus };
  const teardown = new Teardown(log);
  keepFromCoreFiles(log);
  try {
    return await build(options, common, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** From here on there are credentials in memory. */
function keepFromCoreFiles(log: Log): void {
  try {
    forbidDump();
  } catch (error) {
    log.warn(`a core file of this process would hold credentials: ${messageOf(error)}`);
  }
}

async function build(options: DaemonOptions, common: Common, teardown: Teardown): Promise<Daemon> {
  const { clock, log, bus } = common;
  const grants = parseGrants({
    allow: options.allowNet,
    deny: options.denyNet,
    apply: options.allowApply,
  });
  const credentials = credentialSources(options, common);
  // The work is done by whoever is there once the tree is planted.
  const work: { deliver: Deliver } = {
    deliver: () => Promise.resolve({ invalidations: 0, milliseconds: undefined }),
  };
  const deliver: Deliver = (mount, delivery) => work.deliver(mount, delivery);
  const webhooks = webhookReceiver(options, { ...common, credentials, deliver });
  const gate = await startEgress({
    grants,
    credentials,
    clock,
    bus,
    log: log.scoped("egress"),
    ...(webhooks === undefined ? {} : { webhooks }),
  });
  teardown.add("the gate", () => gate.close());
  const takeOver = once(options.takeOver);
  if ((options.workspaces ?? []).length > 0) await takeOver();
  const workspaces = await DaemonWorkspaces.open(options, common);
  teardown.add("the workspaces", () => workspaces.close());
  const providers = await loadChoices(options, { ...common, gate, grants, workspaces });
  teardown.add("the providers", () => providers.close());
  const watches = new DaemonWatches(common);
  teardown.add("the watches", () => watches.close());
  const guides = new Guides({ ...common, options, grants, gate, webhooks }, providers.ready);
  const tree = plant(options, common, { ...providers, guides }, watches);

  const invalidator = new Invalidator({ ...tree, bus });
  const quiet = guides.tell(invalidator);
  teardown.add("the pages", () => Promise.resolve(quiet()));
  for (const { provider } of providers.ready) {
    const { mount } = provider;
    const delivers = () => webhooks?.takes(mount) ?? false;
    const events = webhooks === undefined ? provider.events : learning(provider, webhooks);
    watches.watch({ mount, events }, invalidator, delivers);
    provider.stayWhile(() => watches.isWatched(mount));
  }
  work.deliver = (mount, delivery) => watches.deliver(mount, delivery);
  await takeOver();
  if (webhooks !== undefined) await openWebhooks(webhooks, providers, options, log);
  const kept = await openDrafts(options, {
    ...common,
    leaderOf,
    providers,
    live: new LiveTreeView(tree),
    changed: (mount, invalidations, cause) => invalidator.receive(mount, invalidations, cause),
  });
  teardown.add("answers that nobody asked for", () => Promise.resolve(tree.namespace.early.clear()));
  if (kept !== undefined) teardown.add("the drafts", () => kept.close());
  const drafts = kept?.drafts;

  let finish: (cause: string) => void = () => {};
  const done = new Promise<string>((resolve) => finish = resolve);
  const close = async (cause = "it was asked to end") => {
    await teardown.run();
    finish(cause);
  };
  let record = () => Promise.resolve();
  const mounts = new DaemonMounts({
    options,
    ...common,
    tree,
    drafts,
    changed: () => {
      record().catch((error) => log.warn(`the record beside the socket is out of date: ${messageOf(error)}`));
    },
    over: (cause) => close(cause),
  });
  const backend = new DaemonBackend({
    options,
    ...common,
    tree,
    gate,
    grants,
    providers,
    watches,
    guides,
    figures: new Figures(bus),
    webhooks,
    drafts,
    workspaces,
    mounts,
    end: async (cause, force) => {
      await mounts.close(force);
      await close(cause);
    },
  });
  const meter = denoMeter(options.environment);
  if (meter !== undefined) {
    const end = observe(meter, () => backend.status(), () => clock.monotonic());
    teardown.add("the telemetry", () => Promise.resolve(end()));
  }
  if (options.socketPath !== null) {
    const { socketPath } = options;
    const control = await serveControl(backend, { socketPath, clock, log, peers: peersOf(socketPath, log) });
    teardown.add("the control socket", () => control.close());
    record = () => control.refresh();
  }
  if (options.dir !== null) {
    // Nobody would serve it any more, so it goes even while somebody uses it.
    teardown.add("the mounts", () => mounts.close(true));
    await mounts.add(options.dir, null);
  }
  await drafts?.recover();
  // A daemon that lives inside one command does not outlive its egress thread.
  if (options.socketPath !== null) gate.keepSpare();
  await giveUpNet();
  return { backend, done, close: () => close() };
}

/** `work`, which is done the first time alone; nothing where there is none. */
function once(work: () => Promise<void> = () => Promise.resolve()): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => done ??= work();
}

/** Looks who is connected to `socketPath`. Where the system does not tell, the permissions of the socket have to do. */
function peersOf(socketPath: string, log: Log): () => readonly Peer[] {
  let told = true;
  return () => {
    if (!told) return [];
    try {
      return peersAt(socketPath);
    } catch (error) {
      told = false;
      log.warn(`who is connected to the control socket is not known: ${messageOf(error)}`);
      return [];
    }
  };
}

/**
 * Takes the network from this thread for good: sockets of every kind, names, modules by URL, and new threads with any
 * of them. What listens already goes on to, and the egress thread keeps what it was started with. The last step of
 * a start, since one that fails may be followed by another one in the same process.
 */
async function giveUpNet(): Promise<void> {
  for (const name of ["net", "import"] as const) {
    const { state } = await Deno.permissions.revoke({ name });
    if (state === "granted") throw new OmnifsError("internal", `this thread kept its permission: ${name}`);
  }
}

function plant(
  options: DaemonOptions,
  { clock, log }: Common,
  providers: LoadedProviders & { readonly guides: Guides },
  listener: WatchListener,
): Tree {
  const mounts = new Mounts();
  for (const { provider } of providers.ready) {
    mounts.add(new GuidedProjection(provider, () => providers.guides.page(provider.mount)));
  }
  for (const { mount, reason } of providers.absent) mounts.withhold(mount, reason);
  const bytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
  const store = new Store<Node, Directory>(bytes, new Watches(listener));
  const numbers = new InodeNumbers();
  const namespace = new Namespace(mounts, store, clock);
  return {
    clock,
    mounts,
    store,
    namespace,
    bodies: new Bodies(namespace, store),
    // No kernel holds anything of this one: it is for whoever asks by the control socket.
    inodes: new InodeTable(numbers),
    numbers,
    kernels: new Kernels(namespace.knowledge),
    troubles: new Troubles(clock, log),
    operations: new Operations(clock),
    ownership: { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0, since: clock.now() },
  };
}
