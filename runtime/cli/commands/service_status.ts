/**
 * `omnifs service status`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { printable } from "../output.ts";
import { asTyped } from "../self.ts";
import { codeOf, installedUnits } from "../service.ts";

/** Tells what is mounted at login, and how it fares. */
export const serviceStatus: Command = command({
  name: "service status",
  summary: "What is mounted at login, and how it fares",
  arguments: [],
  options: {},
  examples: [{ line: "service status --output json", summary: "for a program" }],
  async run(context) {
    const units = await installedUnits(context);
    const { out, format } = context;
    if (format === "json") out.document({ units });
    else if (format === "jsonl") { for (const unit of units) out.line(JSON.stringify(unit)); }
    else if (units.length === 0) {
      out.line(asTyped("nothing is mounted at login (omnifs service install DIR)"));
    } else {
      for (const { name, description, state, enabled } of units) {
        out.line(`${name}  ${state}${enabled ? "" : ", not at login"}  ${printable(description)}`);
      }
    }
    return codeOf(units);
  },
});
