/**
 * What the providers of a mount would ask for, before any of it is granted: for the questions of `omnifs mount`.
 *
 * @module
 */
import { Bus } from "./base/bus.ts";
import { systemClock } from "./base/clock.ts";
import { Log } from "./base/log.ts";
import type { DaemonOptions, ProviderChoice, WantedNeed } from "./control/options.ts";
import type { Gate, Need } from "./egress/callout.ts";
import { flagForNeed } from "./egress/grant.ts";
import { parseGrants } from "./egress/mod.ts";
import { sha256 } from "./provider/digest.ts";
import { bundledProviders, loadProvider, type Manifest } from "./provider/mod.ts";

const NOTHING = { tag: "denied", target: "", flag: "", reason: "nothing is granted yet" } as const;

/** The gate of a provider that only describes itself. */
const CLOSED: Gate = {
  admit: () => Promise.resolve(),
  send: () => Promise.resolve({ ok: false, failure: NOTHING }),
  subscribe: () => Promise.resolve(NOTHING),
};

/**
 * The needs that `options` leave open: neither granted nor forbidden. A provider that cannot tell them has none;
 * the mount says what is wrong with it. Nothing reaches the network.
 */
export async function wantedNeeds(options: DaemonOptions): Promise<WantedNeed[]> {
  const grants = parseGrants({ allow: options.allowNet, deny: options.denyNet });
  const possible = parseGrants({ allow: "all", deny: options.denyNet });
  const bundled = await bundledProviders();
  const choices = options.providers === "default"
    ? [...bundled.keys()].map((name): ProviderChoice => ({ name, mount: name }))
    : options.providers;
  const wanted: WantedNeed[] = [];
  for (const choice of choices) {
    const source = await sourceOf(choice);
    const needs = await needsOf(choice, options, bundled).catch(() => []);
    for (const need of needs) {
      if (!grants.covers(need) && possible.covers(need)) wanted.push(wantedOf(need, choice, source, options));
    }
  }
  return wanted;
}

async function needsOf(
  choice: ProviderChoice,
  options: DaemonOptions,
  bundled: ReadonlyMap<string, Manifest>,
): Promise<readonly Need[]> {
  const { name, mount, source } = choice;
  const settings = options.settings[mount];
  const manifest = source === undefined && settings === undefined ? bundled.get(name) : undefined;
  if (manifest !== undefined) return manifest.needs;
  // Its needs may depend on its settings, so it has to be asked.
  const provider = await loadProvider({
    mount,
    source: source === undefined ? { kind: "bundled", name } : { kind: "file", path: source },
    settings: settings ?? {},
    gate: CLOSED,
    log: new Log(systemClock, () => {}, "error"),
    bus: new Bus(systemClock),
    clock: systemClock,
    cacheDir: options.cacheDir,
  });
  await provider.close();
  return provider.manifest.needs;
}

/** `bundled`, or the digest of its file, so that a component that was replaced is another one. */
async function sourceOf({ source }: ProviderChoice): Promise<string> {
  if (source === undefined) return "bundled";
  const bytes = await Deno.readFile(source).catch(() => new Uint8Array());
  return `sha256:${await sha256(bytes)}`;
}

function wantedOf(
  { target, why, write, credential }: Need,
  { name, mount, source: path }: ProviderChoice,
  source: string,
  { credentials }: DaemonOptions,
): WantedNeed {
  // A component of somebody else gets no credential that the user did not name for it.
  const sent = path === undefined ||
    credentials.some((each) => each.name === credential && each.mount === mount);
  return {
    provider: name,
    mount,
    source,
    target: flagForNeed({ target }).replace("--allow-net=", ""),
    why,
    write,
    ...(credential === undefined || !sent ? {} : { credential }),
  };
}
