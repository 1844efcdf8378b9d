/**
 * The attempts, made in the threads that omnifs starts: by what a thread is given to run.
 *
 * @module
 */
import { systemClock } from "../../runtime/base/clock.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import { parseGrants } from "../../runtime/egress/mod.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { type Aims, attempt, type Outcomes } from "./attempts.ts";

/** What the egress thread tells: the outcomes, and what it got from the target that was granted. */
export interface EgressAccount {
  /** What came of each attempt. */
  readonly outcomes: Outcomes;
  /** The body of the answer. */
  readonly reached: string;
}

/** In the egress thread, which is granted `target`, as `--allow-net` takes it. */
export async function inEgress(aims: Aims, target: string): Promise<EgressAccount> {
  const egress = new Egress({
    grants: parseGrants({ allow: [target] }),
    credentials: { find: () => Promise.resolve({ why: "none", mend: "" }) },
    clock: systemClock,
    module: new URL("./egress_probe.ts", import.meta.url),
  });
  const callout = {
    mount: "m",
    method: "get",
    url: `http://${target}/`,
    headers: [],
    write: false,
  } as const;
  const result = await egress.send({ ...callout, expect: "text", body: JSON.stringify(aims) });
  await egress.close();
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return JSON.parse(String(result.response.body));
}

/** In the thread of a provider. The glue is the least trusted script in there is: here it makes the attempts. */
export async function inProvider(aims: Aims): Promise<Outcomes> {
  const script = `${attempt}
    return async () => { throw new Error("outcomes " + JSON.stringify(await attempt(${
    JSON.stringify(aims)
  }))); };`;
  const guest = new Guest({
    mount: "hostile",
    artifact: { script, modules: {}, imports: [], exports: [] },
    settings: "{}",
    limits: DEFAULT_LIMITS,
    clock: systemClock,
    host: {
      callout: () => Promise.resolve({ error: { tag: "timeout" } }),
      log: () => {},
      dropped: () => {},
      failure: () => {
        throw new Error("no call was made");
      },
    },
  });
  const call = { interface: "provider", function: "describe", args: [] };
  const fault: unknown = await guest.call("describe", call).catch((error) => error);
  guest.close();
  const message = fault instanceof Error ? fault.message : String(fault);
  return JSON.parse(/outcomes (\{.*\})/s.exec(message)?.[1] ?? message);
}
