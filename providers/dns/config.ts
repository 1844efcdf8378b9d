/**
 * The provider's settings, and the manifest that follows from them.
 *
 * @module
 */
import { invalid, type ManifestDefinition } from "../sdk/mod.ts";
import { needTarget, resolverOf } from "./addresses.ts";

/** Whom to ask. */
export interface Settings {
  /** Asked for names without `@`; the system's resolver where it is absent. */
  readonly resolver: string | undefined;
  /** Resolvers that the manifest asks for, beside those that the user grants by hand. */
  readonly resolvers: readonly string[];
}

const FORMS = "an address, address:port, or the host of a DoH server";

/** JSON Schema of the settings. */
const SCHEMA = {
  type: "object",
  properties: {
    resolver: {
      type: "string",
      description: `Asked for names without @: ${FORMS}; the system's resolver unless told`,
    },
    resolvers: {
      type: ["array", "string"],
      items: { type: "string" },
      description: `Resolvers to ask the user for, as a list or between commas: each ${FORMS}`,
    },
  },
  additionalProperties: false,
};

/** What `given`, the user's settings, come to. */
export function settingsOf(given: unknown): Settings {
  const record = typeof given === "object" && given !== null ? given : {};
  const [resolver] = "resolver" in record ? resolversIn(record.resolver) : [];
  return { resolver, resolvers: "resolvers" in record ? resolversIn(record.resolvers) : [] };
}

/** A command line gives a list as one text, a file as a list. */
function resolversIn(given: unknown): string[] {
  const texts: unknown[] = typeof given === "string" ? given.split(",") : Array.isArray(given) ? given : [];
  return texts.map(String).map((text) => text.trim()).filter((text) => text !== "").map((text) => {
    const resolver = resolverOf(text);
    if (resolver === undefined) throw invalid(`no resolver: ${text}; write ${FORMS}`);
    return resolver;
  });
}

/** The manifest under these settings. */
export function manifestOf({ resolver, resolvers }: Settings): ManifestDefinition {
  const named = [...new Set([...resolver === undefined ? [] : [resolver], ...resolvers])];
  return {
    name: "dns",
    version: "1.0.0",
    summary: "Records of the domain name system, by any resolver",
    needs: [
      { target: "dns", write: false, why: "Ask the system's resolver for the records of domains" },
      ...named.map((one) => ({
        target: needTarget(one),
        write: false,
        why: "Ask this resolver for the records of domains",
      })),
    ],
    settings: SCHEMA,
  };
}
