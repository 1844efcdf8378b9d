/**
 * `omnifs draft apply`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { ApplyDocument, ApplyMode } from "../../control/drafts.ts";
import { type Command, command, type Context, EXIT, type ExitCode, flag, UsageError } from "../command.ts";
import {
  asker,
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  NAME_ARGUMENT,
  openDesk,
  show,
  stepLines,
  targetOf,
} from "../drafts.ts";
import { printable } from "../output.ts";
import { count } from "../units.ts";

interface ApplyValues extends DraftValues {
  readonly dryRun: boolean;
  readonly resume: boolean;
  readonly rollback: boolean;
}

/** Applies a draft. */
export const draftApply: Command = command<ApplyValues>({
  name: "draft apply",
  summary: "Send what a draft holds upstream, all of it or nothing",
  arguments: [NAME_ARGUMENT],
  options: {
    ...DRAFT_OPTIONS,
    dryRun: flag("-n, --dry-run", "only say what would be done"),
    resume: flag("--resume", "go on with an apply that stopped halfway"),
    rollback: flag("--rollback", "take back what stands of an apply that stopped halfway"),
  },
  examples: [
    ...exampleOf("apply --dry-run my-fix", "the steps, in their order"),
    ...exampleOf("apply my-fix", "exit code 4 for a conflict, 5 where some steps stand"),
  ],
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const [name] = context.words;
    const target = await targetOf(name);
    const mode = modeOf(values);
    if (context.err.isTerminal && mode !== "plan") context.err.line("applying …");
    const document = await client.applyDraft(target, mode, asker(context), context.signal).catch((error) => {
      throw context.signal.aborted && mode !== "plan" ? goesOn(name) : error;
    });
    const isWanted = mode === "rollback" && document.outcome === "undone";
    show(
      context,
      document,
      () => isWanted ? tellRolledBack(context, document) : tell(context, document, name ?? ""),
    );
    return isWanted ? EXIT.done : CODES[document.outcome];
  },
});

/** Whoever asked is gone, and the transaction is not. */
function goesOn(name: string | undefined): OmnifsError {
  return new OmnifsError("interrupted", "interrupted; the apply goes on without you", {
    mend: `omnifs draft show ${name ?? ""}`.trimEnd(),
  });
}

/** How the command exits. */
const CODES: Readonly<Record<ApplyDocument["outcome"], ExitCode>> = {
  planned: EXIT.done,
  applied: EXIT.done,
  conflict: EXIT.conflict,
  refused: EXIT.failed,
  undone: EXIT.failed,
  partial: EXIT.partial,
};

function modeOf({ dryRun, resume, rollback }: ApplyValues): ApplyMode {
  const chosen: ApplyMode[] = [];
  if (dryRun) chosen.push("plan");
  if (resume) chosen.push("resume");
  if (rollback) chosen.push("rollback");
  if (chosen.length > 1) {
    throw new UsageError("--dry-run, --resume and --rollback exclude each other", "take one");
  }
  return chosen[0] ?? "apply";
}

function tellRolledBack({ out }: Context, { undone }: ApplyDocument & { readonly outcome: "undone" }): void {
  out.line(`rolled back, ${count(undone.length, "step")}:`);
  stepLines(undone).forEach((line) => out.line(line));
  out.line("upstream is as before, and the draft is kept");
}

function tell({ out, err }: Context, document: ApplyDocument, name: string): void {
  switch (document.outcome) {
    case "planned":
      out.line(`${count(document.steps.length, "step")}, none of them done:`);
      return stepLines(document.steps).forEach((line) => out.line(line));
    case "applied":
      out.line(`applied, ${count(document.steps.length, "step")}:`);
      return stepLines(document.steps).forEach((line) => out.line(line));
    case "conflict":
    case "refused":
      err.line(`${document.outcome}: nothing was sent`);
      for (const { path, message } of document.refusals) {
        err.line(`  ${printable(path)}: ${printable(message)}`);
      }
      if (document.outcome === "conflict") err.line(`look, then: omnifs draft rebase ${name}`.trimEnd());
      return;
    case "undone":
      err.line(`not applied: ${printable(document.reason)}`);
      if (document.undone.length > 0) err.line(`${count(document.undone.length, "step")} taken back:`);
      stepLines(document.undone).forEach((line) => err.line(line));
      return err.line("upstream is as before, and the draft is kept");
    case "partial":
      err.line(`partial: ${printable(document.reason)}`);
      if (document.stands.length > 0) err.line("these stand upstream:");
      stepLines(document.stands).forEach((line) => err.line(line));
      if (document.uncertain.length > 0) err.line("of these nobody knows:");
      stepLines(document.uncertain).forEach((line) => err.line(line));
      return err.line(
        `omnifs draft apply --resume ${name}, or omnifs draft apply --rollback ${name}`.trimEnd(),
      );
  }
}
