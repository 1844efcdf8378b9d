/**
 * `omnifs doctor`
 *
 * @module
 */
import { type Check, checks } from "../checks.ts";
import { type Command, command, EXIT, flag, type OptionSpec } from "../command.ts";
import { GRANT_OPTIONS, type GrantValues } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { asTyped } from "../self.ts";

interface Values extends GrantValues {
  readonly allowOther: boolean;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  allowOther: flag("--allow-other", "also what a mount with --allow-other needs"),
  ...GRANT_OPTIONS,
};

/** Looks for each thing that a mount needs. */
export const doctor: Command = command<Values>({
  name: "doctor",
  summary: "What a mount needs: found or not, and how to mend it",
  arguments: [],
  options: OPTIONS,
  configured: true,
  examples: [
    { line: "doctor", summary: "everything" },
    { line: "doctor --allow-net --output json", summary: "with every grant, for a program" },
  ],
  async run(context, values) {
    const results = await checks(context, values);
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

function show(out: Output, { name, ok, essential, found, mend }: Check): void {
  const sign = ok
    ? out.styled("green", "ok     ")
    : essential
    ? out.styled("red", "missing")
    : out.styled("yellow", "note   ");
  out.line(`${sign}  ${name.padEnd(16)}  ${printable(found)}`);
  if (mend) out.line(`${" ".repeat(27)}try: ${asTyped(printable(mend))}`);
}
