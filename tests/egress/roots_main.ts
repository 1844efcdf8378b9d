/**
 * An https upstream under a root of the tests' own, asked through the gate in its thread. Prints what came of it as JSON;
 * which roots are trusted is up to the environment that this runs in.
 *
 * @module
 */
import { Egress } from "../../runtime/egress/egress.ts";
import { Bench } from "./fixture.ts";

const TLS = new URL("./tls/", import.meta.url);
const [cert, key] = await Promise.all(
  ["certificate", "key"].map((name) => Deno.readTextFile(new URL(`${name}.pem`, TLS))),
);
const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, cert: cert ?? "", key: key ?? "" };
const server = Deno.serve(options, () => new Response("hi"));
{
  const host = `localhost:${server.addr.port}`;
  await using bench = new Bench({ allow: [host] }, (parts) => new Egress(parts));
  const result = await bench.send(`https://${host}/`);
  console.log(JSON.stringify(result.ok ? { body: result.response.body } : result.failure));
}
await server.shutdown();
