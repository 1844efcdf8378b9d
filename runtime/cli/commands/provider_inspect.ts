/**
 * `omnifs provider inspect`
 *
 * @module
 */
import type { InspectionDocument } from "../../control/inspect.ts";
import { type Command, command } from "../command.ts";
import { originLines } from "../daemons.ts";
import { installedPath } from "../installed.ts";
import { type Output, printable } from "../output.ts";
import { INSPECT_OPTIONS, inspectOptions, inspector, type InspectValues, showNeed } from "../providers.ts";
import { formatSize } from "../units.ts";

/** Tells what a provider asks for, before it is given anything. */
export const providerInspect: Command = command<InspectValues>({
  name: "provider inspect",
  summary: "What a provider imports and asks for, and what the flags given would grant it",
  arguments: [{
    form: "<provider>",
    summary: "the name of a bundled or an installed one, or a .wasm file",
    values: "provider",
  }],
  options: INSPECT_OPTIONS,
  configured: true,
  examples: [
    { line: "provider inspect github", summary: "what it needs" },
    { line: "provider inspect ./mine.wasm --allow-net=api.example.com", summary: "what that would grant" },
  ],
  async run(context, values) {
    const [word = ""] = context.words;
    const { inspect } = await inspector();
    const found = await inspect(
      installedPath(word, context.environment) ?? word,
      inspectOptions(values, context),
    );
    if (context.format === "json") return context.out.document(found);
    if (context.format === "jsonl") return context.out.line(JSON.stringify(found));
    show(context.out, found);
    for (const line of originLines(context.origins)) context.out.line(`config    ${line}`);
  },
});

function show(out: Output, found: InspectionDocument): void {
  const { name, version, summary, source, imports, exports, needs, apply } = found;
  out.line(
    `${out.styled("bold", printable(`${name} ${version}`))}  ${printable(summary)}  (${printable(source)})`,
  );
  out.line(`imports   ${names(imports)}`);
  out.line(`exports   ${names(exports)}`);
  out.line(needs.length > 0 ? "needs" : "needs     nothing");
  for (const need of needs) showNeed(out, need);
  out.line(`drafts    ${draftsText(apply)}`);
  out.line(`limits    ${limitsText(found)}`);
  out.line(`settings  ${settingsText(found)}`);
}

/** Interfaces without the package that all of them are of. */
function names(full: readonly string[]): string {
  return printable(
    full.map((name) => name.replace(/^omnifs:provider\/(.*)@1\.0\.0$/, "$1")).join(", ") || "nothing",
  );
}

function draftsText({ wanted, granted, flag }: InspectionDocument["apply"]): string {
  if (!wanted) return "it can change nothing upstream";
  return granted ? "may be applied upstream" : `may not be applied upstream; to allow it: ${printable(flag)}`;
}

function limitsText({ limits }: InspectionDocument): string {
  return [
    `${formatSize(limits.memoryBytes)} of memory`,
    `${limits.guestMilliseconds / 1_000} s without a callout`,
    `${limits.deadlineMilliseconds / 1_000} s a call`,
    `${limits.instances} instances`,
    `${limits.waitingCalls} calls waiting`,
    `${formatSize(limits.answerBytes)} an answer`,
  ].join(", ");
}

function settingsText({ name, settings }: InspectionDocument): string {
  const keys = typeof settings === "object" && settings !== null && "properties" in settings
    ? Object.keys(settings.properties ?? {})
    : [];
  return printable(keys.map((key) => `${name}.${key}`).join(", ") || "none");
}
