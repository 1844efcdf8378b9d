/**
 * A daemon of the product whose main thread then tries what it must not be able to do. Prints the outcomes before the
 * start, and after it, as JSON; what it serves in between, too.
 *
 * @module
 */
import type { DaemonOptions } from "../../runtime/control/options.ts";
import { startDaemon } from "../../runtime/daemon.ts";
import { type Aims, attempt } from "./attempts.ts";

const { aims, home }: { aims: Aims; home: string } = JSON.parse(Deno.args[0] ?? "");
const options: DaemonOptions = {
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
const before = await attempt({ ...aims, path: "before/" });
const daemon = await startDaemon(options);
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
