/**
 * Workspaces of assets as files: the packer's generations, and what waits for a decision.
 *
 * @module
 */
import { defineProvider } from "../sdk/mod.ts";
import { packer } from "../sdk/packer.ts";
import { packerWrite } from "../sdk/packer_write.ts";
import { meaningOf, pollWatch, sourcesOf } from "./events.ts";
import { mutationsOf } from "./mutations.ts";
import { bytesOf, found, listed } from "./tree.ts";

export const { manifest, provider, events, mutations } = defineProvider({
  manifest: {
    name: "packer",
    version: "1.0.0",
    summary: "Workspaces of assets: what is registered, its files, what waits for a decision, builds",
  },
  lookupChild: (parent, name) => found(packer, parent, name),
  listChildren: (parent, cursor) => listed(packer, parent, cursor),
  readFile: (file, offset, length) => bytesOf(packer, file, offset, length),
  events: {
    sources: sourcesOf,
    poll: (watch, cursor, since) => pollWatch(packer, watch, cursor, since),
    onEvent: (event) => meaningOf(packer, event),
  },
  mutations: mutationsOf({ packer, writer: packerWrite }),
});
