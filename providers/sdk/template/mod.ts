/**
 * The component: what it is and asks for, and the tree of `tree.ts` before the upstream.
 *
 * @module
 */
import { defineProvider, invalid } from "../mod.ts";
import { http, settings } from "../http.ts";
import { type Api, changes, list, lookup, read, WATCH } from "./tree.ts";

/** The upstream, unless a setting says another one. */
const UPSTREAM = "https://api.example.com";

/** Where the upstream is: `--set NAME.api=URL`. */
function address(): string {
  return settings<{ readonly api?: string }>().api ?? UPSTREAM;
}

/** The upstream, through the host's gate: it asks for the grant, attaches the credential, and says no to the rest. */
const api: Api = { get: (path) => http.getJson<never>(address() + path).value };

export const { manifest, provider, events } = defineProvider({
  manifest: () => ({
    name: "__name__",
    version: "0.1.0",
    summary: "Notes as files",
    needs: [{ target: address().replace(/^\w+:\/\/|\/.*$/g, ""), write: false, why: "Read the notes" }],
    settings: {
      type: "object",
      properties: { api: { type: "string", description: "Where the API is", default: UPSTREAM } },
      additionalProperties: false,
    },
  }),
  lookupChild: (parent, name) => lookup(api, parent, name),
  listChildren: (id) => list(api, id),
  readFile: (id, offset, length) => read(api, id, offset, length),
  events: {
    // Asked once a minute, and only while somebody holds a note.
    sources: (watch) => watch === WATCH ? [{ tag: "poll", val: 60_000 }] : [],
    poll: (_watch, cursor) => changes(api, cursor),
    onEvent: () => {
      throw invalid("nothing is delivered to this provider");
    },
  },
});
