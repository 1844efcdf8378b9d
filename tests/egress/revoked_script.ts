/**
 * A host that gives up its own `net` permission: prints what its threads can still do, as JSON.
 *
 * @module
 */
import { Egress } from "../../runtime/egress/egress.ts";
import { Bench, Upstream } from "./fixture.ts";

const module = new URL("./mortal_worker.ts", import.meta.url);
await using upstream = new Upstream(() => new Response("hi"));
await using bench = new Bench({ allow: [upstream.target] }, (options) => {
  const egress = new Egress({ ...options, module });
  egress.keepSpare();
  return egress;
});
const die = async () => (await bench.failure(upstream.url("/die"))).tag;
const before = (await bench.answer(upstream.url())).body;
await Deno.permissions.revoke({ name: "net" });
const own = await fetch(upstream.url()).then(() => "did", (error: Error) => error.name);
const after = (await bench.answer(upstream.url())).body;
const deaths = [await die()];
const spare = (await bench.answer(upstream.url())).body;
deaths.push(await die());
const beyond = await bench.failure(upstream.url());
const tokens = upstream.header("authorization");
console.log(JSON.stringify({ before, own, after, deaths, spare, beyond, tokens, lines: bench.lines }));
