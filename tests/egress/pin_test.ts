/**
 * What was checked is what is connected to: names that change their mind, and the certificates of names.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Egress } from "../../runtime/egress/egress.ts";
import type { Lookup } from "../../runtime/egress/resolver.ts";
import { Bench, OLD_HTTP, type Setup, Upstream } from "./fixture.ts";
import { LocalGate } from "./local_gate.ts";

const NAME = "api.example.test";
const TLS = new URL("./tls/", import.meta.url);
const [cert, key, roots] = await Promise.all(
  ["certificate", "key", "root"].map((name) => Deno.readTextFile(new URL(`${name}.pem`, TLS))),
);

/** A listener on one loopback address that hangs up on whoever connects, and counts them. */
class Tripwire implements AsyncDisposable {
  /** Connections, whether or not anything was said over them. */
  accepted = 0;
  readonly #listener: Deno.TcpListener;
  readonly #served: Promise<void>;

  constructor(hostname = "127.0.0.1", port = 0) {
    this.#listener = Deno.listen({ hostname, port });
    this.#served = this.#count();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
  }

  async #count(): Promise<void> {
    for await (const connection of this.#listener) {
      this.accepted++;
      connection.close();
    }
  }
}

/** An https upstream on 127.0.0.1 that answers with the host it was asked for. */
function secure(headers: Record<string, string> = {}): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, cert: cert ?? "", key: key ?? "" };
  return Deno.serve(options, (request) => new Response(new URL(request.url).host, { headers }));
}

function pinned(setup: Setup, lookup: Lookup): Bench {
  return new Bench(setup, (options) => new LocalGate({ ...options, lookup, roots: roots ?? "" }));
}

/** Answers each of `answers` in turn, and the last one from then on. */
function turns(...answers: readonly (readonly string[])[]): Lookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (name) => {
    asked.push(name);
    return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1] ?? []);
  };
  return Object.assign(lookup, { asked });
}

Deno.test("a name leads to the address that was checked, under the certificate of the name", async () => {
  const server = secure();
  const lookup = turns(["127.0.0.1"]);
  {
    await using bench = pinned({ allow: [NAME, "127.0.0.1"] }, lookup);
    await using other = pinned({ allow: ["*.example.test", "127.0.0.1"] }, lookup);
    const host = `${NAME}:${server.addr.port}`;
    assert.equal((await bench.answer(`https://${host}/`)).body, host);
    assert.equal((await bench.answer(`https://${host}/again`)).body, host);
    assert.equal(lookup.asked.length, OLD_HTTP ? 2 : 1, "a kept connection asks for no name");
    const failure = await other.failure(`https://other.example.test:${server.addr.port}/`);
    assert.match(
      failure.tag === "connection" ? failure.reason : failure.tag,
      OLD_HTTP ? /hang up/ : /altnames|certificate/i,
    );
  }
  await server.shutdown();
});

Deno.test("a server that nobody vouches for is not spoken to", async () => {
  const server = secure();
  {
    await using bench = new Bench(
      { allow: [NAME, "127.0.0.1"] },
      (options) => new LocalGate({ ...options, lookup: turns(["127.0.0.1"]) }),
    );
    assert.equal((await bench.failure(`https://${NAME}:${server.addr.port}/`)).tag, "connection");
  }
  await server.shutdown();
});

Deno.test("a name that leads elsewhere the next time is denied, and nobody there is connected to", async () => {
  const server = secure({ connection: "close" });
  const { port } = server.addr;
  await using inner = new Tripwire("127.0.0.2", port);
  {
    const lookup = turns(["127.0.0.1"], ["127.0.0.2"]);
    await using bench = pinned({ allow: [NAME, "127.0.0.1"] }, lookup);
    const url = `https://${NAME}:${port}/`;
    await bench.answer(url);
    const failure = await bench.failure(url);
    assert.equal(lookup.asked.length, 2);
    assert.equal(failure.tag === "denied" && failure.flag, `--allow-net=127.0.0.2:${port}`);
  }
  assert.equal(inner.accepted, 0);
  await server.shutdown();
});

for (const second of ["127.0.0.2", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "64:ff9b::a01:203"]) {
  Deno.test(`a name that leads to a granted address and to ${second} is denied before it is connected to`, async () => {
    await using server = new Tripwire();
    const lookup = turns(["127.0.0.1", second]);
    await using bench = pinned({ allow: [NAME, "127.0.0.1"] }, lookup);
    const failure = await bench.failure(`https://${NAME}:${server.port}/`);
    const shown = second.includes(":") ? `[${second}]` : second;
    assert.equal(failure.tag === "denied" && failure.flag, `--allow-net=${shown}:${server.port}`);
    assert.equal(server.accepted, 0);
  });
}

Deno.test("a name without addresses is a failed connection", async () => {
  await using bench = pinned({ allow: [NAME] }, turns([]));
  assert.equal((await bench.failure(`https://${NAME}/`)).tag, "connection");
});

Deno.test("in its thread the gate reaches a name that was granted, by the system's own resolver", async () => {
  await using upstream = new Upstream(() => new Response("hi"));
  const { port } = new URL(upstream.url());
  await using bench = new Bench({ allow: [`localhost:${port}`] }, (options) => new Egress(options));
  assert.equal((await bench.answer(`http://localhost:${port}/`)).body, "hi");
});

/** Answers the first request of a connection and hangs up on the second. */
async function fickle(listener: Deno.TcpListener, answer: string): Promise<number> {
  let asked = 0;
  for await (const connection of listener) {
    const buffer = new Uint8Array(4_096);
    for (let turn = 0; turn < 2; turn++) {
      if (await connection.read(buffer) === null) break;
      asked++;
      if (turn === 0) await connection.write(new TextEncoder().encode(answer));
    }
    connection.close();
  }
  return asked;
}

Deno.test("a read over a kept connection that the upstream has closed is asked once more", {
  ignore: OLD_HTTP,
}, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = fickle(listener, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
  {
    const target = `127.0.0.1:${listener.addr.port}`;
    await using bench = new Bench({ allow: [target] });
    for (let round = 0; round < 3; round++) {
      assert.equal((await bench.answer(`http://${target}/`)).body, "hi");
    }
  }
  listener.close();
  assert.equal(await served, 5);
});
