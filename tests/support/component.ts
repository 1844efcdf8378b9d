/**
 * A bundled provider as users run it, up to the mount: its component behind a real gate.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { type GateOptions, type ObservableGate, parseGrants, startEgress } from "../../runtime/egress/mod.ts";
import { loadProvider, type Provider, type Settings, type Workspaces } from "../../runtime/provider/mod.ts";
import { ensureBuilt } from "./build.ts";
import { tempDir } from "./temp.ts";

/** How a component is loaded. */
export interface ComponentOptions {
  /** The bundled provider. */
  readonly name: string;
  /** Its settings. */
  readonly settings: Settings;
  /** The entries of `--allow-net`, or `all` for the bare flag. */
  readonly allow: readonly string[] | "all";
  /** The mounts of `--allow-apply`. */
  readonly apply?: readonly string[];
  /** Where its credentials are; it gets none unless told. */
  readonly credentials?: GateOptions["credentials"];
  /** The system's DNS servers. */
  readonly nameservers?: GateOptions["nameservers"];
  /** The workspaces that it may see. */
  readonly workspaces?: Workspaces;
}

/** What a test gets. */
export interface Component {
  /** The provider, mounted under its own name. */
  readonly provider: Provider;
  /** Its gate. */
  readonly gate: ObservableGate;
  /** Loads it once more, behind the same gate: by the same name, or another one. */
  again(mount?: string): Promise<Provider>;
}

/** Runs `use` with the component, and ends it. */
export async function withBundled(options: ComponentOptions, use: (component: Component) => Promise<void>) {
  await ensureBuilt();
  await using cleanup = new AsyncDisposableStack();
  const cache = cleanup.use(await tempDir());
  const { name, settings, allow, nameservers, workspaces } = options;
  const [bus, log] = [new Bus(systemClock), new Log(systemClock, () => {})];
  const none = { find: () => Promise.resolve({ why: "it needs none", mend: "" }) };
  const gate = await startEgress({
    grants: parseGrants({ allow, apply: options.apply ?? [] }),
    credentials: options.credentials ?? none,
    clock: systemClock,
    bus,
    log,
    ...(nameservers === undefined ? {} : { nameservers }),
  });
  cleanup.defer(() => gate.close());
  const again = async (mount = name) => {
    const source = { kind: "bundled", name } as const;
    const parts = { gate, log, bus, clock: systemClock, cacheDir: cache.path, workspaces };
    const provider = await loadProvider({ mount, source, settings, ...parts });
    cleanup.defer(() => provider.close());
    return provider;
  };
  await use({ provider: await again(), gate, again });
}
