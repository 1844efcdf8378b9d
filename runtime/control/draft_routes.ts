/**
 * What can be asked about drafts: rows of the table in `routes.ts`.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import {
  APPLY_MODES,
  type ApplyAsked,
  type ApplyDocument,
  type ApplyMode,
  type DraftBackend,
  type DraftTarget,
  type ProgressDocument,
} from "./drafts.ts";
import { pathOf, type Question, type Route } from "./question.ts";

/** Every route about drafts. */
export const DRAFT_ROUTES: Readonly<Record<string, Route>> = {
  "GET /v1/drafts": { shape: "document", answer: ({ drafts }) => drafts.all() },
  "POST /v1/drafts": {
    shape: "document",
    answer: ({ drafts }, question) => drafts.create(parameter(question, "name")),
  },
  "GET /v1/draft": { shape: "document", answer: ({ drafts }, question) => drafts.show(targetOf(question)) },
  "POST /v1/draft/stage": {
    shape: "document",
    answer: async ({ drafts }, question) => {
      const removal = question.parameters.has("remove");
      const content = removal ? undefined : await question.body();
      return await drafts.stage(targetOf(question), pathOf(question), content, question.signal);
    },
  },
  "POST /v1/draft/unstage": {
    shape: "document",
    answer: ({ drafts }, question) => drafts.unstage(targetOf(question), pathOf(question)),
  },
  "GET /v1/draft/diff": {
    shape: "document",
    answer: ({ drafts }, question) => drafts.diff(targetOf(question)),
  },
  "POST /v1/draft/apply": { shape: "lines", answer: ({ drafts }, question) => applied(drafts, question) },
  "POST /v1/draft/interrupt": {
    shape: "document",
    answer: ({ drafts }, question) => {
      drafts.interrupt(targetOf(question), parameter(question, "by"));
      return {};
    },
  },
  "POST /v1/draft/rebase": {
    shape: "document",
    answer: ({ drafts }, question) => drafts.rebase(targetOf(question), question.signal),
  },
  "POST /v1/draft/discard": {
    shape: "document",
    answer: ({ drafts }, question) => drafts.discard(targetOf(question), question.parameters.has("force")),
  },
};

/** Each step of an apply before it is sent, and in the end what became of it. */
async function* applied(
  drafts: DraftBackend,
  question: Question,
): AsyncGenerator<ProgressDocument | ApplyDocument> {
  const steps: ProgressDocument[] = [];
  let news = Promise.withResolvers<void>();
  const told = (step: ProgressDocument) => {
    steps.push(step);
    news.resolve();
  };
  // It is no part of this answer: it goes on where nobody reads any more.
  const work = drafts.apply(askedIn(question), told);
  work.catch(() => {});
  const gone = goneWith(question.signal);
  gone.catch(() => {});
  for (let ended = false; !ended;) {
    ended = await Promise.race([work.then(() => true), news.promise.then(() => false), gone]);
    news = Promise.withResolvers();
    yield* steps.splice(0);
  }
  yield await work;
}

/** Rejects when omnifs ends, or nobody asks any more. */
function goneWith(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () =>
    reject(
      new OmnifsError("unavailable", `${messageOf(signal.reason)}, in the middle of the apply`, {
        mend: "mount again: what was begun is settled then, as omnifs draft show tells",
      }),
    );
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });
  return promise;
}

/** The draft that `name` or `session` names. */
function targetOf({ parameters }: Question): DraftTarget {
  const name = parameters.get("name");
  if (name !== null) return { name };
  const session = Number(parameters.get("session"));
  if (Number.isSafeInteger(session) && session > 0) return { session };
  throw new OmnifsError("invalid", "the parameter name is missing, and so is session");
}

function askedIn(question: Question): ApplyAsked {
  const [target, mode, by] = [targetOf(question), modeOf(question), parameter(question, "by")];
  const revision = question.parameters.get("revision");
  return { target, mode, by, ...(revision === null ? {} : { revision }) };
}

function modeOf(question: Question): ApplyMode {
  const given = parameter(question, "mode");
  const mode = APPLY_MODES.find((known) => known === given);
  if (mode !== undefined) return mode;
  throw new OmnifsError("invalid", `a draft is applied by ${APPLY_MODES.join(", ")}, not by ${given}`);
}

function parameter({ parameters }: Question, name: string): string {
  const value = parameters.get(name);
  if (value === null) throw new OmnifsError("invalid", `the parameter ${name} is missing`);
  return value;
}
