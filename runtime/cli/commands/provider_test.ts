/**
 * `omnifs provider test`
 *
 * @module
 */
import type { ConformanceDocument, Examiner, RuleDocument } from "../../control/conformance.ts";
import { builtIn, counted, isDirectory, type Source, sourceOf } from "../authoring.ts";
import {
  type Command,
  command,
  type Context,
  EXIT,
  type ExitCode,
  list,
  type OptionSpec,
  quote,
  UsageError,
} from "../command.ts";
import { daemonOptions, GRANT_OPTIONS, type GrantValues, NO_GRANTS } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { asTyped } from "../self.ts";
import { count, formatSize } from "../units.ts";

type Granted = Pick<GrantValues, "allowNet" | "denyNet" | "credential" | "logLevel">;

interface Values extends Granted {
  /** `[MOUNT.]KEY=VALUE`, as given. */
  readonly set: readonly string[];
  readonly path: readonly string[];
  readonly depth: number | undefined;
  readonly entries: number | undefined;
  readonly width: number | undefined;
}

const number = (flags: string, summary: string, least: number): OptionSpec<number | undefined> => ({
  flags,
  summary,
  initial: undefined,
  read: counted(flags.split(" ")[0] ?? "", least),
});

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  set: list("--set <setting>", "KEY=VALUE, a setting of the provider; again for more", settingText),
  path: list(
    "--path <path>",
    "a path to look at that no listing tells, such as acme/api; again for more",
    String,
  ),
  depth: number("--depth <levels>", "directories in one another that are looked at (16)", 0),
  entries: number("--entries <count>", "entries that are looked at in all (2,000)", 1),
  width: number("--width <count>", "entries of one directory that are looked at (24)", 1),
  allowNet: GRANT_OPTIONS.allowNet,
  denyNet: GRANT_OPTIONS.denyNet,
  credential: GRANT_OPTIONS.credential,
  logLevel: GRANT_OPTIONS.logLevel,
};

/** Holds a provider to every rule of the contract. */
export const providerTest: Command = command<Values>({
  name: "provider test",
  summary: "Hold a provider to every rule of the contract",
  arguments: [{
    form: "<provider>",
    summary: "a .wasm file, the folder of its sources, or the name of a bundled one",
    values: "provider",
  }],
  options: OPTIONS,
  examples: [
    { line: "provider test ~/notes", summary: "builds it; with a folder `sample`, that is its upstream" },
    { line: "provider test ./notes.wasm --allow-net=api.example.com", summary: "over the real upstream" },
    { line: "provider test github --allow-net=api.github.com --path denoland/std", summary: "a bundled one" },
  ],
  async run(context, values): Promise<ExitCode> {
    await using cleanup = new AsyncDisposableStack();
    const source = await sourceOf(context.words[0] ?? "", context.environment);
    const sample = await sampleOf(source, values);
    const built = source.kind === "folder" ? await builtIn(context, source, cleanup) : undefined;
    const progress = progressOf(context);
    cleanup.defer(() => progress(""));
    const { examine }: Examiner = await import("../../conformance.ts");
    const path = source.kind === "file" ? source.path : built?.file;
    const found = await examine({
      name: source.name,
      ...(path === undefined ? {} : { source: path }),
      ...(sample === undefined ? {} : { sample }),
      daemon: {
        ...optionsOf(context, values, source.name),
        ...(built === undefined ? {} : { cacheDir: built.cacheDir }),
      },
      paths: values.path,
      budget: budgetOf(values),
      signal: context.signal,
      progress,
    });
    progress("");
    await context.err.flush();
    print(context, found);
    return exitCodeOf(found);
  },
});

/** Tells a person who waits what is being looked at, in one line that goes when it is over. */
function progressOf({ err, format }: Context): (path: string) => void {
  if (format !== "human" || !err.isTerminal) return () => {};
  return (path) => err.text(`\r\x1b[K${path === "" ? "" : `looking at ${printable(path)}`}`);
}

/** The folder of sample data beside the sources; none where the user names an upstream. */
async function sampleOf(source: Source, { allowNet }: Values): Promise<string | undefined> {
  if (source.kind !== "folder" || allowNet !== "none") return undefined;
  return await isDirectory(`${source.path}/sample`) ? `${source.path}/sample` : undefined;
}

