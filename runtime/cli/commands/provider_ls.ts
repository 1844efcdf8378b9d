/**
 * `omnifs provider ls`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { installedProviders } from "../installed.ts";
import { printable } from "../output.ts";
import { INSPECT_OPTIONS, inspectOptions, inspector, type InspectValues, showNeed } from "../providers.ts";

/** Lists the providers that come with omnifs, and those that were installed. */
export const providerLs: Command = command<InspectValues>({
  name: "provider ls",
  summary: "The bundled and the installed providers, and which of their needs the flags given would grant",
  arguments: [],
  options: INSPECT_OPTIONS,
  configured: true,
  examples: [{ line: "provider ls --allow-net=api.github.com", summary: "what that would grant" }],
  async run(context, values) {
    const { out, format } = context;
    const { listProviders } = await inspector();
    const providers = await listProviders(
      inspectOptions(values, context),
      await installedProviders(context.environment),
    );
    if (format === "json") return out.document({ providers });
    if (format === "jsonl") { for (const each of providers) out.line(JSON.stringify(each)); }
    else {
      for (const { name, version, summary, needs, source } of providers) {
        out.line(
          `${out.styled("bold", printable(`${name} ${version}`))}  ${printable(summary)}${
            source === "bundled" ? "" : `  (${printable(source)})`
          }`,
        );
        for (const need of needs) showNeed(out, need);
      }
    }
  },
});
