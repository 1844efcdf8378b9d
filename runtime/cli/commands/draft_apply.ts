/**
 * `omnifs draft apply`
 *
 * @module
 */
import type { ErrorKind } from "../../base/errors.ts";
import type { ControlClient } from "../../control/client.ts";
import type { ApplyDocument, ApplyMode, DraftTarget, ProgressDocument } from "../../control/drafts.ts";
import { type Command, command, type Context, EXIT, type ExitCode, flag, UsageError } from "../command.ts";
import {
  asker,
  DRAFT_OPTIONS,
  type DraftValues,
  exampleOf,
  leftLines,
  leftOutLines,
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
  readonly verbose: boolean;
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
    verbose: flag("-v, --verbose", "say each step on standard error, where that is no terminal, too"),
  },
  examples: [
    ...exampleOf("apply --dry-run my-fix", "the steps, in their order"),
    ...exampleOf("apply my-fix", "exit code 4 for a conflict, 5 where some steps stand"),
  ],
  async run(context, values) {
    const { client } = await openDesk(context, values);
    const [name] = context.words;
    const mode = modeOf(values);
    const document = await applied({ client, target: await targetOf(name), mode, context, ...values });
    const isWanted = mode === "rollback" && document.outcome === "undone";
    show(
      context,
      document,
      () => isWanted ? tellRolledBack(context, document) : tell(context, document, name ?? ""),
    );
    if (isWanted) return EXIT.done;
    return document.outcome === "undone" && context.signal.aborted
      ? EXIT.interrupted
      : CODES[document.outcome];
  },
});

/** What one apply is asked with. */
interface Asked {
  readonly client: ControlClient;
  readonly target: DraftTarget;
  readonly mode: ApplyMode;
  readonly context: Context;
  readonly verbose: boolean;
}

/** Asks for an apply and waits for its end. Ctrl-C calls it off, and still hears what became of it. */
async function applied({ client, target, mode, context, verbose }: Asked): Promise<ApplyDocument> {
  const { signal, err } = context;
  const by = asker(context);
  const asked = { target, mode, by };
  if (mode === "plan") return await client.applyDraft(asked, () => {}, signal);
  const callOff = () => {
    err.line(CALLED_OFF[mode]);
    // Where nobody answers any more, the apply itself fails, and says so.
    client.interruptDraft(target, by).catch(() => {});
  };
  signal.addEventListener("abort", callOff, { once: true });
  const shown = verbose || (err.isTerminal && context.format === "human");
  try {
    return await client.applyDraft(asked, (step) => {
      if (shown) err.line(progressLine(step));
    });
  } finally {
    signal.removeEventListener("abort", callOff);
  }
}

const AWAY = "Ctrl-C again leaves omnifs alone with it";

/** What is said on Ctrl-C. */
const CALLED_OFF: Readonly<Record<Exclude<ApplyMode, "plan">, string>> = {
  apply: `interrupted: the step under way ends, then what stands is taken back; ${AWAY}`,
  resume: `interrupted: the step under way ends, then what stands is taken back; ${AWAY}`,
  rollback: `what stands is being taken back already; ${AWAY}`,
};

function progressLine({ what, step, number, of }: ProgressDocument): string {
  return `${what === "undo" ? "taking back step" : "step"} ${number} of ${of}: ${printable(step)}`;
}

/** Kinds of refusals over an upstream that is not what it was: a rebase helps, or says what does. */
const MOVED: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["conflict", "not-found"]);

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

/** The steps, and what is no part of them. */
function sentLines(
  { steps, leftOut }: ApplyDocument & { readonly outcome: "planned" | "applied" },
): string[] {
  return [...stepLines(steps), ...leftOutLines(leftOut)];
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
      return sentLines(document).forEach((line) => out.line(line));
    case "applied":
      out.line(`applied, ${count(document.steps.length, "step")}:`);
      return sentLines(document).forEach((line) => out.line(line));
    case "conflict":
    case "refused":
      err.line(`${document.outcome}: nothing was sent`);
      for (const { path, message } of document.refusals) {
        err.line(`  ${printable(path)}: ${printable(message)}`);
      }
      if (document.refusals.some(({ kind }) => MOVED.has(kind))) {
        err.line(`look, then: omnifs draft rebase ${name}`.trimEnd());
      }
      return;
    case "undone":
      err.line(`not applied: ${printable(document.reason)}`);
      if (document.undone.length > 0) err.line(`${count(document.undone.length, "step")} taken back:`);
      stepLines(document.undone).forEach((line) => err.line(line));
      return err.line("upstream is as before, and the draft is kept");
    case "partial":
      err.line(`partial: ${printable(document.reason)}`);
      leftLines(document).forEach((line) => err.line(line));
      return err.line(
        `omnifs draft apply --resume ${name}, or omnifs draft apply --rollback ${name}`.trimEnd(),
      );
  }
}
