/**
 * A program compiled like omnifs, whose threads try from inside what they must not be able to do. Prints the outcomes
 * of each kind of thread as JSON.
 *
 * The first argument holds the aims, a folder, and the target that the egress thread is granted.
 *
 * @module
 */
import { systemClock } from "../../runtime/base/clock.ts";
import { startDaemon } from "../../runtime/daemon.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import { parseGrants } from "../../runtime/egress/mod.ts";
import { Guest } from "../../runtime/provider/guest.ts";
import { DEFAULT_LIMITS } from "../../runtime/provider/limits.ts";
import { type Aims, attempt, type Outcomes } from "../security/attempts.ts";
import { daemonOptions } from "../security/main_thread.ts";

/** What the program is told. */
export interface Orders {
  /** What the threads aim at. */
  readonly aims: Aims;
  /** A folder for the daemon. */
  readonly home: string;
  /** What the egress thread is granted, as `--allow-net` takes it. */
  readonly granted: string;
}

/** What it prints. */
export interface Account {
  /** The main thread, before the daemon has begun and once it runs. */
  readonly before: Outcomes;
  readonly after: Outcomes;
  /** The egress thread, and what it got from the target that was granted. */
  readonly egress: { readonly outcomes: Outcomes; readonly reached: string };
  /** The thread of a provider whose glue is hostile. */
  readonly provider: Outcomes;
}

async function inEgress({ aims, granted }: Orders): Promise<Account["egress"]> {
  const egress = new Egress({
    grants: parseGrants({ allow: [granted] }),
    credentials: { find: () => Promise.resolve({ why: "none", mend: "" }) },
    clock: systemClock,
    module: new URL("../security/egress_probe.ts", import.meta.url),
  });
  const request = {
    mount: "m",
    method: "get",
    url: `http://${granted}/`,
    headers: [],
    write: false,
  } as const;
  const result = await egress.send({ ...request, expect: "text", body: JSON.stringify(aims) });
  await egress.close();
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return JSON.parse(String(result.response.body));
}

async function inProvider({ aims }: Orders): Promise<Outcomes> {
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

async function main(orders: Orders): Promise<void> {
  const { aims, home } = orders;
  const provider = await inProvider(orders);
  const egress = await inEgress(orders);
  const before = await attempt({ ...aims, path: "before/" });
  const daemon = await startDaemon(daemonOptions(home));
  const after = await attempt({ ...aims, path: "after/" });
  await daemon.close();
  const account: Account = { before, after, egress, provider };
  console.log(JSON.stringify(account));
}

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? ""));
