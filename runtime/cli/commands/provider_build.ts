/**
 * `omnifs provider build`
 *
 * @module
 */
import { author, nameIn } from "../authoring.ts";
import { type Command, command, flag, type OptionSpec, text } from "../command.ts";
import { absolute } from "../daemons.ts";
import { printable } from "../output.ts";
import { withProgress } from "../progress.ts";
import { asTyped } from "../self.ts";
import { formatSize } from "../units.ts";

interface Values {
  readonly out: string | undefined;
  readonly noCheck: boolean;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  out: text("--out <file>", "where the component goes; NAME.wasm in the folder where not given", "file"),
  noCheck: flag("--no-check", "leave its types unchecked"),
};

/** Makes a component of sources. */
export const providerBuild: Command = command<Values>({
  name: "provider build",
  summary: "Make a component (.wasm) of the sources of a provider",
  arguments: [{
    form: "[dir]",
    summary: "the folder with provider.json; this one where it is missing",
    values: "dir",
  }],
  options: OPTIONS,
  examples: [
    { line: "provider build ~/notes", summary: "~/notes/notes.wasm" },
    { line: "provider build . --out /tmp/notes.wasm", summary: "somewhere else" },
  ],
  async run(context, values) {
    const { words, out, format, signal } = context;
    const folder = absolute(words[0] ?? ".");
    const file = absolute(values.out ?? `${folder}/${nameIn(folder)}.wasm`);
    const { build } = await author();
    const built = await withProgress(
      context,
      `building ${folder}`,
      () => build({ folder, file, check: !values.noCheck, signal }),
    );
    if (format === "json") return out.document(built);
    if (format === "jsonl") return out.line(JSON.stringify(built));
    const shown = printable(built.file);
    out.line(`built ${shown}, ${formatSize(built.bytes)}`);
    out.line(asTyped(`  to mount it: omnifs mount DIR --provider ${printable(nameIn(folder))}=${shown}`));
  },
});
