/**
 * `omnifs events`
 *
 * @module
 */
import type { BusEvent } from "../../base/bus.ts";
import {
  type Command,
  command,
  type Context,
  flag,
  list,
  type OptionSpec,
  quote,
  UsageError,
} from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { printable } from "../output.ts";
import { Printer } from "../several.ts";
import { formatClock } from "../units.ts";

interface Values {
  readonly follow: boolean;
  readonly since: number;
  readonly type: readonly string[];
  readonly mount: string | undefined;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  follow: flag("-f, --follow", "go on with what is still to come, until Ctrl-C"),
  since: {
    flags: "--since <number>",
    summary: "only what came after the event of this number",
    initial: 0,
    read: parseNumber,
  },
  type: list(
    "--type <type>",
    "only events of this type, or of this group, such as watch; again for more",
    (word) => word,
  ),
  mount: DAEMON_OPTION,
};

/** Prints what happened in a daemon, and what happens. */
export const events: Command = command<Values>({
  name: "events",
  summary: "What happened: changes upstream, watches, deliveries, callouts, refusals",
  arguments: [{ form: "[name...]", summary: "only events of these mounts, such as github", values: "mount" }],
  options: OPTIONS,
  examples: [
    { line: "events -f --output jsonl", summary: "a stream for another program" },
    { line: "events github --type event --type watch", summary: "how GitHub's changes come here" },
    { line: "events -f --since 1200 --output jsonl", summary: "on from where it was left" },
  ],
  async run(context, { follow, since, type: types, mount }) {
    const client = await connect(context, mount);
    const printer = new Printer<BusEvent>(context, lineOf);
    let next = since + 1;
    try {
      for await (const event of client.events(since, follow, context.signal)) {
        if (event.sequence > next && since > 0) tellGap(context, next, event.sequence);
        next = event.sequence + 1;
        if (isWanted(event, types, context.words)) await printer.print(event);
      }
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
    printer.end();
  },
});

function parseNumber(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new UsageError(`--since takes the number of an event, not ${quote(word)}`, "");
}

function isWanted({ type, data }: BusEvent, types: readonly string[], mounts: readonly string[]): boolean {
  const asked = types.length === 0 ||
    types.some((wanted) => type === wanted || type.startsWith(`${wanted}.`));
  return asked && (mounts.length === 0 || ("mount" in data && mounts.includes(data.mount)));
}

function tellGap({ err }: Context, from: number, to: number): void {
  err.line(`omnifs: events ${from} to ${to - 1} are not kept any more`);
}

function lineOf({ sequence, time, type, data }: BusEvent): string {
  const facts = Object.entries(data).map(([key, value]) => `${key}=${shown(value)}`).join(" ");
  return `${formatClock(time)} #${sequence} ${type} ${facts}`;
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : printable(String(value));
}
