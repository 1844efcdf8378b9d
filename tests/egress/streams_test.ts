/**
 * Streams: a GET held open through the gate, its lines handed on one by one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StreamEnd, StreamListener } from "../../runtime/egress/callout.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import type { GateOptions } from "../../runtime/egress/mod.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { tempDir } from "../support/temp.ts";
import { Bench, need, type Open, type Setup, TOKEN } from "./fixture.ts";

const MORTAL = new URL("./mortal_worker.ts", import.meta.url);

/** How long something on the loopback interface may take here. */
const SOON = 20_000;

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";

const encoder = new TextEncoder();

/** A server whose every byte a test says. It holds one connection at a time. */
class Teller implements AsyncDisposable {
  /** The head of every request so far. */
  readonly heads: string[] = [];
  readonly #listener: Deno.Listener;
  readonly #connections: Deno.Conn[] = [];
  readonly #served: Promise<void>;
  #gone = 0;

  constructor(path?: string) {
    this.#listener = path === undefined
      ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
      : Deno.listen({ transport: "unix", path });
    this.#served = this.#serve();
  }

  get target(): string {
    const { addr } = this.#listener;
    return addr.transport === "unix" ? `unix:${addr.path}` : `127.0.0.1:${"port" in addr ? addr.port : 0}`;
  }

  url(path = "/events"): string {
    return this.target.startsWith("unix:") ? `${this.target}:${path}` : `http://${this.target}${path}`;
  }

  /** Connections that are over, by whoever's doing. */
  get gone(): number {
    return this.#gone;
  }

  /** Waits for request number `count`. */
  async asked(count = 1): Promise<void> {
    await until(() => this.heads.length >= count, SOON, `request ${count}`);
  }

  /** Says `text` on the latest connection, as it is. */
  async say(text: string): Promise<void> {
    const connection = this.#connections.at(-1);
    let bytes = encoder.encode(text);
    while (connection !== undefined && bytes.length > 0) {
      bytes = bytes.subarray(await connection.write(bytes));
    }
  }

  /** Says `text` as one chunk. */
  async chunk(text: string): Promise<void> {
    await this.say(`${encoder.encode(text).length.toString(16)}\r\n${text}\r\n`);
  }

  /** Hangs up. */
  hangUp(): void {
    this.#connections.at(-1)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // It is closed already.
      }
    }
    await this.#served;
  }

  async #serve(): Promise<void> {
    const readers: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.#connections.push(connection);
      readers.push(this.#read(connection));
    }
    await Promise.all(readers);
  }

  async #read(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(4_096);
    for (;;) {
      const read = await connection.read(buffer).catch(() => null);
      if (read === null) break;
      this.heads.push(new TextDecoder().decode(buffer.subarray(0, read)));
    }
    this.#gone++;
  }
}

/** A listener that takes note. */
class Ear implements StreamListener {
  readonly lines: string[] = [];
  opens = 0;
  /** What a line waits for. */
  hold: Promise<void> = Promise.resolve();

  readonly opened = (): void => void this.opens++;

  readonly line = async (line: Uint8Array): Promise<void> => {
    this.lines.push(new TextDecoder().decode(line));
    await this.hold;
  };
}

const OPENS: Readonly<Record<string, Open | undefined>> = {
  "in this thread": undefined,
  "in the egress thread": (options: GateOptions) => new Egress(options),
};

interface Listening {
  readonly ear: Ear;
  readonly abort: AbortController;
  readonly end: Promise<StreamEnd>;
}

async function listen(bench: Bench, url: string): Promise<Listening> {
  await bench.send("https://not-granted.test/");
  const [ear, abort] = [new Ear(), new AbortController()];
  return { ear, abort, end: bench.gate.subscribe({ mount: "m", url }, ear, abort.signal) };
}

function ended({ end }: Listening): Promise<StreamEnd> {
  return withDeadline(end, SOON, "the end of the stream");
}

