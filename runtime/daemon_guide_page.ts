/**
 * The `README.md` at the root of a mount, from what is in force there: for an agent or a person who knows nothing of it.
 *
 * What omnifs knows comes first; the provider's own words, which may be anything, come last and are marked as such.
 *
 * @module
 */
import { VERSION } from "./control/version.ts";
import type { Need } from "./egress/callout.ts";
import type { CredentialStatus } from "./egress/ledger.ts";
import { shownUrl } from "./egress/shown.ts";

/** What the page of one mount is made of. It holds no secret. */
export interface GuideFacts {
  /** The first segment of its paths. */
  readonly mount: string;
  /** The provider's own name, version and one line. */
  readonly provider: { readonly name: string; readonly version: string; readonly summary: string };
  /** True for a provider that comes with omnifs. */
  readonly bundled: boolean;
  /** What it asks for, and whether that was granted. */
  readonly needs: readonly GuideNeed[];
  /** The credentials that its needs name. */
  readonly credentials: readonly Omit<CredentialStatus, "mount">[];
  /** What becomes of changes: the provider takes none, here are no drafts, they are not granted, or may be applied. */
  readonly changes: "none" | "unmounted" | "withheld" | "granted";
  /** Whether deliveries are taken: nothing listens, nothing can be verified, or they are. */
  readonly deliveries: "none" | "unverified" | "taken";
  /** Its settings, in the order of its schema. */
  readonly settings: readonly GuideSetting[];
  /** What its author says; undefined where that is nothing. */
  readonly guide: string | undefined;
}

/** A need, and whether it was granted. */
export interface GuideNeed extends Pick<Need, "target" | "why" | "credential" | "pace"> {
  /** True where its usual requests pass. */
  readonly granted: boolean;
  /** The flag that grants it. */
  readonly flag: string;
}

/** One setting in force. */
export interface GuideSetting {
  /** Its name. */
  readonly key: string;
  /** Its value; undefined where it has none. */
  readonly value: unknown;
  /** True where the user set it. */
  readonly given: boolean;
  /** True where it may hold a secret: its value is not shown. */
  readonly secret: boolean;
  /** What it is for. */
  readonly description: string | undefined;
}

/** Where a credential was found, in words. */
const SOURCES: Readonly<Record<string, string>> = {
  helper: "a helper program",
  environment: "the environment",
  store: "the store of `omnifs auth login`",
};

/** The page. */
export function guidePage(facts: GuideFacts): string {
  const { mount, provider, guide } = facts;
  const parts = [
    `# ${line(mount)}\n\n${line(provider.summary)}.\n\n${introduction(facts)}`,
    section("Reaches", reach(facts)),
    section("Freshness", freshness(facts)),
    section("Changes", changes(facts)),
    section("Settings in force", settings(facts)),
    section("More", more(facts)),
    guide === undefined ? undefined : `---\n\nThe provider's own words:\n\n${ownWords(guide, mount)}`,
  ];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}

function introduction({ provider: { name, version } }: GuideFacts): string {
  return `Written by omnifs ${VERSION} for the provider ${line(name)} ${
    line(version)
  }, from what is in force now.
It is rewritten when that changes, and reading it asks nobody.`;
}

function section(title: string, lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : `## ${title}\n\n${lines.join("\n")}`;
}

function reach({ needs, credentials }: GuideFacts): string[] {
  if (needs.length === 0) return ["- nothing: it asks for no network"];
  return [...needs.map(needLine), ...credentials.map(credentialLine)];
}

function needLine({ target, why, granted, flag, pace }: GuideNeed): string {
  const slow = pace === undefined ? "" : ` At most one request in ${pace / 1_000} s.`;
  const state = granted
    ? "Granted."
    : `Not granted: what needs it fails with "Operation not permitted". Mount with \`${line(flag)}\`.`;
  return `- \`${line(target)}\`: ${line(why)}.${slow} ${state}`;
}

