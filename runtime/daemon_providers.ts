/**
 * Which providers a daemon mounts, and loading them.
 *
 * @module
 */
import type { Bus } from "./base/bus.ts";
import type { Clock } from "./base/clock.ts";
import { asOmnifsError, OmnifsError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { DaemonOptions, ProviderChoice } from "./control/options.ts";
import { behind } from "./daemon_threads.ts";
import type { Need } from "./egress/callout.ts";
import type { Grants } from "./egress/mod.ts";
import { flagForNeed } from "./egress/grant.ts";
import type { ObservableGate } from "./egress/mod.ts";
import {
  bundledProviders,
  loadProvider,
  type Manifest,
  type Provider,
  type Workspaces,
} from "./provider/mod.ts";

/** A provider that could be mounted and is not. */
export interface AbsentProvider {
  /** The mount name that it would have. */
  readonly mount: string;
  /** What is known of it; undefined where it could not even be described. */
  readonly manifest: Manifest | undefined;
  /** Where its component is. */
  readonly source: string;
  /** `withheld` for want of a grant, `failed` where it could not be started. */
  readonly state: "withheld" | "failed";
  /** Why, and what mends it. */
  readonly reason: OmnifsError;
}

/** A provider that answers. */
export interface ReadyProvider {
  /** It. */
  readonly provider: Provider;
  /** Where its component is: `bundled`, or the path of its file. */
  readonly source: string;
}

/** The providers of one daemon. */
export interface LoadedProviders {
  /** Those that answer. */
  readonly ready: readonly ReadyProvider[];
  /** Those that do not. */
  readonly absent: readonly AbsentProvider[];
  /** Ends their workers. */
  close(): Promise<void>;
}

/** The bundled provider that shows workspaces. */
const PACKER = "packer";

/** What loading needs. */
export interface LoadParts {
  /** The time. */
  readonly clock: Clock;
  /** Where providers' words go. */
  readonly log: Log;
  /** Where events go. */
  readonly bus: Bus;
  /** The only way upstream. */
  readonly gate: ObservableGate;
  /** What was granted. */
  readonly grants: Grants;
  /** The workspaces that a provider may see which imports `packer`. */
  readonly workspaces: Workspaces;
}

/**
 * Loads what the user chose; by default every bundled provider whose needs are granted. One that fails leaves the
 * others; one that was named, or set up by a setting, and fails ends the start.
 */
export async function loadChoices(options: DaemonOptions, parts: LoadParts): Promise<LoadedProviders> {
  const absent: AbsentProvider[] = [];
  const choices = options.providers === "default"
    ? await defaults(parts, options, absent)
    : options.providers;
  refuseStrays(options, [...choices, ...absent].map(({ mount }) => mount));
  parts.gate.expect(await expectedNeeds(choices, options));
  const loads = await Promise.allSettled(choices.map((choice) => load(choice, options, parts)));
  const ready = loads.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  const close = async () => void await Promise.all(ready.map(({ provider }) => provider.close()));
  for (const [index, each] of loads.entries()) {
    const choice = choices[index];
    if (each.status === "fulfilled" || choice === undefined) continue;
    const reason = asOmnifsError(each.reason, "load");
    if (options.providers !== "default" || options.settings[choice.mount] !== undefined) {
      await close();
      throw reason;
    }
    absent.push(failed(choice, reason, parts.log));
  }
  return { ready, absent, close };
}

/** @throws {OmnifsError} `invalid` for a setting, a grant or a credential of a mount that there is not */
function refuseStrays({ settings, allowApply, credentials }: DaemonOptions, mounts: readonly string[]): void {
  const named = [
    ...Object.keys(settings).map((mount) => [mount, `--set ${mount}.…`] as const),
    ...allowApply.map((mount) => [mount, `--allow-apply=${mount}`] as const),
    ...credentials.flatMap(({ mount, name }) =>
      mount === undefined ? [] : [[mount, `--credential ${mount}.${name}`] as const]
    ),
  ];
  const stray = named.find(([mount]) => !mounts.includes(mount));
  if (stray === undefined) return;
  throw new OmnifsError("invalid", `${stray[1]}: nothing is mounted as ${stray[0]}`, {
    mend: `there are: ${mounts.toSorted().join(", ")}`,
  });
}

async function defaults(
  { grants, workspaces }: LoadParts,
  options: DaemonOptions,
  absent: AbsentProvider[],
): Promise<ProviderChoice[]> {
  const choices: ProviderChoice[] = [];
  for (const [name, manifest] of await bundledProviders()) {
    // It has nothing to show, and nothing that a grant could mend.
    if (name === PACKER && workspaces.projects().length === 0) continue;
    const missing = required(manifest.needs).filter((need) => !grants.covers(need));
    // Settings may move a provider to another server, so its own needs are not known until it is described.
    if (missing.length === 0 || options.settings[name] !== undefined) choices.push({ name, mount: name });
    else absent.push(withheld(name, manifest, missing));
  }
  return choices;
}

/** The needs of those choices whose needs are known before they are started. */
async function expectedNeeds(
  choices: readonly ProviderChoice[],
  { settings }: DaemonOptions,
): Promise<Need[]> {
  const manifests = await bundledProviders();
  const plain = choices.filter(({ mount, source }) => source === undefined && settings[mount] === undefined);
  return plain.flatMap(({ name }) => manifests.get(name)?.needs ?? []);
}

/** The needs without which a provider can do nothing: those that carry its credential, or else all. */
function required(needs: readonly Need[]): readonly Need[] {
  const main = needs.filter((need) => need.credential !== undefined);
  return main.length > 0 ? main : needs;
}

function withheld(name: string, manifest: Manifest, missing: readonly Need[]): AbsentProvider {
  const targets = missing.map((need) => need.target).join(", ");
  const reason = new OmnifsError("denied", `${name} needs ${targets}, which was not granted`, {
    op: "mount",
    path: `/${name}`,
    mend: missing.map(flagForNeed).join(" "),
  });
  return { mount: name, manifest, source: "bundled", state: "withheld", reason };
}

function failed(choice: ProviderChoice, reason: OmnifsError, log: Log): AbsentProvider {
  log.error(`${choice.name} could not be started: ${reason.message}`, { mend: reason.mend });
  return {
    mount: choice.mount,
    manifest: undefined,
    source: choice.source ?? "bundled",
    state: "failed",
    reason,
  };
}

async function load(
  choice: ProviderChoice,
  options: DaemonOptions,
  parts: LoadParts,
): Promise<ReadyProvider> {
  const { mount, name, source } = choice;
  const provider = await loadProvider({
    mount,
    source: source === undefined ? { kind: "bundled", name } : { kind: "file", path: source },
    settings: options.settings[mount] ?? {},
    gate: parts.gate,
    log: parts.log.scoped(mount),
    bus: parts.bus,
    clock: parts.clock,
    cacheDir: options.cacheDir,
    workspaces: parts.workspaces,
    startThread: behind(parts.log),
  });
  return { provider, source: source ?? "bundled" };
}
