/**
 * `omnifs doctor`
 *
 * @module
 */
import { type Check, checks, type CheckValues } from "../checks.ts";
import { type Command, command, EXIT, flag, type OptionSpec } from "../command.ts";
import { GRANT_OPTIONS } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { asTyped } from "../self.ts";

const OPTIONS: { readonly [Key in keyof CheckValues]: OptionSpec<CheckValues[Key]> } = {
  allowOther: flag("--allow-other", "also what a mount with --allow-other needs"),
  ...GRANT_OPTIONS,
};

/** Looks for each thing that a mount needs. */
export const doctor: Command = command<CheckValues>({
  name: "doctor",
  summary: "What a mount needs: found or not, and how to mend it",
  arguments: [{
    form: "[dir]",
    summary: "where a mount is to be; only the machine is looked at without",
    values: "dir",
  }],
  options: OPTIONS,
  configured: true,
  toldFault: true,
  examples: [
    { line: "doctor", summary: "the machine, and this user's folders" },
    { line: "doctor ~/omnifs", summary: "and whether that directory can be mounted on" },
    { line: "doctor --allow-net --output json", summary: "with every grant, for a program" },
  ],
  async run(context, values) {
    const results = await checks(context, values, context.words[0]);
    const { out, format } = context;
    const healthy = results.every(({ ok, essential }) => ok || !essential);
    if (format === "json") out.document({ healthy, checks: results });
    else if (format === "jsonl") { for (const result of results) out.line(JSON.stringify(result)); }
    else for (const result of results) show(out, result);
    if (format === "human" && !healthy) {
      out.line(
        asTyped(
          "\nNothing can be mounted like this. Without a mount there is still: omnifs ls, omnifs cat, omnifs find",
        ),
      );
    }
    return healthy ? EXIT.done : EXIT.failed;
  },
});

/** Columns of a name. */
const NAME_WIDTH = 18;

function show(out: Output, { name, ok, essential, found, mend }: Check): void {
  const sign = ok
    ? out.styled("green", "ok     ")
    : essential
    ? out.styled("red", "missing")
    : out.styled("yellow", "note   ");
  out.line(`${sign}  ${name.padEnd(NAME_WIDTH)}  ${printable(found)}`);
  if (mend) out.line(`${" ".repeat(11 + NAME_WIDTH)}try: ${asTyped(printable(mend))}`);
}
