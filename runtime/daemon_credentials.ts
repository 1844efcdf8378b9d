/**
 * Where the credentials of one daemon come from.
 *
 * @module
 */
import type { Clock } from "./base/clock.ts";
import type { Log } from "./base/log.ts";
import type { DaemonOptions } from "./control/options.ts";
import { CredentialSources, CredentialStore, Keyrings } from "./egress/mod.ts";

/**
 * The sources that `options` allow.
 *
 * @throws {OmnifsError} `invalid` where the user named a credential and did not say whose
 */
export function credentialSources(
  options: DaemonOptions,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): CredentialSources {
  const { credentials: choices, credentialDir: dir, environment } = options;
  const host = { environment, clock };
  const nothing = { find: () => Promise.resolve(undefined) };
  const store = dir === null ? nothing : new CredentialStore({ dir, keyrings: new Keyrings(host), clock });
  return new CredentialSources({
    ...host,
    choices,
    store,
    log: log.scoped("credentials"),
    bundled: (mount) => bundledUnder(options, mount),
  });
}

/** The bundled provider under `mount`; without a choice there is none but them, each under its own name. */
export function bundledUnder({ providers }: DaemonOptions, mount: string): string | undefined {
  if (providers === "default") return mount;
  const choice = providers.find((each) => each.mount === mount);
  return choice?.source === undefined ? choice?.name : undefined;
}
