/**
 * The GitHub provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import type { Gate } from "../../runtime/egress/callout.ts";
import { parseGrants, startEgress } from "../../runtime/egress/mod.ts";
import { loadProvider, type Provider } from "../../runtime/provider/mod.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { alwaysFound } from "../egress/fixture.ts";
import { tempDir } from "../support/temp.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly github: GitHubStandIn;
  /** What stands between them. */
  readonly gate: Gate;
}

/** How a test differs from the usual. */
export interface MountOptions {
  /** The credential; the stand-in's token unless told. */
  readonly token?: string;
  /** The entries of `--allow-net`; both hosts of the stand-in unless told. */
  readonly allow?: (github: GitHubStandIn) => readonly string[];
}

/** Runs `use` with a stand-in and the provider's component in front of it, and ends both. */
export async function withComponent(use: (mounted: Mounted) => Promise<void>, options: MountOptions = {}) {
  await using cache = await tempDir();
  const github = await startGitHub();
  const allow = options.allow?.(github) ?? [github.url, github.logsUrl].map(hostOf);
  const [bus, log] = [new Bus(systemClock), new Log(systemClock, () => {})];
  const gate = await startEgress({
    grants: parseGrants({ allow, apply: ["github"] }),
    credentials: alwaysFound(() => options.token ?? github.token),
    clock: systemClock,
    bus,
    log,
  });
  try {
    const provider = await loadProvider({
      mount: "github",
      source: { kind: "bundled", name: "github" },
      settings: { api_url: github.url, log_hosts: hostOf(github.logsUrl) },
      gate,
      log,
      bus,
      clock: systemClock,
      cacheDir: cache.path,
    });
    try {
      await use({ provider, github, gate });
    } finally {
      provider.close();
    }
  } finally {
    await gate.close();
    await github.close();
  }
}

/** `127.0.0.1:4150` of `http://127.0.0.1:4150`. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
