/**
 * What the page may ask of the daemon: these questions and no others, each handed on to the control socket.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { ControlClient } from "../../control/client.ts";
import { APPLY_MODES, type ApplyAsked, type ApplyMode } from "../../control/drafts.ts";
import { JSON_LINES, toBody, toLines } from "../../control/stream.ts";

/** Whom it asks, and for whom. */
export interface DeskParts {
  /** The daemon. */
  readonly client: ControlClient;
  /** Who works on a draft, for the record. */
  readonly by: string;
  /** Aborted when the command ends. */
  readonly signal: AbortSignal;
}

/** One question of the page. */
interface PageQuestion extends DeskParts {
  readonly parameters: URLSearchParams;
}

type Answer = (question: PageQuestion) => Response | Promise<Response>;

/** Every question that the page may ask. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "GET /api/inspect": inspect,
  "GET /api/drafts": async ({ client, signal }) => Response.json(await client.drafts(signal)),
  "GET /api/draft/diff": async ({ client, parameters, signal }) =>
    Response.json(await client.draftDiff(targetOf(parameters), signal)),
  "POST /api/draft/apply": async ({ client, parameters, by }) =>
    // It goes on where the page goes away, and where this command does; the page hears of its steps as events.
    Response.json(
      await client.applyDraft({ ...lookedAt(parameters), mode: modeOf(parameters), by }, () => {}),
    ),
  "POST /api/draft/discard": async ({ client, parameters, signal }) => {
    await client.discardDraft(targetOf(parameters), false, signal);
    return Response.json({});
  },
};

/** The answer to `key`, a method and a path. @throws {OmnifsError} what the daemon said, `unsupported` for no question */
export async function answerPage(
  key: string,
  parameters: URLSearchParams,
  parts: DeskParts,
): Promise<Response> {
  const answer = Object.hasOwn(ANSWERS, key) ? ANSWERS[key] : undefined;
  if (answer === undefined) throw new OmnifsError("unsupported", `there is no such question: ${key}`);
  return await answer({ ...parts, parameters });
}

/** What happens, as JSON lines; the daemon is asked until the page goes away. */
function inspect({ client, signal }: PageQuestion): Response {
  const gone = new AbortController();
  const lines = toLines(client.inspect(AbortSignal.any([signal, gone.signal])));
  return new Response(toBody(lines, () => gone.abort()), { headers: { "content-type": JSON_LINES } });
}

function targetOf(parameters: URLSearchParams): { readonly name: string } {
  const name = parameters.get("name");
  if (name === null) throw new OmnifsError("invalid", "the parameter name is missing");
  return { name };
}

/** The draft that was looked at, as it was then. */
function lookedAt(parameters: URLSearchParams): Pick<ApplyAsked, "target" | "revision"> {
  const revision = parameters.get("revision");
  if (revision === null) throw new OmnifsError("invalid", "the parameter revision is missing");
  return { target: targetOf(parameters), revision };
}

function modeOf(parameters: URLSearchParams): ApplyMode {
  const mode = APPLY_MODES.find((known) => known === parameters.get("mode"));
  if (mode === undefined) throw new OmnifsError("invalid", "the parameter mode is missing");
  return mode;
}
