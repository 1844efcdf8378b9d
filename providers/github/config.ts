/**
 * The provider's settings, and the manifest that follows from them.
 *
 * @module
 */
import { invalid, type ManifestDefinition, type Need } from "../sdk/mod.ts";
import { isObject, text } from "./json.ts";

/** Where GitHub is. */
export interface Settings {
  /** The API's address, without a slash at its end. */
  readonly api: string;
  /** The hosts that Actions keeps its logs on. */
  readonly logHosts: readonly string[];
}

/** GitHub's own. A GitHub Enterprise Server answers at `https://HOST/api/v3`. */
const DEFAULT_API = "https://api.github.com";

/** Where the API's redirects to logs lead. */
const DEFAULT_LOG_HOSTS = ["*.actions.githubusercontent.com", "*.blob.core.windows.net"];

/** JSON Schema of the settings. */
const SCHEMA = {
  type: "object",
  properties: {
    api_url: {
      type: "string",
      pattern: "^https?://[^/?#@]+(/[^?#]*)?$",
      default: DEFAULT_API,
      description: "Address of the API; https://HOST/api/v3 for a GitHub Enterprise Server",
    },
    log_hosts: {
      type: ["array", "string"],
      items: { type: "string" },
      default: DEFAULT_LOG_HOSTS,
      description: "Hosts that the API's redirects to Actions logs lead to, as a list or between commas; " +
        "they get no credential",
    },
  },
  additionalProperties: false,
};

/** What `given`, the user's settings, come to. */
export function settingsOf(given: unknown): Settings {
  const api = (text(given, "api_url") ?? DEFAULT_API).replace(/\/+$/, "");
  const hosts = isObject(given) ? hostsOf(given["log_hosts"]) : undefined;
  return { api, logHosts: hosts ?? DEFAULT_LOG_HOSTS };
}

/** A command line gives the hosts as one text, a file as a list. */
function hostsOf(given: unknown): string[] | undefined {
  const hosts: unknown = typeof given === "string" ? given.split(",") : given;
  if (!Array.isArray(hosts)) return undefined;
  return hosts.filter((host) => typeof host === "string").map((host) => host.trim()).filter((host) =>
    host !== ""
  );
}

/** Scheme and authority of a URL, in lower case: `https://api.github.com`. */
export function originOf(url: string): string {
  const origin = /^https?:\/\/[^/?#@\\]+(?=[/?#]|$)/i.exec(url)?.[0];
  if (origin === undefined) throw invalid(`not an address of an API: ${url}`);
  return origin.toLowerCase();
}

/** The manifest under these settings. */
export function manifestOf(settings: Settings): ManifestDefinition {
  const api: Need = {
    target: originOf(settings.api).replace(/^https?:\/\//, ""),
    write: true,
    why: "Read repositories, issues, pull requests and Actions; change issues and comments by drafts",
    credential: "GITHUB_TOKEN",
  };
  const logs = settings.logHosts.map((target) => ({
    target,
    write: false,
    why: "Read the logs of Actions, which GitHub keeps there",
  }));
  return {
    name: "github",
    version: "1.0.0",
    summary: "Repositories, issues, pull requests and Actions of GitHub",
    needs: [api, ...logs],
    settings: SCHEMA,
  };
}
