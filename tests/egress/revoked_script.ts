/**
 * A host that gives up its own `net` permission: prints what its threads can still do, as JSON.
 *
 * @module
 */
import { Egress } from "../../runtime/egress/egress.ts";
import { Bench, Upstream } from "./fixture.ts";

const module = new URL("./mortal_worker.ts", import.meta.url);
await using upstream = new Upstream(() => new Response("hi"));
await using bench = new Bench({ allow: [upstream.target] }, (options) => new Egress({ ...options, module }));
const before = await bench.send(upstream.url());
await Deno.permissions.revoke({ name: "net" });
const own = await fetch(upstream.url()).then(() => "did", (error: Error) => error.name);
const after = await bench.send(upstream.url());
const death = await bench.send(upstream.url("/die"));
const beyond = await bench.send(upstream.url());
console.log(JSON.stringify({ before, own, after, death, beyond, lines: bench.lines }));
