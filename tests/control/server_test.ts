/**
 * The control socket, over a real Unix socket.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import { ControlClient, NoDaemonError } from "../../runtime/control/client.ts";
import { findDaemons, recordPathOf, writeRecord } from "../../runtime/control/places.ts";
import { REQUEST_LIMIT, serveControl } from "../../runtime/control/server.ts";
import { withDeadline } from "../support/deadline.ts";
import { type FakeBackend, fakeBackend, fakeStatus, pattern } from "./fake_backend.ts";

interface Served {
  readonly client: ControlClient;
  readonly backend: FakeBackend;
  readonly socketPath: string;
  readonly dir: string;
}

async function served(work: (served: Served) => Promise<void>): Promise<void> {
  const dir = `${await Deno.makeTempDir({ prefix: "omnifs-control-" })}/run`;
  const socketPath = `${dir}/demo.sock`;
  const backend = fakeBackend();
  const server = await serveControl(backend, { socketPath, clock: systemClock, log: quiet() });
  try {
    await work({ client: new ControlClient(socketPath), backend, socketPath, dir });
  } finally {
    await server.close();
    await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
  }
}

async function serveAgain(
  options: { readonly socketPath: string; readonly clock: Clock; readonly log: Log },
) {
  const server = await serveControl(fakeBackend(), options);
  return { client: new ControlClient(options.socketPath), [Symbol.asyncDispose]: () => server.close() };
}

function quiet(): Log {
  return new Log(systemClock, () => {}, "error");
}

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

function fails(kind: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof OmnifsError && error.kind === kind && message.test(error.message);
}

Deno.test("the socket is 0600 in a folder that is 0700", () =>
  served(async ({ socketPath, dir }) => {
    assert.equal(((await Deno.stat(socketPath)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(recordPathOf(socketPath))).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(dir)).mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("a folder that others may enter is refused", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.chmod(dir, 0o755);
  const start = serveControl(fakeBackend(), {
    socketPath: `${dir}/a.sock`,
    clock: systemClock,
    log: quiet(),
  });
  await assert.rejects(start, fails("denied", /others may enter it/));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("status crosses whole", () =>
  served(async ({ client }) => {
    assert.deepEqual(await client.status(), fakeStatus());
  }));

Deno.test("stat answers with the entry, and with the error's every word", () =>
  served(async ({ client }) => {
    assert.equal((await client.stat("/")).ino, 42);
    await assert.rejects(client.stat("/nö/ %?&"), (error) => {
      assert.ok(error instanceof OmnifsError);
      const { kind, message, path, op, mend } = error;
      assert.deepEqual({ kind, message, path, op, mend }, {
        kind: "not-found",
        message: "there is no such object",
        path: "/nö/ %?&",
        op: "lookup",
        mend: "omnifs ls /",
      });
      return true;
    });
  }));

Deno.test("a listing that fails after its start tells both what came and why it ended", () =>
  served(async ({ client }) => {
    assert.deepEqual((await all(client.list("/"))).map(({ name }) => name), ["small", "big"]);
    const seen: string[] = [];
    const walk = async () => {
      for await (const { name } of client.list("/breaks")) seen.push(name);
    };
    await assert.rejects(walk, fails("rate-limited", /asks to wait/));
    assert.deepEqual(seen, ["small"]);
    await assert.rejects(all(client.list("/missing")), fails("not-found", /no such object/));
  }));

Deno.test("the bytes of a file arrive as they are, and a failure in their midst is not taken for the end", () =>
  served(async ({ client }) => {
    const chunks = await all(client.read("/big"));
    assert.deepEqual(
      new Uint8Array(await new Blob(chunks.map((c) => new Uint8Array(c))).arrayBuffer()),
      pattern(3 * 1024 * 1024 + 17),
    );
    let bytes = 0;
    const read = async () => {
      for await (const chunk of client.read("/breaks")) bytes += chunk.length;
    };
    await assert.rejects(read, fails("unavailable", /went away/));
    assert.equal(bytes, 3);
  }));

Deno.test("who goes away in the middle of a listing aborts it in the backend", () =>
  served(async ({ client, backend }) => {
    for await (const { name } of client.list("/endless")) if (name === "big") break;
    assert.match(String(await backend.givenUp), /went away/);
  }));

Deno.test("who gives up before the first byte aborts the read in the backend", () =>
  served(async ({ client, backend }) => {
    const abort = new AbortController();
    const read = all(client.read("/stalls", abort.signal));
    // Given up any earlier, it might not reach the daemon at all.
    await backend.stalled;
    abort.abort();
    await assert.rejects(read, fails("interrupted", /given up/));
    assert.match(String(await backend.givenUp), /went away/);
  }));

Deno.test("more than the limit of questions at once is told to come again", () =>
  served(async ({ client }) => {
    const abort = new AbortController();
    const open = await Promise.all(
      Array.from({ length: REQUEST_LIMIT }, async () => {
        const listing = client.list("/endless", abort.signal);
        await listing.next();
        return listing;
      }),
    );
    await assert.rejects(client.status(), fails("busy", /at once/));
    for (const listing of open) await listing.return(undefined);
    const deadline = performance.now() + 10_000;
    let after: unknown;
    while (performance.now() < deadline && after === undefined) {
      after = await client.status().catch(() => undefined);
    }
    assert.ok(after, "it answers again");
  }));

Deno.test("kept events are told, and those to come are followed in order", () =>
  served(async ({ client, backend }) => {
    backend.bus.publish("mount.ready", { dir: "/a", milliseconds: 1 });
    backend.bus.publish("mount.gone", { dir: "/a", cause: "asked" });
    assert.deepEqual((await all(client.events(1, false))).map(({ type }) => type), ["mount.gone"]);
    const seen: number[] = [];
    for await (const { sequence } of client.events(0, true)) {
      seen.push(sequence);
      if (sequence === 2) backend.bus.publish("provider.ready", { mount: "hello", version: "1" });
      if (sequence === 3) break;
    }
    assert.deepEqual(seen, [1, 2, 3]);
  }));

Deno.test("drop, shutdown and unknown questions", () =>
  served(async ({ client, backend, socketPath }) => {
    assert.deepEqual(await client.drop(undefined), { nodes: 100 });
    assert.deepEqual(await client.drop("/abc"), { nodes: 4 });
    await assert.rejects(client.drop("/".repeat(20_000)), fails("invalid", /too long/));
    await assert.rejects(client.shutdown(false), fails("unavailable", /in use/));
    assert.equal(backend.ended.count, 0);
    await client.shutdown(true);
    assert.equal(backend.ended.count, 1);
    assert.equal(await statusOf(socketPath, "/v1/nonsense"), 404);
  }));

Deno.test("a live socket is refused, a dead one is replaced", async () => {
  const dir = `${await Deno.makeTempDir()}/run`;
  const options = { socketPath: `${dir}/x.sock`, clock: systemClock, log: quiet() };
  const first = await serveControl(fakeBackend(), options);
  await assert.rejects(serveControl(fakeBackend(), options), fails("conflict", /listens there already/));
  await first.close();
  await assert.rejects(
    new ControlClient(options.socketPath).status(),
    (error) => error instanceof NoDaemonError,
  );
  // What a killed daemon leaves: a socket that nobody listens on.
  const dead = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `Deno.listen({ transport: "unix", path: ${
        JSON.stringify(options.socketPath)
      } }); Deno.kill(Deno.pid, "SIGKILL");`,
    ],
    stdout: "null",
    stderr: "null",
  });
  await dead.output();
  assert.ok((await Deno.lstat(options.socketPath)).isSocket);
  const second = await serveControl(fakeBackend(), options);
  assert.equal((await new ControlClient(options.socketPath).status()).version, "0.1.0");
  await second.close();
  await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
});

Deno.test("of two that start at once, one listens and the other is told", async () => {
  const dir = `${await Deno.makeTempDir()}/run`;
  const options = { socketPath: `${dir}/x.sock`, clock: systemClock, log: quiet() };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => serveControl(fakeBackend(), options)));
  const servers = outcomes.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
  assert.equal(servers.length, 1);
  for (const server of servers) await server.close();
  await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
});

Deno.test("closing ends what is under way and leaves neither socket nor record", async () => {
  const dir = `${await Deno.makeTempDir()}/run`;
  const options = { socketPath: `${dir}/x.sock`, clock: systemClock, log: quiet() };
  const server = await serveControl(fakeBackend(), options);
  const listing = new ControlClient(options.socketPath).list("/endless");
  await listing.next();
  await listing.next();
  const rest = listing.next();
  await Promise.all([assert.rejects(rest, fails("interrupted", /is ending/)), server.close()]);
  const left = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  assert.deepEqual(left, ["x.sock.lock"]);
  await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
});

Deno.test("an asker who reads nothing does not keep a server from ending, nor another from taking its place", async () => {
  const dir = `${await Deno.makeTempDir()}/run`;
  const options = { socketPath: `${dir}/x.sock`, clock: systemClock, log: quiet() };
  const server = await serveControl(fakeBackend(), options);
  const asker = await Deno.connect({ transport: "unix", path: options.socketPath });
  try {
    await asker.write(new TextEncoder().encode("GET /v1/read?path=/unread HTTP/1.1\r\nHost: omnifs\r\n\r\n"));
    await asker.read(new Uint8Array(16));
    await withDeadline(server.close(), 60_000, "the end of a server");
    await using other = await serveAgain(options);
    assert.equal((await other.client.status()).pid, fakeStatus().pid);
  } finally {
    asker.close();
    await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
  }
});

Deno.test("who asks for the end gets an answer although the end takes the server down", async () => {
  const dir = `${await Deno.makeTempDir()}/run`;
  const options = { socketPath: `${dir}/x.sock`, clock: systemClock, log: quiet() };
  const closed = Promise.withResolvers<void>();
  const shutdown = async () => {
    await server.close();
    closed.resolve();
  };
  const server = await serveControl({ ...fakeBackend(), shutdown }, options);
  await new ControlClient(options.socketPath).shutdown(false);
  await closed.promise;
  await Deno.remove(dir.slice(0, -"/run".length), { recursive: true });
});

Deno.test("findDaemons tells the live ones and removes what dead ones left", async () => {
  await served(async ({ dir, socketPath }) => {
    const environment = (name: string) => name === "OMNIFS_RUNTIME_DIR" ? dir : undefined;
    await writeRecord(`${dir}/dead.sock`, {
      pid: 2 ** 30,
      dir: "/gone",
      dirs: ["/gone"],
      name: "dead",
      startedAt: 1,
    });
    await Deno.writeTextFile(`${dir}/broken.json`, "{");
    assert.deepEqual(await findDaemons(environment), [
      { pid: Deno.pid, dir: null, dirs: [], name: "demo", startedAt: 1_700_000_000_000, socketPath },
    ]);
    const left = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
    assert.deepEqual(left.sort(), ["demo.json", "demo.sock", "demo.sock.lock"]);
  });
});

/** The HTTP status of a question, asked without the client. */
async function statusOf(socketPath: string, path: string): Promise<number> {
  using connection = await Deno.connect({ transport: "unix", path: socketPath });
  await connection.write(
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
  );
  const [line] = (await new Response(connection.readable).text()).split("\r\n");
  return Number(line?.split(" ")[1]);
}

Deno.test("the figures are at /metrics, as a scraper of Prometheus wants them", () =>
  served(async ({ client, backend, socketPath }) => {
    assert.equal(await client.metrics(), await backend.metrics());
    using connection = await Deno.connect({ transport: "unix", path: socketPath });
    await connection.write(
      new TextEncoder().encode("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
    );
    await connection.closeWrite();
    const decoder = new TextDecoder();
    const piece = new Uint8Array(4_096);
    let answer = "";
    for (let length = await connection.read(piece); length !== null; length = await connection.read(piece)) {
      answer += decoder.decode(piece.subarray(0, length));
    }
    assert.match(answer, /^HTTP\/1\.1 200 [^]*content-type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/);
  }));
