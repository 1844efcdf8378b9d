/**
 * `omnifs provider rm`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { uninstall } from "../installed.ts";
import { printable } from "../output.ts";

/** Removes an installed component. */
export const providerRm: Command = command({
  name: "provider rm",
  summary: "Remove an installed component; what is mounted of it stays until it is unmounted",
  arguments: [{ form: "<name>", summary: "as provider ls tells it", values: "provider" }],
  options: {},
  examples: [{ line: "provider rm notes", summary: "what provider add installed" }],
  async run({ words, environment, out, format }) {
    const removed = await uninstall(words[0] ?? "", environment);
    if (format === "json") return out.document(removed);
    if (format === "jsonl") return out.line(JSON.stringify(removed));
    out.line(`removed ${printable(removed.path)}`);
  },
});
