/**
 * `omnifs metrics`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";

/** Prints every figure for Prometheus. */
export const metrics: Command = command<{ mount: string | undefined }>({
  name: "metrics",
  summary: "Every figure, in the text format of Prometheus",
  arguments: [],
  options: { mount: DAEMON_OPTION },
  formats: ["human"],
  examples: [
    { line: "metrics", summary: "all of them; into a file for node_exporter's textfile collector" },
  ],
  async run(context, { mount }) {
    context.out.text(await (await connect(context, mount)).metrics(context.signal));
  },
});
