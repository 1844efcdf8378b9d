/**
 * Linear as files: teams, issues, comments, projects and cycles.
 *
 * @module
 */
import { http, now, settings } from "../sdk/http.ts";
import { httpWrite } from "../sdk/http_write.ts";
import { defineProvider, slice } from "../sdk/mod.ts";
import { Api } from "./api.ts";
import { manifestOf, settingsOf } from "./config.ts";
import { eventsOf } from "./events.ts";
import { mutationsOf } from "./mutations.ts";
import { placeOf, readLeaf } from "./tree.ts";

const configured = () => settingsOf(settings<unknown>());
const api = () => new Api(http, configured(), now);
const writer = () => new Api(httpWrite, configured(), now);

export const { manifest, provider, events, mutations } = defineProvider({
  manifest: () => manifestOf(configured()),
  lookupChild: (parent, name) => placeOf(api(), parent).lookup(name),
  listChildren: (parent, cursor) => placeOf(api(), parent).list(cursor),
  readFile: (file, offset, length) => slice(readLeaf(api(), file), offset, length),
  events: eventsOf(api, now),
  mutations: mutationsOf(() => ({ api: api(), writer: writer() })),
});
