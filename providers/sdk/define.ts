/**
 * From a provider as its author writes it to the exports of its world.
 *
 * @module
 */
import type {
  Change,
  Event,
  Failure,
  Invalidation,
  Listing,
  Manifest,
  Need,
  Node,
  NodeId,
  Outcome,
  Payload,
  Polled,
  Receipt,
  Refusal,
  Source,
  Step,
} from "./contract.ts";
import { denied, failureOf, isADirectory, ProviderError } from "./errors.ts";

/** A manifest as its author writes it. */
export interface ManifestDefinition {
  /** The default first path segment. */
  readonly name: string;
  /** Its version, as in semver. */
  readonly version: string;
  /** One line for people. */
  readonly summary: string;
  /** Everything that it asks for; nothing unless told. */
  readonly needs?: readonly Need[];
  /** JSON Schema (draft 2020-12) of its settings; none are accepted unless told. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A page of a directory as an author writes it; what is left out is empty. */
export type ListingDefinition =
  & Pick<Listing, "entries" | "exhaustive">
  & {
    [Key in "next" | "also" | "complete"]?: Listing[Key] | undefined;
  };

/** The events of a provider; see `wit/events.wit`. */
export interface EventsDefinition {
  /** The sources of a watch, best first. */
  sources(watch: string): Source[];
  /**
   * One look at the upstream on behalf of a watch: what changed since the cursor, or, without one, since `since`
   * (milliseconds since the Unix epoch).
   */
  poll(watch: string, cursor: string | undefined, since: number): Polled;
  /** What one delivered event means. */
  onEvent(event: Event): Invalidation[];
}

/** A provider as its author writes it. Whatever throws a `ProviderError` fails with its case. */
export interface ProviderDefinition {
  /** What it is; a function where it depends on the settings. */
  readonly manifest: ManifestDefinition | (() => ManifestDefinition);
  /** The child of `parent` that is called `name`, or undefined where there is none. */
  lookupChild(parent: NodeId, name: string): Node | undefined;
  /** One page of the children of `parent`. */
  listChildren(parent: NodeId, cursor: string | undefined): ListingDefinition;
  /** At most `length` bytes of `file` from `offset`; needed where a file's content is `ask`. */
  readFile?(file: NodeId, offset: number, length: number): string | Uint8Array | Payload;
  /** Where changes come from; nothing is watched unless told. */
  readonly events?: EventsDefinition;
  /** What drafts may do; for worlds that include `mutable-http-provider`. */
  readonly mutations?: MutationsDefinition;
}

/** A change of a plan that cannot be applied. */
export class PlanRefused extends Error {
  /** Every one that cannot. */
  readonly refusals: readonly Refusal[];

