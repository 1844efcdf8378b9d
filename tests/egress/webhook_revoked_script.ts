/**
 * A host that gives up its own `net` permission while its receiver listens: prints what is answered before and after
 * the death of the first egress thread, as JSON.
 *
 * @module
 */
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { Desk, githubHeaders } from "./webhook_fixture.ts";

await using desk = await Desk.open({ module: new URL("./mortal_worker.ts", import.meta.url) });
desk.egress.keepSpare();
await Deno.permissions.revoke({ name: "net" });
const own = await fetch(desk.origin).then(() => "did", (error: Error) => error.name);
const first = githubHeaders("before");
const before = await post("before", first);
await desk.die();
const spare = await until(
  () => post("after", githubHeaders("after")),
  20_000,
  "an answer of the spare thread",
);
const replay = await post("before", first);
const delivered = desk.delivered.map(({ body }) => new TextDecoder().decode(body));
console.log(JSON.stringify({ own, before, spare, replay, delivered }));

/** This process may open no connection, so another one does. */
async function post(body: string, headers: Record<string, string>): Promise<number | undefined> {
  const request = JSON.stringify({ method: "POST", body, headers });
  const target = JSON.stringify(`${desk.origin}/hooks/github`);
  const code = `console.log((await fetch(${target}, ${request})).status)`;
  const { stdout } = await run(Deno.execPath(), ["eval", code]);
  return Number(stdout) || undefined;
}
