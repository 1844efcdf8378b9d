/**
 * `omnifs logs`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { logPathOf } from "../../control/places.ts";
import { type Command, command, flag } from "../command.ts";
import { pickDaemon } from "../daemons.ts";
import { follow, oldest } from "../log_files.ts";

/** Prints the log of a background mount. */
export const logs: Command = command<{ follow: boolean }>({
  name: "logs",
  summary: "The log of a mount in the background",
  arguments: [{ form: "[dir]", summary: "the mount, where more than one runs", values: "daemon" }],
  options: { follow: flag("-f, --follow", "go on with what is still to come, until Ctrl-C") },
  formats: ["human"],
  examples: [{ line: "logs -f", summary: "watch it" }],
  async run(context, values) {
    const daemon = await pickDaemon(context, context.words[0]);
    const path = logPathOf(daemon.name, context.environment);
    const file = await oldest(path);
    if (file === undefined) throw none(path);
    const { clock, out } = context;
    const until = values.follow ? context.signal : undefined;
    for await (const piece of follow(path, file, clock, until)) {
      out.bytes(piece);
      await out.ready();
    }
  },
});

function none(path: string): OmnifsError {
  return new OmnifsError("not-found", `there is no log at ${path}: a mount in front logs to its terminal`, {
    path,
    mend: "where systemd started it: journalctl --user -u 'omnifs-*'",
  });
}
