/**
 * arXiv as files: papers with their versions, categories, searches.
 *
 * @module
 */
import { http, now, settings } from "../sdk/http.ts";
import { defineProvider, slice } from "../sdk/mod.ts";
import { Api } from "./api.ts";
import { manifestOf, settingsOf } from "./config.ts";
import { eventsOf } from "./events.ts";
import { placeOf, readLeaf } from "./tree.ts";

const configured = () => settingsOf(settings<unknown>());
const api = () => new Api(http, configured());

export const { manifest, provider, events } = defineProvider({
  manifest: () => manifestOf(configured()),
  lookupChild: (parent, name) => placeOf(api(), parent).lookup(name),
  listChildren: (parent, cursor) => placeOf(api(), parent).list(cursor),
  readFile: (file, offset, length) => slice(readLeaf(api(), file), offset, length),
  events: eventsOf(now),
});
