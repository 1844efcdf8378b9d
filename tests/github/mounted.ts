/**
 * The GitHub provider as users run it, up to the mount: its component, the gate, and the stand-in behind it.
 *
 * @module
 */
import type { Gate } from "../../runtime/egress/callout.ts";
import type { Provider } from "../../runtime/provider/mod.ts";
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { alwaysFound } from "../egress/fixture.ts";
import { withBundled } from "../support/component.ts";

/** What a test gets. */
export interface Mounted {
  /** The provider. */
  readonly provider: Provider;
  /** What it talks to. */
  readonly github: GitHubStandIn;
  /** Loads the provider once more. */
  again(): Promise<Provider>;
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
  const github = await startGitHub();
  const allow = options.allow?.(github) ?? [github.url, github.logsUrl].map(hostOf);
  const settings = { api_url: github.url, log_hosts: hostOf(github.logsUrl) };
  const credentials = alwaysFound(() => options.token ?? github.token);
  try {
    await withBundled(
      { name: "github", settings, allow, apply: ["github"], credentials },
      (component) => use({ ...component, github }),
    );
  } finally {
    await github.close();
  }
}

/** `127.0.0.1:4150` of `http://127.0.0.1:4150`. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
