/**
 * The audit log: every request that was to change an upstream, one JSON line each, with who asked for it, by which draft
 * and step, when, and what the upstream answered. Bodies and credentials are not in it.
 *
 * @module
 */
import type { Bus, OmnifsEvents } from "./base/bus.ts";
import { messageOf } from "./base/errors.ts";
import type { Log } from "./base/log.ts";

/** What is being done to the upstream of one mount now. */
interface Work {
  readonly draft: string;
  readonly mode: string;
  readonly by: string;
  step: string | undefined;
}

/** Writes the log of `bus` into the file `path`, which only its owner can read; ends with the bus. */
export function audit(path: string, bus: Bus, log: Log): void {
  const works = new Map<string, Work>();
  let last: Promise<void> = Promise.resolve();
  bus.subscribe(({ type, time, data }) => {
    // The bus tells type and data apart; what belongs to a type is what `OmnifsEvents` says.
    if (type === "draft.applying") begin(works, data as OmnifsEvents["draft.applying"]);
    if (type === "draft.step") step(works, data as OmnifsEvents["draft.step"]);
    if (type !== "mutation.sent") return;
    const { mount, method, url, outcome } = data as OmnifsEvents["mutation.sent"];
    const work = works.get(mount);
    const line = { time: new Date(time).toISOString(), mount, ...work, method, url, outcome };
    last = last.then(() => append(path, line)).catch((error) =>
      log.error(`the audit log takes nothing: ${messageOf(error)}`, { path })
    );
  });
}

function begin(works: Map<string, Work>, { mount, draft, mode, by }: OmnifsEvents["draft.applying"]): void {
  works.set(mount, { draft, mode, by, step: undefined });
}

function step(works: Map<string, Work>, { mount, what, step }: OmnifsEvents["draft.step"]): void {
  const work = works.get(mount);
  if (work !== undefined) work.step = `${what}: ${step}`;
}

async function append(path: string, line: unknown): Promise<void> {
  const text = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  await Deno.writeFile(path, text, { append: true, mode: 0o600 });
}