function optionsOf(context: Context, values: Values, name: string) {
  const set = values.set.map((word) => settingOf(word, name));
  const { allowNet, denyNet, credential, logLevel } = values;
  const options = daemonOptions({ ...NO_GRANTS, allowNet, denyNet, credential, set, logLevel }, context);
  // What it says goes to standard error where it was asked for; what it does wrong is in the report.
  return logLevel === NO_GRANTS.logLevel ? { ...options, logLevel: "error" as const } : options;
}

function settingText(word: string): string {
  if (/^[^=]+=/.test(word)) return word;
  throw new UsageError(`--set takes KEY=VALUE, not ${quote(word)}`, "");
}

/** `KEY=VALUE`, or `NAME.KEY=VALUE` as `omnifs mount` has it. */
function settingOf(word: string, mount: string): GrantValues["set"][number] {
  const own = word.startsWith(`${mount}.`) ? word.slice(mount.length + 1) : word;
  const at = own.indexOf("=");
  return { mount, key: own.slice(0, at), value: own.slice(at + 1) };
}

function budgetOf({ depth, entries, width }: Values) {
  return {
    ...(depth === undefined ? {} : { depth }),
    ...(entries === undefined ? {} : { entries }),
    ...(width === undefined ? {} : { width }),
  };
}

function exitCodeOf(found: ConformanceDocument): ExitCode {
  if (found.rules.some(({ level, failures }) => level === "must" && failures > 0)) return EXIT.failed;
  return found.unreachedCount > 0 || isEmpty(found) ? EXIT.partial : EXIT.done;
}

/** True where the root lists nothing and no path was named: then nothing was tried. */
function isEmpty({ walked: { directories, files } }: ConformanceDocument): boolean {
  return directories <= 1 && files === 0;
}

function print({ out, format }: Context, found: ConformanceDocument): void {
  if (format === "json") return out.document(found);
  if (format === "jsonl") return found.rules.forEach((rule) => out.line(JSON.stringify(rule)));
  const { name, version, upstream, walked, rules, unreached, unreachedCount } = found;
  const before = upstream === "sample" ? ", over its sample data" : "";
  out.line(`${out.styled("bold", printable(`${name} ${version}`))}${before}`);
  const seen = [
    count(walked.directories, "directory").replace(/directorys$/, "directories"),
    count(walked.files, "file"),
  ];
  out.line(
    `looked at ${seen.join(", ")} (${formatSize(walked.bytes)} read, ${count(walked.callouts, "request")})` +
      (walked.whole ? "" : "; there is more: --entries, --width, --depth, --path"),
  );
  out.line();
  for (const rule of rules) printRule(out, rule);
  if (unreachedCount > 0) printUnreached(out, unreached, unreachedCount);
  out.line();
  out.line(verdict(found));
}

function printRule(
  out: Output,
  { rule, level, checks, failures, holds, mend, findings }: RuleDocument,
): void {
  const bad = level === "must" ? out.styled("red", "FAILED") : out.styled("yellow", "advice");
  const sign = failures > 0 ? bad : checks === 0 ? "-     " : out.styled("green", "ok    ");
  const tried = failures > 0 ? `${failures} of ${checks}` : checks === 0 ? "not tried" : `${checks}`;
  out.line(`${sign}  ${rule.padEnd(10)}  ${tried.padEnd(9)}  ${holds}`);
  for (const { path, expected, got } of findings) {
    out.line(`          ${printable(path)}: expected ${printable(expected)}, got ${printable(got)}`);
  }
  if (failures > findings.length) out.line(`          … and ${failures - findings.length} more`);
  if (failures > 0) out.line(`          mend: ${mend}`);
}

function printUnreached(out: Output, unreached: ConformanceDocument["unreached"], all: number): void {
  out.line();
  out.line(out.styled("yellow", "out of reach, and so not looked at:"));
  for (const { path, why, mend } of unreached) {
    out.line(`  ${printable(path)}: ${printable(why)}`);
    if (mend !== undefined) out.line(`    try: ${asTyped(printable(mend))}`);
  }
  if (all > unreached.length) out.line(`  … and ${all - unreached.length} more`);
}

function verdict(found: ConformanceDocument): string {
  const { rules, unreachedCount } = found;
  const broken = rules.filter(({ level, failures }) => level === "must" && failures > 0).length;
  if (broken > 0) return `${count(broken, "rule")} broken`;
  if (unreachedCount === 0 && isEmpty(found)) {
    return "there was nothing to look at: its root lists nothing; name something in it with --path";
  }
  return unreachedCount > 0 ? "every rule holds of what could be reached" : "every rule holds";
}
