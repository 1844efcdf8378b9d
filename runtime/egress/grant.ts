/**
 * What the user granted: `--allow-net` and `--deny-net`, in Deno's own grammar and meaning, and `--allow-apply`.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Need } from "./callout.ts";
import { hostText } from "./address.ts";
import type { Endpoint } from "./destination.ts";
import { contains, matches, parsePattern, type Pattern, patternText } from "./pattern.ts";

/** The flags as they were given. */
export interface GrantFlags {
  /** The entries of `--allow-net`, `all` for the bare flag, `none` where it is absent. */
  readonly allow: readonly string[] | "all" | "none";
  /** The entries of `--deny-net`, `all` for the bare flag. */
  readonly deny?: readonly string[] | "all";
  /** The mounts of `--allow-apply`. */
  readonly apply?: readonly string[];
}

/** Whether an endpoint is granted, and if it is not, why. */
export type Verdict =
  | { readonly granted: true }
  /** `flag` would allow it; it is empty where only taking a `--deny-net` entry back would. */
  | { readonly granted: false; readonly reason: string; readonly flag: string };

const EVERYTHING = "all";

/** The parsed flags; immutable. */
export class Grants {
  /** The entries of `--allow-net` in normal form, or `all`. */
  readonly allow: readonly string[] | "all";
  /** The entries of `--deny-net` in normal form, or `all`. */
  readonly deny: readonly string[] | "all";
  /** The mounts whose drafts may be staged and applied. */
  readonly apply: readonly string[];
  readonly #allow: readonly Pattern[] | typeof EVERYTHING;
  readonly #deny: readonly Pattern[] | typeof EVERYTHING;

  /** Use {@linkcode parseGrants}. */
  constructor(
    allow: readonly Pattern[] | "all",
    deny: readonly Pattern[] | "all",
    apply: readonly string[] = [],
  ) {
    this.apply = apply;
    this.#allow = allow;
    this.#deny = deny;
    this.allow = allow === EVERYTHING ? EVERYTHING : allow.map(patternText);
    this.deny = deny === EVERYTHING ? EVERYTHING : deny.map(patternText);
  }

  /** Whether `endpoint` may be connected to; `--deny-net` wins. */
  match(endpoint: Endpoint): Verdict {
    const denied = this.denies(endpoint);
    if (denied !== undefined) return { granted: false, reason: `${denied} forbids it`, flag: "" };
    if (this.#allow === EVERYTHING || this.#allow.some((entry) => matches(entry, endpoint))) {
      return { granted: true };
    }
    return { granted: false, reason: "it was not granted", flag: flagFor(endpoint) };
  }

  /** The `--deny-net` entry that forbids `endpoint`, or undefined. */
  denies(endpoint: Endpoint): string | undefined {
    if (this.#deny === EVERYTHING) return "--deny-net";
    const entry = this.#deny.find((pattern) => matches(pattern, endpoint));
    return entry === undefined ? undefined : `--deny-net=${patternText(entry)}`;
  }

  /** True where an entry names `endpoint` by its address or its range, or its very name; bare flags name nothing. */
  names(endpoint: Endpoint): boolean {
    return this.#allow !== EVERYTHING &&
      this.#allow.some((entry) => entry.kind !== "wildcard" && matches(entry, endpoint));
  }

  /** True where an entry names `endpoint` together with its port. */
  namesPort(endpoint: Endpoint): boolean {
    return this.#allow !== EVERYTHING &&
      this.#allow.some((entry) =>
        entry.kind !== "wildcard" && entry.kind !== "unix" && entry.port !== undefined &&
        matches(entry, endpoint)
      );
  }

  /** True where the usual requests to a need's target pass. A target that cannot be read is not covered. */
  covers(need: Pick<Need, "target">): boolean {
    const pattern = parsePattern(need.target);
    if (pattern.kind === "wrong" || this.#deny === EVERYTHING) return false;
    if (this.#deny.some((entry) => contains(entry, pattern))) return false;
    return this.#allow === EVERYTHING || this.#allow.some((entry) => contains(entry, pattern));
  }
}

/**
 * Reads the flags. An empty list of `--allow-net` grants nothing.
 *
 * @throws OmnifsError `invalid`, naming the flag, where an entry is outside the grammar.
 */
export function parseGrants(flags: GrantFlags): Grants {
  const { allow, deny = [] } = flags;
  return new Grants(
    allow === "none"
      ? []
      : allow === EVERYTHING
      ? EVERYTHING
      : allow.map((text) => entryOf("--allow-net", text)),
    deny === EVERYTHING ? EVERYTHING : deny.map((text) => entryOf("--deny-net", text)),
    flags.apply,
  );
}

/** The whole flag that grants `endpoint`: `--allow-net=api.github.com`. The port is left out where it is 443. */
export function flagFor(endpoint: Endpoint): string {
  return `--allow-net=${endpointText(endpoint)}`;
}

/** The whole flag that grants a need's target. */
export function flagForNeed(need: Pick<Need, "target">): string {
  const pattern = parsePattern(need.target);
  return `--allow-net=${pattern.kind === "wrong" ? need.target : patternText(pattern)}`;
}

/** `endpoint` as an entry of a flag. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.host}`;
  return hostText(endpoint.host) + (endpoint.port === 443 ? "" : `:${endpoint.port}`);
}

function entryOf(flag: string, text: string): Pattern {
  const pattern = parsePattern(text.trim());
  if (pattern.kind !== "wrong") return pattern;
  throw new OmnifsError("invalid", `${flag}=${text}: ${pattern.why}`, {
    path: `${flag}=${text}`,
    mend: pattern.mend,
  });
}
