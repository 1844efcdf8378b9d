/**
 * What the `omnifs provider` commands ask of the runtime: plain data, so that the command line need not load it to
 * say it.
 *
 * @module
 */
import type { DaemonOptions } from "./options.ts";
import type { NeedDocument } from "./protocol.ts";

/** One authority that a provider asks for, and whether these flags grant it. */
export interface InspectedNeed extends NeedDocument {
  /** True where it also asks to change the upstream. */
  readonly write: boolean;
}

/** A provider that can be mounted. */
export interface ProviderSummary {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** One line. */
  readonly summary: string;
  /** `bundled`, or the path of its file. */
  readonly source: string;
  /** What it asks for. */
  readonly needs: readonly InspectedNeed[];
}

/** All that is known of a provider before it is mounted. */
export interface InspectionDocument extends ProviderSummary {
  /** The full names of what it imports. */
  readonly imports: readonly string[];
  /** The full names of what it exports. */
  readonly exports: readonly string[];
  /** Whether it can change its upstream, and whether these flags let it. */
  readonly apply: { readonly wanted: boolean; readonly granted: boolean; readonly flag: string };
  /** How much it may take. */
  readonly limits: {
    readonly memoryBytes: number;
    readonly guestMilliseconds: number;
    readonly deadlineMilliseconds: number;
    readonly waitingCalls: number;
    readonly instances: number;
    readonly answerBytes: number;
  };
  /** The JSON Schema of its settings. */
  readonly settings: unknown;
}

/** The options of a daemon that an inspection heeds. */
export type InspectOptions = Pick<
  DaemonOptions,
  "allowNet" | "denyNet" | "allowApply" | "settings" | "cacheDir"
>;

/** What `runtime/inspect.ts` exports. */
export interface Inspector {
  /** The provider called `word`, or in the file `word`. @throws {OmnifsError} why it could not be mounted */
  inspect(word: string, options: InspectOptions): Promise<InspectionDocument>;
  /** Every bundled provider, and those in `installed`. One that cannot be described has its failure as its summary. */
  listProviders(
    options: InspectOptions,
    installed: readonly { readonly name: string; readonly path: string }[],
  ): Promise<readonly ProviderSummary[]>;
}
