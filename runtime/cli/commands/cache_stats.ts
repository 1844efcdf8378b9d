/**
 * `omnifs cache stats`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { formatSize } from "../units.ts";

/** Tells how the cache of a daemon fares. */
export const cacheStats: Command = command<{ mount: string | undefined }>({
  name: "cache stats",
  summary: "How full the cache is, and how often it could answer",
  arguments: [],
  options: { mount: DAEMON_OPTION },
  examples: [{ line: "cache stats --output json", summary: "every number" }],
  async run(context, { mount }) {
    const { cache } = await (await connect(context, mount)).status(context.signal);
    const { out, format } = context;
    if (format === "json") return out.document(cache);
    if (format === "jsonl") return out.line(JSON.stringify(cache));
    for (const [key, value] of Object.entries(cache)) {
      out.line(`${key.padEnd(14)} ${key.toLowerCase().includes("bytes") ? formatSize(value) : value}`);
    }
  },
});
