/**
 * `omnifs grants ls`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { printable } from "../output.ts";
import { readRemembered, type Want } from "../remembered.ts";
import { formatTime } from "../units.ts";

/** Lists what was answered with "always". */
export const grantsLs: Command = command({
  name: "grants ls",
  summary: "What you allowed always, when omnifs mount asked",
  arguments: [],
  options: {},
  examples: [{ line: "grants ls", summary: "all of it" }],
  async run({ environment, out, format }) {
    const grants = await readRemembered(environment);
    if (format === "json") return out.document(grants);
    for (const { target, wants, since } of grants) {
      if (format === "jsonl") out.line(JSON.stringify({ target, wants, since }));
      else {out.line(
          `${printable(target)}  for ${printable(wants.map(told).join(", "))}, since ${formatTime(since)}`,
        );}
    }
    if (format === "human" && grants.length === 0) out.line("nothing is allowed always");
  },
});

function told({ provider, source, credential }: Want): string {
  const which = source === "bundled" ? provider : `${provider} (${source.slice(0, 15)})`;
  return credential === null ? which : `${which} with ${credential}`;
}
