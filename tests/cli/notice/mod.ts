/**
 * One note that webhooks tell of: every delivery but a ping says that it is no longer true.
 *
 * @module
 */
import {
  defineProvider,
  entry,
  notADirectory,
  textFile,
  watched,
  whole,
} from "../../../providers/sdk/mod.ts";
import { settings } from "../../../providers/sdk/settings.ts";

type Verification = "hub-signature256" | "linear-signature";

const note = entry("note", textFile("note", "watched\n", { freshness: watched("notice") }));

export const { manifest, provider, events } = defineProvider({
  manifest: {
    name: "notice",
    version: "1.0.0",
    summary: "A note that webhooks tell of",
    needs: [],
    settings: { type: "object", properties: { verification: { type: "string" } } },
  },

  lookupChild(parent, name) {
    if (parent !== "") throw notADirectory();
    return name === "note" ? note.node : undefined;
  },

  listChildren(parent) {
    if (parent !== "") throw notADirectory();
    return whole([note]);
  },

  readFile() {
    throw notADirectory();
  },

  events: {
    sources: () => {
      const { verification = "hub-signature256" } = settings<{ verification?: Verification }>();
      return [{ tag: "webhook", val: verification }];
    },
    poll: () => ({ invalidations: [] }),
    onEvent(event) {
      if (event.tag !== "webhook") return [];
      const happened = event.val.headers.find(([name]) => /^(?:x-github|linear)-event$/.test(name))?.[1];
      const ping = happened === undefined || /^ping$/i.test(happened);
      return [{ tag: "heard", val: "notice" }, ...(ping ? [] : [{ tag: "node", val: "note" } as const])];
    },
  },
});
