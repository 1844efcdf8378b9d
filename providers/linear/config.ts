/**
 * The provider's settings, and the manifest that follows from them.
 *
 * @module
 */
import { invalid, type ManifestDefinition } from "../sdk/mod.ts";
import { text } from "./json.ts";

/** Where Linear is. */
export interface Settings {
  /** The address of its GraphQL API. */
  readonly endpoint: string;
}

/** Linear's own (https://linear.app/developers/graphql). */
const DEFAULT_ENDPOINT = "https://api.linear.app/graphql";

/** JSON Schema of the settings. */
const SCHEMA = {
  type: "object",
  properties: {
    endpoint: {
      type: "string",
      pattern: "^https?://[^/?#@]+(/[^?#]*)?$",
      default: DEFAULT_ENDPOINT,
      description: "Address of the GraphQL API",
    },
  },
  additionalProperties: false,
};

/** What `given`, the user's settings, come to. */
export function settingsOf(given: unknown): Settings {
  return { endpoint: text(given, "endpoint") ?? DEFAULT_ENDPOINT };
}

/** The manifest under these settings. */
export function manifestOf({ endpoint }: Settings): ManifestDefinition {
  const host = /^https?:\/\/([^/?#@\\]+)(?=[/?#]|$)/i.exec(endpoint)?.[1];
  if (host === undefined) throw invalid(`not an address of an API: ${endpoint}`);
  return {
    name: "linear",
    version: "1.0.0",
    summary: "Teams, issues, comments, projects and cycles of Linear",
    needs: [{
      target: host.toLowerCase(),
      write: true,
      why: "Read teams, issues, comments, projects and cycles; change issues and comments by drafts",
      credential: "LINEAR_API_KEY",
    }],
    settings: SCHEMA,
  };
}
