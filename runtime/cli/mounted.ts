/**
 * What is said of a mount that is ready.
 *
 * @module
 */
import type { StatusDocument } from "../control/protocol.ts";
import type { WebhookDocument } from "../control/webhook_documents.ts";
import type { Context } from "./command.ts";
import { joined } from "./grants.ts";
import { printable } from "./output.ts";
import { asTyped } from "./self.ts";

/** Prints `status` of a mount that has just begun to answer. */
export function announce({ out, format }: Context, status: StatusDocument): void {
  if (format === "json") return out.document(status);
  if (format === "jsonl") return out.line(JSON.stringify(status));
  const ready = status.providers.filter(({ state }) => state === "ready").map(({ mount }) => mount);
  out.line(
    `mounted on ${printable(status.dir ?? "")}: ${ready.length > 0 ? ready.join(", ") : "nothing yet"}`,
  );
  for (const { mount, state, needs, lastError } of status.providers) {
    if (state === "failed") out.line(`  ${mount} failed: ${printable(lastError ?? "no reason given")}`);
    if (state !== "withheld") continue;
    const flags = needs.filter(({ granted }) => !granted).map(({ flag }) => printable(flag));
    out.line(`  ${mount} is withheld; to allow it: ${joined(flags)}`);
  }
  if (status.webhook !== null) out.line(asTyped(`  ${listens(status.webhook)}`));
  out.line(asTyped(`  to end it: omnifs unmount ${printable(status.dir ?? "")}`));
}

function listens({ address, routes }: WebhookDocument): string {
  const mounts = routes.map(({ mount }) => mount).join(", ");
  return `listens for webhooks on http://${address}: ${
    printable(mounts) || "no mount takes any"
  } (omnifs webhook url)`;
}