for (const [where, open] of Object.entries(OPENS)) {
  const bench = (setup: Setup) => open === undefined ? new Bench(setup) : new Bench(setup, open);

  Deno.test(`lines come one by one, however they are cut into chunks, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target] });
    const stream = await listen(gate, teller.url());
    await teller.asked();
    await teller.say(HEAD);
    await until(() => stream.ear.opens === 1, SOON, "the opening");
    for (const text of ["one\ntw", "o\r\n", "\nthr", "ee", "\nfo"]) await teller.chunk(text);
    await until(() => stream.ear.lines.length === 4, SOON, `four lines: ${stream.ear.lines}`);
    await teller.say("0\r\n\r\n");
    // What has no end is no line.
    assert.deepEqual(await ended(stream), { tag: "closed" });
    assert.deepEqual(stream.ear.lines, ["one", "two", "", "three"]);
    assert.equal(stream.ear.opens, 1);
  });

  Deno.test(`a stream that is cut in the middle of a line hands that line on to nobody, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target] });
    const stream = await listen(gate, teller.url());
    await teller.asked();
    await teller.say(HEAD);
    await teller.chunk("whole\nhal");
    await until(() => stream.ear.lines.length === 1, SOON, "the whole line");
    teller.hangUp();
    const end = await ended(stream);
    assert.equal(end.tag, "connection");
    assert.deepEqual(stream.ear.lines, ["whole"]);
  });

  Deno.test(`a stream goes out with the credential and is counted as a callout, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target], needs: [need(teller.target)] });
    const before = gate.gate.counts.requests;
    const stream = await listen(gate, teller.url());
    await teller.asked();
    await teller.say(HEAD);
    await until(() => stream.ear.opens === 1, SOON, "the opening");
    assert.match(teller.heads[0] ?? "", new RegExp(`authorization: Bearer ${TOKEN}`, "i"));
    assert.match(teller.heads[0] ?? "", /accept-encoding: identity/i);
    assert.equal(gate.gate.counts.requests, before + 1);
    assert.ok(
      gate.events.some(({ type, data }) =>
        type === "callout.done" && "outcome" in data && data.outcome === 200
      ),
    );
    // An upstream that echoes the credential does not tell it to the provider.
    await teller.chunk(`you said ${TOKEN}\n`);
    await until(() => stream.ear.lines.length === 1, SOON, "the echo");
    assert.ok(!stream.ear.lines[0]?.includes(TOKEN), stream.ear.lines[0]);
    stream.abort.abort();
    assert.deepEqual(await ended(stream), { tag: "timeout" });
    await until(() => teller.gone === 1, SOON, "the end of the connection");
  });

  Deno.test(`a stream that was not granted is not opened, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: ["127.0.0.1:1"], needs: [need(teller.target)] });
    const end = await ended(await listen(gate, teller.url()));
    assert.equal(end.tag, "denied");
    assert.deepEqual(teller.heads, []);
  });

  Deno.test(`an answer that is no success brings no lines, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target] });
    const stream = await listen(gate, teller.url());
    await teller.asked();
    await teller.say("HTTP/1.1 503 Down\r\ncontent-length: 4\r\n\r\nno\n\n");
    assert.deepEqual(await ended(stream), { tag: "refused", status: 503 });
    assert.deepEqual([stream.ear.opens, stream.ear.lines], [0, []]);
  });

  Deno.test(`a line that is too long ends the stream, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target], limits: { lineBytes: 100 } });
    const stream = await listen(gate, teller.url());
    await teller.asked();
    await teller.say(HEAD);
    await teller.chunk(`${"x".repeat(100)}\n${"y".repeat(60)}`);
    await until(() => stream.ear.lines.length === 1, SOON, "the line that fits");
    await teller.chunk("y".repeat(60));
    assert.deepEqual(await ended(stream), { tag: "too-large" });
    await until(() => teller.gone === 1, SOON, "the end of the connection");
  });

  Deno.test(`a Unix socket serves a stream like a host, ${where}`, async () => {
    await using folder = await tempDir();
    await using teller = new Teller(join(folder.path, "s"));
    await using gate = bench({ allow: [teller.target] });
    const stream = await listen(gate, teller.url());
    await teller.asked();
    assert.match(teller.heads[0] ?? "", /^GET \/events HTTP\/1\.1\r\n/);
    await teller.say(HEAD);
    await teller.chunk("event\n");
    await until(() => stream.ear.lines.length === 1, SOON, "the event");
    teller.hangUp();
    assert.equal((await ended(stream)).tag, "connection");
  });

  Deno.test(`an upstream that tells faster than it is listened to has to wait, ${where}`, async () => {
    await using teller = new Teller();
    await using gate = bench({ allow: [teller.target] });
    const stream = await listen(gate, teller.url());
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.ear.hold = promise;
    await teller.asked();
    await teller.say(HEAD);
    const text = "z".repeat(64 * 1024 - 1);
    let told = 0;
    let stuck = false;
    const telling = (async () => {
      while (told < 640 && !stuck) {
        await teller.chunk(`${text}\n`);
        told++;
      }
    })();
    // 40 MiB fit into no socket's buffers: the writing stops, and only one line has been looked at.
    await until(() => stream.ear.lines.length === 1, SOON, "the first line");
    let [before, since] = [-1, performance.now()];
    await until(
      () => {
        if (told !== before) [before, since] = [told, performance.now()];
        return performance.now() - since > 300;
      },
      SOON,
      "a pause in the telling",
    );
    assert.ok(told < 640, `${told} lines were taken`);
    assert.equal(stream.ear.lines.length, 1);
    stuck = true;
    resolve();
    await withDeadline(telling, SOON, "the end of the telling");
    await until(() => stream.ear.lines.length >= told, SOON, "every line");
    assert.ok(stream.ear.lines.every((line) => line === text));
    stream.abort.abort();
    await ended(stream);
  });
}

