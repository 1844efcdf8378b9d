/**
 * `omnifs webhook deliveries`
 *
 * @module
 */
import type { DeliveryDocument } from "../../control/webhook_documents.ts";
import { type Command, command, quote, text, UsageError } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { formatClock, formatMilliseconds } from "../units.ts";

interface Values {
  readonly limit: number;
  readonly of: string | undefined;
  readonly mount: string | undefined;
}

/** How many are shown where nobody says. */
const SHOWN = 20;

/** Tells what came to the webhook receiver. */
export const webhookDeliveries: Command = command<Values>({
  name: "webhook deliveries",
  summary: "What was delivered, what became of it, and what was refused",
  arguments: [{
    form: "[name]",
    summary: "the mount, such as github; all of them where it is missing",
    values: "mount",
  }],
  options: {
    limit: {
      flags: "-n, --limit <number>",
      summary: `how many of the latest; ${SHOWN} where not given`,
      initial: SHOWN,
      read: parseNumber,
    },
    of: text(
      "--verdict <verdict>",
      "only those with this verdict: applied, failed, waiting, signature, replay, …",
    ),
    mount: DAEMON_OPTION,
  },
  examples: [{
    line: "webhook deliveries --verdict signature",
    summary: "what was not signed as it should be",
  }],
  async run(context, { limit, of, mount }) {
    const [name] = context.words;
    const all = await (await connect(context, mount)).deliveries(context.signal);
    const shown = all.filter((each) =>
      (name === undefined || each.mount === name) && (of === undefined || each.verdict === of)
    ).slice(0, limit);
    const { out, format } = context;
    if (format === "json") return out.document(shown);
    if (format === "jsonl") return shown.forEach((each) => out.line(JSON.stringify(each)));
    table(out, shown);
  },
});

function parseNumber(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  throw new UsageError(`--limit takes a number, not ${quote(word)}`, "");
}

const TITLES = ["time", "mount", "event", "id", "verdict", "told the kernel after"] as const;

function table(out: Output, deliveries: readonly DeliveryDocument[]): void {
  if (deliveries.length === 0) return out.line("nothing was delivered yet");
  const rows = [TITLES, ...deliveries.map(cellsOf)];
  const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    out.line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
  }
}

function cellsOf({ time, mount, event, id, verdict, milliseconds, reason }: DeliveryDocument): string[] {
  const came = reason === undefined ? verdict : `${verdict}: ${reason}`;
  const told = milliseconds === null ? "-" : formatMilliseconds(milliseconds);
  return [formatClock(time), mount || "-", event || "-", id || "-", came, told].map(printable);
}
