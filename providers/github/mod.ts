/**
 * GitHub as files: repositories, issues, pull requests and Actions.
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
import { Writer } from "./writer.ts";

const configured = () => settingsOf(settings<unknown>());
const api = () => new Api(http, configured());

export const { manifest, provider, events, mutations } = defineProvider({
  manifest: () => manifestOf(configured()),
  lookupChild: (parent, name) => placeOf(api(), parent).lookup(name),
  listChildren: (parent, cursor) => placeOf(api(), parent).list(cursor),
  readFile(file, offset, length) {
    const bytes = readLeaf(api(), file);
    return typeof bytes === "string" ? slice(bytes, offset, length) : bytes.subarray(offset, offset + length);
  },
  events: eventsOf(api, now),
  mutations: mutationsOf(() => ({ api: api(), writer: new Writer(api(), httpWrite) }), now),
});
