/**
 * `omnifs provider add`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { builtIn, sourceOf } from "../authoring.ts";
import { type Command, command, type Context, type OptionSpec, quote, text, UsageError } from "../command.ts";
import { NO_GRANTS } from "../grants.ts";
import { install, PROVIDER_NAME } from "../installed.ts";
import { printable } from "../output.ts";
import { inspectOptions, inspector } from "../providers.ts";
import { asTyped } from "../self.ts";

interface Values {
  readonly as: string | undefined;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  as: text("--as <name>", "what it is called; what it calls itself where not given"),
};

/** Installs a component. */
export const providerAdd: Command = command<Values>({
  name: "provider add",
  summary: "Install a component, to mount it by its name",
  arguments: [{
    form: "<provider>",
    summary: "a .wasm file, or the folder of its sources",
    values: "provider",
  }],
  options: OPTIONS,
  examples: [
    { line: "provider add ~/notes", summary: "then: omnifs mount DIR --provider notes" },
    { line: "provider add ./notes.wasm --as memos", summary: "under another name" },
  ],
  async run(context, { as }) {
    await using cleanup = new AsyncDisposableStack();
    const file = await fileOf(context, cleanup);
    const { inspect, listProviders } = await inspector();
    const options = inspectOptions(NO_GRANTS, context);
    const name = as ?? (await inspect(file, options)).name;
    if (!PROVIDER_NAME.test(name)) {
      throw new UsageError(
        `a provider's name has small letters, digits and dashes, not ${quote(name)}`,
        "--as NAME",
      );
    }
    if ((await listProviders(options, [])).some((bundled) => bundled.name === name)) {
      throw new OmnifsError("conflict", `${name} is the name of a bundled provider`, {
        mend: "--as ANOTHER-NAME",
      });
    }
    if (as !== undefined) await inspect(file, options);
    const installed = await install(file, name, context.environment);
    const { out, format } = context;
    if (format === "json") return out.document(installed);
    if (format === "jsonl") return out.line(JSON.stringify(installed));
    out.line(`installed ${name}: ${printable(installed.path)}`);
    out.line(asTyped(`  to mount it: omnifs mount DIR --provider ${name}`));
  },
});

/** The component that is to be installed, built where the word means sources. */
async function fileOf(context: Context, cleanup: AsyncDisposableStack): Promise<string> {
  const word = context.words[0] ?? "";
  const source = await sourceOf(word, context.environment);
  if (source.kind === "folder") return (await builtIn(context, source, cleanup)).file;
  if (source.kind === "file") return source.path;
  throw new OmnifsError("invalid", `${quote(word)} is neither a .wasm file nor a folder of sources`, {
    mend: "omnifs provider add ./NAME.wasm",
  });
}
