/**
 * `omnifs cache drop`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { locateIn, pickDaemon } from "../daemons.ts";
import { ControlClient } from "../../control/client.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { count } from "../units.ts";

/** Makes a daemon forget what it holds. */
export const cacheDrop: Command = command<{ mount: string | undefined }>({
  name: "cache drop",
  summary: "Forget what is cached, so that the next read asks upstream",
  arguments: [{
    form: "[path]",
    summary: "this and everything below it; all where it is missing",
    values: "tree",
  }],
  options: { mount: DAEMON_OPTION },
  examples: [{ line: "cache drop /github/denoland/std", summary: "one repository" }],
  async run(context, { mount }) {
    const daemon = await pickDaemon(context, mount);
    const [word] = context.words;
    const document = await new ControlClient(daemon.socketPath).drop(
      word === undefined ? undefined : locateIn(daemon.dirs, word),
      context.signal,
    );
    if (context.format !== "human") return context.out.line(JSON.stringify(document));
    context.out.line(`forgot ${count(document.nodes, "node")}`);
  },
});
