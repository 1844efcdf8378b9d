/**
 * `omnifs webhook test`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { WebhookTestDocument } from "../../control/webhook_documents.ts";
import { type Command, command, EXIT, type ExitCode } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { printable } from "../output.ts";
import { asTyped } from "../self.ts";
import { Printer } from "../several.ts";
import { count, formatMilliseconds } from "../units.ts";

/** Has a sample signed, delivered to the receiver's own address, and worked off. */
export const webhookTest: Command = command<{ mount: string | undefined }>({
  name: "webhook test",
  summary: "Deliver a signed sample to this omnifs, and tell what came of it",
  arguments: [{
    form: "[name...]",
    summary: "the mounts, such as github; all that take deliveries where missing",
    values: "mount",
  }],
  options: { mount: DAEMON_OPTION },
  examples: [{ line: "webhook test github", summary: "a ping, as GitHub would send it" }],
  async run(context, { mount }): Promise<ExitCode> {
    const client = await connect(context, mount);
    const { webhook } = await client.status(context.signal);
    const names = context.words.length > 0
      ? context.words
      : webhook?.routes.map((route) => route.mount) ?? [];
    if (names.length === 0) {
      throw new OmnifsError("not-found", "no mount takes webhooks", { mend: "omnifs webhook url" });
    }
    const printer = new Printer<WebhookTestDocument>(context, lineOf);
    let all = true;
    for (const name of names) {
      const tested = await client.testWebhook(name, context.signal);
      await printer.print(tested);
      if (!isGood(tested)) all = false;
    }
    printer.end();
    if (!all && context.format === "human") {
      context.out.line(asTyped("  try: omnifs webhook url, omnifs logs"));
    }
    return all ? EXIT.done : EXIT.failed;
  },
});

function isGood({ delivery }: WebhookTestDocument): boolean {
  return delivery?.verdict === "applied";
}

function lineOf({ mount, status, says, milliseconds, delivery }: WebhookTestDocument): string {
  const took = formatMilliseconds(milliseconds);
  const answer = status === null
    ? printable(says)
    : `answered ${status}${says === "" ? "" : ` (${printable(says)})`} in ${took}`;
  if (delivery === null) return `${printable(mount)}: ${answer}; nothing arrived`;
  const { verdict, invalidations, reason } = delivery;
  const came = verdict === "applied"
    ? `the provider read it: ${count(invalidations ?? 0, "thing")} no longer true`
    : verdict === "waiting"
    ? "it still waits to be worked off"
    : `${verdict}${reason === undefined ? "" : `: ${printable(reason)}`}`;
  return `${printable(mount)}: ${answer}; ${came}`;
}