  /** Refuses a plan for `refusals`. */
  constructor(refusals: readonly Refusal[]) {
    super(`${refusals.length} changes were refused`);
    this.refusals = refusals;
  }
}

/** The mutations of a provider; see `wit/mutations.wit`. Bytes arrive as bytes, whatever was staged. */
export interface MutationsDefinition {
  /** Throws where a draft may not hold `change`, by its own look alone. */
  check(change: Change): void;
  /** The steps that the changes take. @throws {PlanRefused} with every change that cannot be applied */
  plan(changes: Change[]): Step[];
  /** Performs a step. */
  perform(step: Step): Receipt;
  /** Takes a performed step back. */
  undo(step: Step, undo: Uint8Array): void;
  /** Whether a step took place. */
  probe(step: Step): Outcome;
}

/** The exports of every world. */
export interface ProviderExports {
  /** `manifest.describe`. */
  readonly manifest: { describe(): Manifest };
  /** The read surface. */
  readonly provider: {
    /** `lookup-child`. */
    lookupChild(parent: NodeId, name: string): Node | undefined;
    /** `list-children`. */
    listChildren(parent: NodeId, cursor: string | undefined): Listing;
    /** `read-file`. */
    readFile(file: NodeId, offset: number, length: number): Payload;
  };
  /** Where changes come from. */
  readonly events: EventsDefinition;
  /** What drafts may do. */
  readonly mutations: MutationsDefinition;
}

/**
 * The exports of a provider's component:
 *
 * ```ts
 * export const { manifest, provider, events } = defineProvider({ manifest: …, lookupChild: …, listChildren: … });
 * ```
 */
export function defineProvider(definition: ProviderDefinition): ProviderExports {
  // What is none in the contract arrives as null, whatever the types of the guest say.
  return {
    manifest: { describe: () => described(definition.manifest) },
    provider: {
      lookupChild: guarded((parent, name) => definition.lookupChild(parent, name)),
      listChildren: guarded((parent, cursor) =>
        completed(definition.listChildren(parent, cursor ?? undefined))
      ),
      readFile: guarded((file, offset, length) => readFile(definition, file, offset, length)),
    },
    events: {
      sources: (watch) => definition.events?.sources(watch) ?? [],
      poll: guarded((watch, cursor, since) =>
        definition.events?.poll(watch, cursor ?? undefined, since) ?? { invalidations: [] }
      ),
      onEvent: guarded((event) => definition.events?.onEvent(event) ?? []),
    },
    mutations: mutationsOf(definition.mutations),
  };
}

function mutationsOf(definition: MutationsDefinition | undefined): MutationsDefinition {
  const told = () => {
    if (definition !== undefined) return definition;
    throw denied("this provider takes no changes");
  };
  return {
    check: guarded((change) => told().check(change)),
    plan: (changes) => planned(() => told().plan(changes), changes.length),
    perform: guarded((step) => told().perform(step)),
    undo: guarded((step, undo) => told().undo(step, undo)),
    probe: guarded((step) => told().probe(step)),
  };
}

/** What `plan` answers; whatever else it throws refuses every change. */
function planned(plan: () => Step[], changes: number): Step[] {
  let refusals: readonly Refusal[];
  try {
    return plan();
  } catch (error) {
    refusals = error instanceof PlanRefused
      ? error.refusals
      : Array.from({ length: changes }, (_, change) => ({ change, error: failureOf(error) }));
  }
  // Not an Error: the contract's variant itself is what crosses.
  throw refusals;
}

/** `call` such that whatever it throws crosses as a case of `provider-error`: any other throw is a trap without a word. */
export function guarded<Given extends unknown[], Value>(
  call: (...given: Given) => Value,
): (...given: Given) => Value {
  return (...given) => {
    let failure: Failure;
    try {
      return call(...given);
    } catch (error) {
      failure = failureOf(error);
    }
    // Not an Error: the contract's variant itself is what crosses.
    throw failure;
  };
}

function described(manifest: ProviderDefinition["manifest"]): Manifest {
  const told = typeof manifest === "function" ? manifest() : manifest;
  const schema = told.settings ?? { type: "object", properties: {}, additionalProperties: false };
  return {
    name: told.name,
    version: told.version,
    summary: told.summary,
    needs: [...(told.needs ?? [])],
    settingsSchema: JSON.stringify(schema),
  };
}

function completed(page: ListingDefinition): Listing {
  const { entries, exhaustive, next, also = [], complete = [] } = page;
  return next === undefined
    ? { entries, exhaustive, also, complete }
    : { entries, exhaustive, next, also, complete };
}

function readFile(definition: ProviderDefinition, file: NodeId, offset: number, length: number): Payload {
  if (definition.readFile === undefined) throw unread(definition, file);
  const bytes = definition.readFile(file, Number(offset), Number(length));
  if (typeof bytes === "string") return { tag: "text", val: bytes };
  return bytes instanceof Uint8Array ? { tag: "bytes", val: bytes } : bytes;
}

/**
 * Why a provider without `readFile` reads nothing: the host asks it only where `content` says so, so whoever asks holds
 * the id of a directory, of a file whose bytes travel with it, or of nothing at all.
 */
function unread(definition: ProviderDefinition, id: NodeId): Error {
  try {
    definition.listChildren(id, undefined);
    return isADirectory();
  } catch (error) {
    const isFile = error instanceof ProviderError && error.failure.tag === "not-a-directory";
    if (!isFile && error instanceof Error) return error;
    return new Error(`the bytes of ${id} travel with its node: they are not asked for`);
  }
}
