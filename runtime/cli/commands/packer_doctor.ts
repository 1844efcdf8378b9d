/**
 * `omnifs packer doctor`
 *
 * @module
 */
import type { DoctorDocument, Finding } from "../../base/packer.ts";
import { type Command, command, EXIT, type ExitCode, flag } from "../command.ts";
import { type Output, printable, type Style } from "../output.ts";
import { withDesk, WORKSPACE_OPTION, type WorkspaceValues } from "../packer.ts";
import { asTyped } from "../self.ts";

interface Values extends WorkspaceValues {
  readonly deep: boolean;
}

/** Looks for every inconsistency. */
export const packerDoctor: Command = command<Values>({
  name: "packer doctor",
  summary: "Every inconsistency of a workspace, with its path, the rule it breaks and what mends it",
  arguments: [],
  options: {
    deep: flag("--deep", "also read every file, and compare the digests"),
    workspace: WORKSPACE_OPTION,
  },
  examples: [
    { line: "packer doctor", summary: "the workspace that this directory lies in" },
    { line: "packer doctor --deep --output jsonl", summary: "one line for each, for a program" },
  ],
  async run(context, values) {
    let code: ExitCode = EXIT.done;
    await withDesk(context, values, "packer doctor", async (desk) => {
      const report = await desk.call("doctor", { deep: values.deep });
      if (context.format === "json") context.out.document(report);
      else if (context.format === "jsonl") {
        for (const each of report.findings) context.out.line(JSON.stringify(each));
      } else show(context.out, report);
      code = report.healthy ? EXIT.done : EXIT.failed;
    });
    return code;
  },
});

const LOOKS: Readonly<Record<Finding["severity"], Style>> = { error: "red", warning: "yellow", note: "blue" };

function show(out: Output, { generation, findings, healthy }: DoctorDocument): void {
  for (const { path, line, severity, rule, message, mend } of findings) {
    const where = line === undefined ? path : `${path}:${line}`;
    out.line(
      `${out.styled(LOOKS[severity], severity.padEnd(7))}  ${printable(where)}: ${
        printable(message)
      }  (${rule})`,
    );
    out.line(`         try: ${asTyped(printable(mend))}`);
  }
  out.line(`generation ${generation}: ${healthy ? "healthy" : "not healthy"}`);
}
