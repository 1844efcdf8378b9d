/**
 * `omnifs logs`
 *
 * @module
 */
import { sleep } from "../../base/clock.ts";
import { OmnifsError } from "../../base/errors.ts";
import { logPathOf } from "../../control/places.ts";
import { type Command, command, type Context, flag } from "../command.ts";
import { pickDaemon } from "../daemons.ts";

/** Milliseconds between two looks at the end of the log. */
const PAUSE = 200;

/** Prints the log of a background mount. */
export const logs: Command = command<{ follow: boolean }>({
  name: "logs",
  summary: "The log of a mount in the background",
  arguments: [{ form: "[dir]", summary: "the mount, where more than one runs", values: "daemon" }],
  options: { follow: flag("-f, --follow", "go on with what is still to come, until Ctrl-C") },
  formats: ["human"],
  examples: [{ line: "logs -f", summary: "watch it" }],
  async run(context, { follow }) {
    const daemon = await pickDaemon(context, context.words[0]);
    const path = logPathOf(daemon.name, context.environment);
    using file = await open(path);
    do {
      await copy(file, context);
      if (follow) await sleep(context.clock, PAUSE, context.signal).catch(() => {});
    } while (follow && !context.signal.aborted);
  },
});

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new OmnifsError("not-found", `there is no log at ${path}: a mount with -f logs to its terminal`, {
      cause: error,
    });
  }
}

async function copy(file: Deno.FsFile, { out }: Context): Promise<void> {
  const piece = new Uint8Array(64 * 1024);
  for (let length = await file.read(piece); length !== null; length = await file.read(piece)) {
    out.bytes(piece.slice(0, length));
    await out.ready();
  }
}
