/**
 * `omnifs grants rm`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { meant } from "../../base/nearest.ts";
import { type Command, command } from "../command.ts";
import { printable } from "../output.ts";
import { forgetRemembered, readRemembered } from "../remembered.ts";

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
      const known = (await readRemembered(environment)).map(({ target }) => target);
      const message = `not allowed always: ${words.join(", ")}${meant(words[0] ?? "", known)}`;
      throw new OmnifsError("not-found", message, { mend: "omnifs grants ls" });
    }
    if (format === "human") return out.line(`taken back: ${printable(words.join(", "))}`);
    out.line(JSON.stringify({ forgotten: count }));
  },
});
