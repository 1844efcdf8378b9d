/**
 * Holds a provider to the conformance suite, without mounting it: two instances behind one gate.
 *
 * @module
 */
import { Bus } from "./base/bus.ts";
import { systemClock } from "./base/clock.ts";
import { Log } from "./base/log.ts";
import type { ConformanceDocument, ConformanceOptions } from "./control/conformance.ts";
import { credentialSources } from "./daemon_credentials.ts";
import type { Gate } from "./egress/callout.ts";
import { parseGrants, startEgress } from "./egress/mod.ts";
import { checkProvider } from "./provider/conformance/mod.ts";
import { SampleGate } from "./provider/conformance/sample_gate.ts";
import { loadProvider } from "./provider/mod.ts";

/** What is looked at before an upstream with a pace, where each request may wait for seconds. */
const PACED = { entries: 100, width: 6 };

/** See `Examiner`. */
export async function examine(options: ConformanceOptions): Promise<ConformanceDocument> {
  await using cleanup = new AsyncDisposableStack();
  const parts = { clock: systemClock, bus: new Bus(systemClock), log: logOf(options) };
  const gate = await gateOf(options, parts, cleanup);
  const load = async () => {
    const { name, source, daemon: { settings, cacheDir } } = options;
    const provider = await loadProvider({
      mount: name,
      source: source === undefined ? { kind: "bundled", name } : { kind: "file", path: source },
      settings: settings[name] ?? {},
      gate,
      cacheDir,
      ...parts,
    });
    cleanup.defer(() => provider.close());
    return provider;
  };
  const subject = { first: await load(), second: await load() };
  const { needs } = subject.first.manifest;
  const { seen: _, ...told } = await checkProvider(subject, {
    budget: { ...needs.some(({ pace = 0 }) => pace > 0) ? PACED : {}, ...options.budget },
    paths: options.paths,
    signal: options.signal,
    progress: options.progress,
    now: systemClock.now(),
  });
  const { name, version } = subject.first.manifest;
  return { name, version, upstream: options.sample === undefined ? "real" : "sample", ...told };
}

function logOf({ daemon: { logSink, logLevel } }: ConformanceOptions): Log {
  return new Log(systemClock, logSink, logLevel);
}

/** The gate that the user's flags open, or the one that knows sample data alone. */
async function gateOf(
  { name, source, sample, daemon }: ConformanceOptions,
  parts: { readonly clock: typeof systemClock; readonly bus: Bus; readonly log: Log },
  cleanup: AsyncDisposableStack,
): Promise<Gate> {
  if (sample !== undefined) return new SampleGate(sample);
  const choice = { name, mount: name, ...(source === undefined ? {} : { source }) };
  const gate = await startEgress({
    grants: parseGrants({ allow: daemon.allowNet, deny: daemon.denyNet }),
    credentials: credentialSources({ ...daemon, providers: [choice] }, parts),
    ...parts,
  });
  cleanup.defer(() => gate.close());
  return gate;
}
