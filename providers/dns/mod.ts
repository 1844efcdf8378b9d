/**
 * The domain name system as files: `example.com/MX`, `@9.9.9.9/example.com/A`, `_reverse/192.0.2.1/PTR`.
 *
 * @module
 */
import { ask, settings } from "../sdk/dns.ts";
import { defineProvider, slice } from "../sdk/mod.ts";
import { manifestOf, settingsOf } from "./config.ts";
import { pollWatch, sourcesOf } from "./events.ts";
import { Resolvers } from "./resolvers.ts";
import { placeOf, readLeaf } from "./tree.ts";

const configured = () => settingsOf(settings<unknown>());
const resolvers = () => new Resolvers(ask, configured());

export const { manifest, provider, events } = defineProvider({
  manifest: () => manifestOf(configured()),
  lookupChild: (parent, name) => placeOf(resolvers(), parent).lookup(name),
  listChildren: (parent) => placeOf(resolvers(), parent).list(),
  readFile: (file, offset, length) => slice(readLeaf(resolvers(), file), offset, length),
  events: {
    sources: sourcesOf,
    poll: (watch) => pollWatch(resolvers(), watch),
    onEvent: () => [],
  },
});
