/**
 * Names of domains as they stand in paths: in any script and case, with one normal form in ASCII.
 *
 * @module
 */
import { decodeName } from "../sdk/mod.ts";
import { decodePunycode, encodePunycode } from "./punycode.ts";

/** Longest name in characters (RFC 1035, 2.3.4), and longest label. */
const NAME_LENGTH = 253;
const LABEL_LENGTH = 63;

/** Dots of other scripts that count as dots in a name (UTS 46). */
const DOTS = /[\u3002\uff0e\uff61]/g;

/** The domain that a path segment names, in lower case without a trailing dot; undefined for what is none. */
export function domainOf(segment: string): string | undefined {
  const name = decodeName(segment)?.normalize("NFC").toLowerCase().replace(DOTS, ".").replace(/\.$/, "");
  if (name === undefined || name === "" || name.length > NAME_LENGTH) return undefined;
  // `_anything` alone is for directories that this provider makes up.
  if (name.startsWith("_") && !name.includes(".")) return undefined;
  const labels = name.split(".").map(asciiLabel);
  const ascii = labels.join(".");
  return labels.includes(undefined) || ascii.length > NAME_LENGTH ? undefined : ascii;
}

/** `domain` for people: its labels in their own script. */
export function unicodeOf(domain: string): string {
  return domain.split(".").map((label) => {
    const shown = label.startsWith("xn--") ? decodePunycode(label.slice(4)) : undefined;
    return shown === undefined || asciiLabel(shown) !== label ? label : shown;
  }).join(".");
}

/** An owner name of a record in the form of {@linkcode domainOf}. */
export function bareName(owner: string): string {
  return owner.replace(/\.$/, "").toLowerCase();
}

/** True where `domain` is `zone` or lies below it; the root zone is the empty text. */
export function isWithin(domain: string, zone: string): boolean {
  return zone === "" || domain === zone || domain.endsWith(`.${zone}`);
}

function asciiLabel(label: string): string | undefined {
  // deno-lint-ignore no-control-regex -- the range of ASCII
  const ascii = /^[\x00-\x7f]*$/.test(label) ? label : `xn--${encodePunycode(label)}`;
  // Underscores are for services, a star is a wildcard's own name, a slash is from RFC 2317.
  return ascii.length <= LABEL_LENGTH && /^[a-z0-9_*/-]+$/.test(ascii) ? ascii : undefined;
}
