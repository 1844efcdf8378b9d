/**
 * Workspaces of assets as files: the packer's generations, and what waits for a decision.
 *
 * @module
 */
import { packer } from "../sdk/packer.ts";
import { defineProvider } from "../sdk/mod.ts";
import { meaningOf, pollWatch, sourcesOf } from "./events.ts";
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
});
