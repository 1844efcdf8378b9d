/**
 * Lets the egress thread die of errors that hold the planted token, in each way in which an error can be caught by
 * nobody. Prints what the host's end tells of it as JSON.
 *
 * @module
 */
import { Egress } from "../../runtime/egress/egress.ts";
import { Bench, Upstream } from "./fixture.ts";

const module = new URL("./last_words_worker.ts", import.meta.url);
await using upstream = new Upstream(() => new Response("hi"));
await using bench = new Bench({ allow: [upstream.target] }, (options) => new Egress({ ...options, module }));
const failures = [];
for (const how of ["thrown", "rejected", "thrown-later", "thrown-soon", "reported"]) {
  failures.push(await bench.failure(upstream.url(`/die/${how}`)));
}
const { body } = await bench.answer(upstream.url());
const { lines, events, gate } = bench;
console.log(
  JSON.stringify({ failures, body, lines, events, status: gate.describe(), errors: gate.lastErrors }),
);
