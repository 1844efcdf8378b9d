/**
 * `omnifs grants rm`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { type Command, command } from "../command.ts";
import { printable } from "../output.ts";
import { forgetRemembered } from "../remembered.ts";

/** Takes answers of "always" back. */
export const grantsRm: Command = command({
  name: "grants rm",
  summary: "Take back what you allowed always; a mount that runs keeps it until it ends",
  arguments: [{ form: "<target...>", summary: "as omnifs grants ls shows it", values: "target" }],
  options: {},
  examples: [{ line: "grants rm api.github.com", summary: "the next mount asks again" }],
  async run({ environment, out, words, format }) {
    const count = await forgetRemembered(environment, words);
    if (count === 0) {
      const message = `not allowed always: ${words.join(", ")}`;
      throw new OmnifsError("not-found", message, { mend: "omnifs grants ls" });
    }
    if (format === "human") return out.line(`taken back: ${printable(words.join(", "))}`);
    out.line(JSON.stringify({ forgotten: count }));
  },
});
