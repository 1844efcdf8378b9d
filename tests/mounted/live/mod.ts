/**
 * One file that grows upstream and of which nobody tells: `log`, asked for anew each time.
 *
 * @module
 */
import {
  askFile,
  defineProvider,
  entry,
  isADirectory,
  notADirectory,
  notFound,
  slice,
  upstreamFile,
  volatile,
  whole,
} from "../../../providers/sdk/mod.ts";
import { http, settings } from "../../../providers/sdk/http.ts";

/** Where nobody listens: the schema's default, and what it is before the settings are there. */
const NOWHERE = "http://127.0.0.1:9/";

const url = () => settings<{ readonly url?: string }>().url ?? NOWHERE;

const children = () => [
  entry("log", askFile("log", { freshness: volatile })),
  entry("by-url", upstreamFile("by-url", url(), { freshness: volatile })),
];

export const { manifest, provider, events } = defineProvider({
  manifest: () => ({
    name: "live",
    version: "1.0.0",
    summary: "A file that grows",
    needs: [{ target: url().split("/")[2] ?? "", write: false, why: "Read the file" }],
    settings: { type: "object", properties: { url: { type: "string", default: NOWHERE } } },
  }),

  lookupChild(parent, name) {
    if (parent !== "") throw notADirectory();
    return children().find((child) => child.name === name)?.node;
  },

  listChildren(parent) {
    if (parent !== "") throw notADirectory();
    return whole(children());
  },

  readFile(id, offset, length) {
    if (id === "") throw isADirectory();
    if (id !== "log") throw notFound();
    return slice(http.get(url()).text, offset, length);
  },
});