function credentialLine({ name, target, source, problem, mend }: GuideFacts["credentials"][number]): string {
  const what = `- \`${line(name)}\`, for \`${line(target)}\` alone:`;
  const fault = problem === undefined ? "" : line(problem.replace(`${name}: `, ""));
  const advice = mend === undefined ? "" : ` Try: \`${line(mend)}\`.`;
  if (source === undefined) return `${what} no credential is in use (${fault}).${advice}`;
  const from = `in use, from ${SOURCES[source] ?? source}`;
  return problem === undefined ? `${what} ${from}.` : `${what} ${from}; ${fault}.${advice}`;
}

function freshness({ deliveries, needs }: GuideFacts): string[] {
  const lines = [
    "- Nothing expires by a clock. What was read is kept, and a second read costs nothing, until its upstream",
    "  tells of a change; what nobody tells of is asked for each time. `omnifs ls --output json` says which.",
  ];
  if (needs.length === 0) return lines;
  return [...lines, `- Webhooks: ${DELIVERIES[deliveries]}`];
}

const DELIVERIES: Readonly<Record<GuideFacts["deliveries"], string>> = {
  none: "no receiver runs (`--webhook-listen` starts one); changes are found by streams and polls.",
  unverified:
    "no deliveries are taken for this mount (`omnifs webhook url`); streams and polls find changes.",
  taken: "deliveries to this mount are taken.",
};

function changes({ mount, changes }: GuideFacts): string[] {
  const fixed = `- Every file here is read-only: a write fails with "Read-only file system".`;
  if (changes === "none") return [fixed, "- The provider takes no changes, by drafts either."];
  if (changes === "unmounted") return [fixed, "- The provider takes changes by drafts, where it is mounted."];
  const where = `/${line(mount)}/PATH`;
  const granted = changes === "granted"
    ? "- Changes are staged in a draft, and sent when it is applied:"
    : `- Not granted: with \`--allow-apply=${line(mount)}\`, changes would be staged in a draft:`;
  return [
    fixed,
    granted,
    "",
    "      omnifs draft new NAME",
    `      omnifs draft write ${where} NAME < FILE`,
    "      omnifs draft diff NAME",
    "      omnifs draft apply --dry-run NAME",
    "      omnifs draft apply NAME",
    "",
    "- Which files take changes: `writable` in `omnifs ls --output json`.",
  ];
}

function settings({ mount, settings }: GuideFacts): string[] {
  return settings.map(({ key, value, given, secret, description }) => {
    const shown = secret && value !== undefined ? "(not shown)" : valueOf(value);
    const origin = given ? "set" : "default";
    const what = description === undefined ? "" : `: ${line(description)}`;
    return `- \`${line(mount)}.${line(key)}\` = ${shown} (${origin})${what}`;
  });
}

function valueOf(value: unknown): string {
  if (value === undefined) return "none";
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = items.map((item) => shownUrl(typeof item === "string" ? item : JSON.stringify(item)));
  return `\`${line(texts.join(", "))}\``;
}

/** Where the whole page of a bundled provider is, where it is not among the others. */
const PAGES: Readonly<Record<string, string>> = { packer: "docs/packer.md" };

function more({ mount, provider, bundled }: GuideFacts): string[] {
  const whole = PAGES[provider.name] ?? `docs/providers/${line(provider.name)}.md`;
  return [
    ...(bundled ? [`- ${whole}: the whole page of this provider`] : []),
    `- \`omnifs status\`: what was asked so far, the latest failures and what mends them`,
    `- \`omnifs ls --output jsonl /${line(mount)}\`: kind, size, identity, freshness and time of each entry`,
  ];
}

/** What is in one line of Markdown: no line break, no control characters, no code marks. */
function line(text: string): string {
  return plain(text).replace(/[\n`]+/g, " ").trim();
}

/** The guide, for this mount. */
function ownWords(guide: string, mount: string): string {
  return plain(guide).replaceAll("{mount}", line(mount)).trim();
}

/** `text` without what a terminal would obey: control characters but line breaks, and marks that turn text around. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, " ");
}
