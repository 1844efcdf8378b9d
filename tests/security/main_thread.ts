/**
 * A daemon of the product whose main thread then tries what it must not be able to do. Prints the outcomes before the
 * start, and after it, as JSON; what it serves in between, too.
 *
 * @module
 */
import type { DaemonOptions } from "../../runtime/control/options.ts";
import { startDaemon } from "../../runtime/daemon.ts";
import { type Aims, attempt } from "./attempts.ts";

/** Options of a daemon below `home` that serves `hello` on its control socket, without a mount. */
export function daemonOptions(home: string): DaemonOptions {
  return {
    dir: null,
    providers: [{ name: "hello", mount: "hello" }],
    allowNet: "all",
    denyNet: [],
    allowApply: [],
    settings: {},
    credentials: [],
    credentialDir: null,
    draftDir: null,
    cacheBytes: undefined,
    allowOther: false,
    socketPath: `${home}/run/security.sock`,
    logLevel: "error",
    logSink: (line) => console.error(line),
    cacheDir: `${home}/cache`,
    environment: () => undefined,
  };
}

async function main({ aims, home }: { readonly aims: Aims; readonly home: string }): Promise<void> {
  const before = await attempt({ ...aims, path: "before/" });
  const daemon = await startDaemon(daemonOptions(home));
  // What was imported once is remembered, so it has to be another address.
  const after = await attempt({ ...aims, path: "after/" });
  let greeting = 0;
  for await (const bytes of daemon.backend.read("/hello/greeting", new AbortController().signal)) {
    greeting += bytes.length;
  }
  const curl = new Deno.Command("curl", {
    args: ["-s", "--unix-socket", `${home}/run/security.sock`, "http://omnifs/v1/status"],
  });
  const control = new TextDecoder().decode((await curl.output()).stdout);
  await daemon.close();
  console.log(JSON.stringify({ before, after, greeting, control: JSON.parse(control).pid === Deno.pid }));
}

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? ""));
