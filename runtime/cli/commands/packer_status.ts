/**
 * `omnifs packer status`
 *
 * @module
 */
import type { PackerState, PackerStatus } from "../../base/packer.ts";
import { type Command, command } from "../command.ts";
import { type Output, printable, type Style } from "../output.ts";
import { showDivergence, withDesk, WORKSPACE_OPTION, type WorkspaceValues } from "../packer.ts";
import { count, formatSize } from "../units.ts";

/** Tells how a workspace stands. */
export const packerStatus: Command = command<WorkspaceValues>({
  name: "packer status",
  summary: "How a workspace of assets stands: its generation, and what on disk waits for a decision",
  arguments: [],
  options: { workspace: WORKSPACE_OPTION },
  examples: [
    { line: "packer status", summary: "the workspace that this directory lies in" },
    { line: "packer status --workspace ~/game --output json", summary: "for a program" },
  ],
  run: (context, values) =>
    withDesk(context, values, "packer status", async (desk) => {
      const status = await desk.call("status", {});
      if (context.format === "json") context.out.document(status);
      else if (context.format === "jsonl") context.out.line(JSON.stringify(status));
      else show(context.out, status);
    }),
});

const LOOKS: Readonly<Record<PackerState, Style>> = {
  clean: "green",
  stale: "yellow",
  diverged: "yellow",
  reconciling: "yellow",
  failed: "red",
};

const NOTICING: Readonly<Record<PackerStatus["noticing"], string>> = {
  watch: "changes on disk are noticed at once",
  walk: "changes on disk are looked for every few seconds: the system gives out no more watches",
  nothing: "nothing runs: changes on disk are noticed when a command looks",
};

function show(out: Output, { project, workspace, state, generation, detail, ...rest }: PackerStatus): void {
  const { assets, files, noticing, recovery, divergences } = rest;
  out.line(
    `${out.styled("bold", printable(project))}  generation ${generation}, ${out.styled(LOOKS[state], state)}`,
  );
  out.line(`  in        ${printable(workspace)}`);
  out.line(`  assets    ${count(assets.registered, "asset")}, ${assets.included} in the build`);
  out.line(
    `  files     ${count(files.count, "file")}, ${formatSize(files.bytes)}`,
  );
  out.line(`  notices   ${NOTICING[noticing]}`);
  if (recovery.outcome !== "none") out.line(`  recovery  ${printable(recovery.detail)}`);
  if (divergences.length === 0) {
    if (state !== "clean") out.line(`  because   ${printable(detail)}`);
    return;
  }
  out.line(`  waiting   ${count(divergences.length, "decision")}:`);
  for (const divergence of divergences) showDivergence(out, divergence);
}
