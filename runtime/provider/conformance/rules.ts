/**
 * The rules that every provider is held to, as data: what holds, and what mends a provider of which it does not.
 *
 * @module
 */

/** How much a rule weighs: one that must hold fails the provider, one that should hold is advice. */
export type Level = "must" | "should";

/** One rule. */
export interface Rule {
  /** What holds of every provider, as a sentence. */
  readonly holds: string;
  /** What to change in a provider of which it does not hold. */
  readonly mend: string;
  /** How much it weighs. */
  readonly level: Level;
}

const must = (holds: string, mend: string): Rule => ({ holds, mend, level: "must" });
const should = (holds: string, mend: string): Rule => ({ holds, mend, level: "should" });

/** Every rule by its name, in the order of the report. */
export const RULES = {
  "manifest": must(
    "the manifest has a name that can be mounted, a version, a summary, and needs that can be granted",
    "mend what `manifest` of mod.ts says",
  ),
  "contract": must(
    "every answer has the shape of the contract",
    "make nodes and listings by the builders of the SDK (directory, textFile, askFile, whole …)",
  ),
  "limits": must(
    "every answer keeps to the limits of the contract (docs/contract.md)",
    "tell less at once: pages for long directories, askFile for content of more than 64 KiB, short ids",
  ),
  "answers": must(
    "an operation answers, or fails with a case of provider-error other than internal",
    "throw the errors of the SDK (notFound, unavailable …), and compute for less than two seconds at a time",
  ),
  "names": must(
    "names are legal, and no directory has one twice",
    "make entries by `entry`, which encodes what a path cannot hold, from something unique upstream",
  ),
  "agree": must(
    "looking a listed name up gives the node that was listed",
    "build the nodes of lookupChild and listChildren by the same function",
  ),
  "absent": must(
    "a name that is not there is none, and no failure",
    "answer undefined from lookupChild; `orAbsent` makes that of an upstream's 404",
  ),
  "errors": must(
    "a file has no children (not-a-directory), a directory no bytes (is-a-directory), an unknown id is not-found",
    "throw notADirectory(), isADirectory() or notFound()",
  ),
  "pages": must(
    "cursors lead from page to page and end: none comes twice",
    "make the cursor of the upstream's own next page, and leave `next` out of the last one",
  ),
  "exhaustive": must(
    "an exhaustive listing tells every name that can be looked up",
    "say `exhaustive: false` where there are more names than are listed",
  ),
  "also": must(
    "what an answer tells of another directory is what that directory tells itself",
    "build what is in `also` by the functions that list and look up there",
  ),
  "complete": must(
    "a directory that an answer calls complete holds exactly what the answer told of it",
    "name a directory in `complete` only where `also` tells every child of it",
  ),
  "list-first": must(
    "one page of a list-first directory costs no more requests than one look-up in it, and no file is list-first",
    "leave `listFirst` out where listing asks the upstream for more than looking a name up does",
  ),
  "ids": must(
    "one id is one object, wherever it is found",
    "put all that tells two objects apart into the id, and nothing that changes with the way to it",
  ),
  "loops": must(
    "no directory holds itself, however deep",
    "leave links to what is above out of the tree: find, du and grep -r would never end",
  ),
  "stable": must(
    "asked again, and by a new instance that was told nothing before, an operation answers the same",
    "derive answers from the arguments and the upstream alone; keep nothing in variables of the module",
  ),
  "immutable": must(
    "what is immutable never changes",
    "use `watched` or `volatile` for what can change upstream, however rarely",
  ),
  "watches": must(
    "somebody tells when a watched node changes: `events.sources` has a source for its watch",
    "define `events` with a source for every watch that a node names, or make the node `volatile`",
  ),
  "sizes": must(
    "a size that is told is the number of bytes",
    "count bytes and not characters, or leave `size` out: the host then finds it out",
  ),
  "parts": must(
    "the parts of a file are parts of its whole, and past its end there is nothing",
    "answer readFile with the bytes from `offset`; `slice` does that for a text",
  ),
  "text": should(
    "text ends in one newline; JSON parses, is indented by two and ends in one",
    "make the file by `textFile` or `jsonFile`",
  ),
  "times": should(
    "times are milliseconds since 1970, and not in the future",
    "hand the upstream's own date (ISO 8601, or milliseconds) to `modified`",
  ),
} as const satisfies Readonly<Record<string, Rule>>;

/** The name of one of {@linkcode RULES}. */
export type RuleName = keyof typeof RULES;

/** Every name, in the order of the report. */
export const RULE_NAMES: readonly RuleName[] = Object.keys(RULES).filter(isRuleName);

function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}
