/**
 * `omnifs events`
 *
 * @module
 */
import type { BusEvent } from "../../base/bus.ts";
import { type Command, command, flag } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { printable } from "../output.ts";
import { Printer } from "../several.ts";
import { formatClock } from "../units.ts";

/** Prints what happened in a daemon, and what happens. */
export const events: Command = command<{ follow: boolean; mount: string | undefined }>({
  name: "events",
  summary: "What happened: callouts, invalidations, refusals",
  arguments: [],
  options: {
    follow: flag("-f, --follow", "go on with what is still to come, until Ctrl-C"),
    mount: DAEMON_OPTION,
  },
  examples: [{ line: "events -f --output jsonl", summary: "a stream for another program" }],
  async run(context, { follow, mount }) {
    const client = await connect(context, mount);
    const printer = new Printer<BusEvent>(context, lineOf);
    try {
      for await (const event of client.events(0, follow, context.signal)) await printer.print(event);
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
    printer.end();
  },
});

function lineOf({ time, type, data }: BusEvent): string {
  const facts = Object.entries(data).map(([key, value]) => `${key}=${shown(value)}`).join(" ");
  return `${formatClock(time)} ${type} ${facts}`;
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : printable(String(value));
}
