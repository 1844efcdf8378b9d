/**
 * A Docker Engine as files: containers and their logs, images, networks, volumes, Compose projects.
 *
 * @module
 */
import { http, now, settings } from "../sdk/http.ts";
import { httpWrite } from "../sdk/http_write.ts";
import { defineProvider, slice } from "../sdk/mod.ts";
import { manifestOf, settingsOf } from "./config.ts";
import { Engine } from "./engine.ts";
import { eventsOf } from "./events.ts";
import { mutationsOf } from "./mutations.ts";
import { placeOf, readLeaf } from "./tree.ts";
import { Writer } from "./writer.ts";

const configured = () => settingsOf(settings<unknown>());
const engine = () => new Engine(http, configured());

export const { manifest, provider, events, mutations } = defineProvider({
  manifest: () => manifestOf(configured()),
  lookupChild: (parent, name) => placeOf(engine(), parent).lookup(name),
  listChildren: (parent) => placeOf(engine(), parent).list(),
  readFile(file, offset, length) {
    const bytes = readLeaf(engine(), file);
    return typeof bytes === "string" ? slice(bytes, offset, length) : bytes.subarray(offset, offset + length);
  },
  events: eventsOf(engine, now),
  mutations: mutationsOf(() => ({ engine: engine(), writer: new Writer(httpWrite, configured()), now })),
});