Deno.test("a stream that is silent for too long ends as idle, and every byte counts as a sign of life", async () => {
  await using teller = new Teller();
  await using gate = new Bench({ allow: [teller.target], limits: { idleMilliseconds: 1_000 } });
  const stream = await listen(gate, teller.url());
  await teller.asked();
  await teller.say(HEAD);
  await until(() => stream.ear.opens === 1, SOON, "the opening");
  for (let line = 1; line <= 3; line++) {
    gate.clock.advance(900);
    await teller.chunk("sign of life\n");
    await until(() => stream.ear.lines.length === line, SOON, "the line");
  }
  gate.clock.advance(1_000);
  assert.deepEqual(await ended(stream), { tag: "idle" });
});

Deno.test("the deadline of a callout holds for the opening of a stream, and not for the stream", async () => {
  await using teller = new Teller();
  await using gate = new Bench({ allow: [teller.target], limits: { milliseconds: 1_000 } });
  const slow = await listen(gate, teller.url());
  await teller.asked();
  gate.clock.advance(1_000);
  assert.deepEqual(await ended(slow), { tag: "timeout" });

  const stream = await listen(gate, teller.url());
  await teller.asked(2);
  await teller.say(HEAD);
  await until(() => stream.ear.opens === 1, SOON, "the opening");
  gate.clock.advance(60_000);
  await teller.chunk("still there\n");
  await until(() => stream.ear.lines.length === 1, SOON, "the line");
  stream.abort.abort();
  await ended(stream);
});

Deno.test("the death of the egress thread breaks its streams, and the next one gets a new thread", async () => {
  await using teller = new Teller();
  await using gate = new Bench(
    { allow: [teller.target] },
    (options) => new Egress({ ...options, module: MORTAL }),
  );
  const stream = await listen(gate, teller.url());
  await teller.asked();
  await teller.say(HEAD);
  await until(() => stream.ear.opens === 1, SOON, "the opening");
  await gate.send("https://die.test/die");
  assert.deepEqual(await ended(stream), { tag: "connection", reason: "the egress thread died" });

  const next = await listen(gate, teller.url());
  await teller.asked(2);
  await teller.say(HEAD);
  await until(() => next.ear.opens === 1, SOON, "the second opening");
  next.abort.abort();
  await ended(next);
});

Deno.test("a stream that was opened with another credential is cut", async () => {
  const setup = { token: "first" };
  await using teller = new Teller();
  const given: Setup = Object.defineProperty(
    { allow: [teller.target], needs: [need(teller.target)] },
    "token",
    {
      get: () => setup.token,
    },
  );
  await using gate = new Bench(given, (options) => new Egress(options));
  const stream = await listen(gate, teller.url());
  await teller.asked();
  await teller.say(HEAD);
  await until(() => stream.ear.opens === 1, SOON, "the opening");
  setup.token = "second";
  assert.deepEqual(await gate.gate.reload(), ["m"]);
  assert.deepEqual(await ended(stream), { tag: "connection", reason: "the credential changed" });
});
