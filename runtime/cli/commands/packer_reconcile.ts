/**
 * `omnifs packer reconcile`
 *
 * @module
 */
import type { Decision, DivergenceDocument, PackerDesk, ReconcileDocument } from "../../base/packer.ts";
import {
  type Command,
  command,
  type Context,
  EXIT,
  type ExitCode,
  flag,
  list,
  quote,
  UsageError,
} from "../command.ts";
import { printable } from "../output.ts";
import { showDivergence, withDesk, WORKSPACE_OPTION, type WorkspaceValues } from "../packer.ts";
import { count } from "../units.ts";

interface Values extends WorkspaceValues {
  readonly plan: boolean;
  readonly accept: readonly Decision[];
  readonly all: boolean;
}

/** Shows what waits for a decision, or carries decisions out. */
export const packerReconcile: Command = command<Values>({
  name: "packer reconcile",
  summary: "Decide about what on disk differs from what the packer knows; without an option, show it",
  arguments: [],
  options: {
    plan: flag("--plan", "show what waits, and what could be done about it"),
    accept: list("--accept <decision>", "ID, or ID=CHOICE; again for more", decisionFrom),
    all: flag("--all", "take the choice of each that follows the disk"),
    workspace: WORKSPACE_OPTION,
  },
  examples: [
    { line: "packer reconcile --plan", summary: "what waits for a decision" },
    { line: "packer reconcile --accept 1=relocate", summary: "decide about one" },
    { line: "packer reconcile --all", summary: "follow the disk, wherever that is safe to say" },
  ],
  async run(context, values) {
    if (Number(values.plan) + Number(values.all) + Number(values.accept.length > 0) > 1) {
      throw new UsageError(
        "--plan, --accept and --all are three different things",
        "omnifs packer reconcile --plan",
      );
    }
    const accept = values.all ? "all" : values.accept;
    let code: ExitCode = EXIT.done;
    await withDesk(context, values, "packer reconcile", async (desk) => {
      code = accept === "all" || accept.length > 0
        ? await decide(context, desk, accept)
        : await plan(context, desk);
    });
    return code;
  },
});

async function plan(context: Context, desk: PackerDesk): Promise<ExitCode> {
  const waiting = await desk.call("divergences", {});
  if (context.format === "json") context.out.document({ divergences: waiting });
  else if (context.format === "jsonl") { for (const each of waiting) context.out.line(JSON.stringify(each)); }
  else show(context, waiting);
  return EXIT.done;
}

async function decide(
  context: Context,
  desk: PackerDesk,
  accept: readonly Decision[] | "all",
): Promise<ExitCode> {
  const result = await desk.call("reconcile", { accept });
  if (context.format === "json") context.out.document(result);
  else if (context.format === "jsonl") context.out.line(JSON.stringify(result));
  else report(context, result);
  return result.left.length === 0 ? EXIT.done : EXIT.partial;
}

function show({ out }: Context, waiting: readonly DivergenceDocument[]): void {
  if (waiting.length === 0) return out.line("nothing waits for a decision");
  out.line(`${count(waiting.length, "decision")}:`);
  for (const divergence of waiting) showDivergence(out, divergence);
}

function report(context: Context, { generation, settled, left }: ReconcileDocument): void {
  const { out } = context;
  for (const { divergence, choice } of settled) {
    out.line(`${out.styled("green", "settled")}  ${printable(divergence.path)}: ${choice}`);
  }
  out.line(`generation ${generation}`);
  if (left.length > 0) show(context, left);
}

/** `ID` or `ID=CHOICE`. @throws {UsageError} where it is neither */
function decisionFrom(word: string): Decision {
  const [, id, choice] = /^(\d{1,9})(?:=([a-z-]+))?$/.exec(word) ?? [];
  if (id === undefined) throw new UsageError(`--accept takes ID or ID=CHOICE, not ${quote(word)}`, "");
  return choice === undefined ? { id: Number(id) } : { id: Number(id), choice };
}
