/**
 * The first provider to look at: a few files that come from nowhere but this component. It asks for no capability, so
 * it imports nothing, and what it says never changes.
 *
 * @module
 */
import {
  defineProvider,
  directory,
  type DirEntry,
  entry,
  immutable,
  jsonFile,
  type Node,
  notADirectory,
  notFound,
  textFile,
  whole,
} from "../sdk/mod.ts";
import { GREETING, GREETINGS, MANIFEST, STEPS } from "./text.ts";

const forever = { freshness: immutable };

const languages = Object.entries(GREETINGS).map(([name, words]) =>
  entry(name, textFile(`language:${name}`, words, forever))
);

const steps = STEPS.map((text, i) => {
  const name = `${i + 1}-${text.slice(0, text.indexOf(":")).toLowerCase()}`;
  return entry(name, textFile(`step:${i + 1}`, text, forever));
});

const root = [
  entry("greeting", textFile("greeting", GREETING, forever)),
  entry("provider.json", jsonFile("provider", MANIFEST, forever)),
  entry("languages", directory("languages", forever)),
  entry("how-it-works", directory("how-it-works", forever)),
  entry("to", directory("to", forever)),
];

/** Every directory whose children are all known. */
const directories: ReadonlyMap<string, DirEntry[]> = new Map([
  ["", root],
  ["languages", languages],
  ["how-it-works", steps],
]);

/** The ids of every file that a directory tells. */
const files = new Set([...directories.values()].flat().map(({ node }) => node.id));

/** The children of the directory with this id. */
function childrenOf(id: string): DirEntry[] {
  const children = directories.get(id);
  if (children !== undefined) return children;
  throw files.has(id) || id.startsWith("to:") ? notADirectory() : notFound();
}

/** `to/Ada` greets Ada: a directory can hold more names than any listing could tell. */
function greetingTo(name: string): Node {
  return textFile(`to:${name}`, `Hello, ${name}!`, forever);
}

export const { manifest, provider, events } = defineProvider({
  manifest: MANIFEST,

  lookupChild(parent, name) {
    if (parent === "to") return greetingTo(name);
    return childrenOf(parent).find((child) => child.name === name)?.node;
  },

  listChildren(parent) {
    if (parent === "to") return { entries: [entry("world", greetingTo("world"))], exhaustive: false };
    return whole(childrenOf(parent));
  },
});
