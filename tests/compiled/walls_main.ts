/**
 * A program compiled like omnifs, whose threads try from inside what they must not be able to do. Prints the outcomes
 * of each kind of thread as JSON.
 *
 * The first argument holds the aims, a folder, and the target that the egress thread is granted.
 *
 * @module
 */
import { startDaemon } from "../../runtime/daemon.ts";
import { type Aims, attempt, type Outcomes } from "../security/attempts.ts";
import { type EgressAccount, inEgress, inProvider } from "../security/inside.ts";
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
  readonly egress: EgressAccount;
  /** The thread of a provider whose glue is hostile. */
  readonly provider: Outcomes;
}

async function main(orders: Orders): Promise<void> {
  const { aims, home, granted } = orders;
  const provider = await inProvider(aims);
  const egress = await inEgress(aims, granted);
  const before = await attempt({ ...aims, path: "before/" });
  const daemon = await startDaemon(daemonOptions(home));
  const after = await attempt({ ...aims, path: "after/" });
  await daemon.close();
  const account: Account = { before, after, egress, provider };
  console.log(JSON.stringify(account));
}

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? ""));
