/**
 * `omnifs provider new`
 *
 * @module
 */
import { author } from "../authoring.ts";
import { type Command, command, quote, UsageError } from "../command.ts";
import { absolute } from "../daemons.ts";
import { PROVIDER_NAME } from "../installed.ts";
import { printable } from "../output.ts";
import { asTyped } from "../self.ts";

/** Writes the sources of a provider to begin with. */
export const providerNew: Command = command({
  name: "provider new",
  summary: "Write the sources of a provider of your own: they build, and pass its tests",
  arguments: [
    { form: "<name>", summary: "small letters, digits and dashes; the first segment of its paths" },
    { form: "[dir]", summary: "a folder that does not exist yet; NAME where it is missing", values: "dir" },
  ],
  options: {},
  examples: [{ line: "provider new notes ~/notes", summary: "and follow what it says" }],
  async run({ words: [name = "", word], out, format }) {
    if (!PROVIDER_NAME.test(name)) {
      throw new UsageError(
        `a provider's name has small letters, digits and dashes, not ${quote(name)}`,
        "omnifs provider new notes",
      );
    }
    const { scaffold } = await author();
    const written = await scaffold(name, absolute(word ?? name));
    if (format === "json") return out.document(written);
    if (format === "jsonl") return out.line(JSON.stringify(written));
    const folder = printable(written.folder);
    out.line(`wrote ${folder}: ${written.files.join(" ")}`);
    out.line("Try:");
    out.line();
    out.line(asTyped(`  omnifs provider test ${folder}`));
    out.line(asTyped(`  omnifs provider build ${folder}`));
    out.line();
    out.line(`${folder}/README.md says what is where.`);
  },
});
