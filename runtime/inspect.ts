/**
 * Tells what a provider is and asks for, and what the flags at hand would grant it, without mounting it.
 *
 * @module
 */
import type {
  InspectedNeed,
  InspectionDocument,
  InspectOptions,
  ProviderSummary,
} from "./control/inspect.ts";
import { messageOf } from "./base/errors.ts";
import type { Need } from "./egress/callout.ts";
import { flagForNeed } from "./egress/grant.ts";
import { type Grants, parseGrants } from "./egress/mod.ts";
import { bundledProviders, inspectProvider, type Limits, type Manifest } from "./provider/mod.ts";

/** Bytes of a page of linear memory. */
const PAGE = 65_536;

/** The interfaces without which a component can change nothing. */
const WRITES: readonly string[] = ["omnifs:provider/http-write@1.0.0", "omnifs:provider/packer-write@1.0.0"];

/** See `Inspector`. */
export async function inspect(word: string, options: InspectOptions): Promise<InspectionDocument> {
  const path = word.includes("/") || word.endsWith(".wasm") ? word : undefined;
  const name = path === undefined ? word : stemOf(path);
  const source = path === undefined ? { kind: "bundled", name } as const : { kind: "file", path } as const;
  const settings = options.settings[name] ?? {};
  const { manifest, imports, exports, limits } = await inspectProvider(
    name,
    source,
    settings,
    options.cacheDir,
  );
  const mount = manifest.name;
  return {
    ...summaryOf(manifest, path ?? "bundled", grantsOf(options)),
    imports,
    exports,
    apply: {
      wanted: imports.some((name) => WRITES.includes(name)),
      granted: options.allowApply.includes(mount),
      flag: `--allow-apply=${mount}`,
    },
    limits: limitsOf(limits),
    settings: JSON.parse(manifest.settingsSchema),
  };
}

/** See `Inspector`. */
export async function listProviders(
  options: InspectOptions,
  installed: readonly { readonly name: string; readonly path: string }[],
): Promise<readonly ProviderSummary[]> {
  const grants = grantsOf(options);
  const bundled = [...await bundledProviders()].map(([, manifest]) => summaryOf(manifest, "bundled", grants));
  return [...bundled, ...await Promise.all(installed.map((each) => installedSummary(each, options)))];
}

async function installedSummary(
  { name, path }: { readonly name: string; readonly path: string },
  options: InspectOptions,
): Promise<ProviderSummary> {
  try {
    const settings = options.settings[name] ?? {};
    const { manifest } = await inspectProvider(name, { kind: "file", path }, settings, options.cacheDir);
    return { ...summaryOf(manifest, path, grantsOf(options)), name };
  } catch (error) {
    return { name, version: "", summary: `cannot be mounted: ${messageOf(error)}`, source: path, needs: [] };
  }
}

function grantsOf({ allowNet, denyNet }: InspectOptions): Grants {
  return parseGrants({ allow: allowNet, deny: denyNet });
}

/** The file's name without its ending. */
function stemOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.wasm$/, "");
}

function summaryOf(manifest: Manifest, source: string, grants: Grants): ProviderSummary {
  const { name, version, summary, needs } = manifest;
  return { name, version, summary, source, needs: needs.map((need) => needOf(need, grants)) };
}

function needOf(need: Need, grants: Grants): InspectedNeed {
  const { target, why, write, credential } = need;
  const granted = grants.covers(need);
  const known = { target, why, write, granted, flag: flagForNeed(need) };
  return credential === undefined ? known : { ...known, credential };
}

function limitsOf(limits: Limits): InspectionDocument["limits"] {
  const { memoryPages, waiting, ...rest } = limits;
  return { memoryBytes: memoryPages * PAGE, waitingCalls: waiting, ...rest };
}
