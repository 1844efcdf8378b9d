/**
 * A board of notes, as `board/mod.ts` reads it: a test writes on it, and may break whatever tells of that.
 *
 * @module
 */

/** One note. */
export interface Note {
  /** Its identity. */
  readonly id: string;
  /** Its name, which may change. */
  name: string;
  /** What it says. */
  text: string;
  /** Counts up with every change of the board. */
  version: number;
}

interface Change {
  readonly id: string;
  readonly member: boolean;
  readonly version: number;
  readonly at: number;
}

const encoder = new TextEncoder();

/** The board and the server that tells of it. */
export class Board implements AsyncDisposable {
  /** Every request so far, as its path and query. */
  readonly requests: string[] = [];
  /** True: polls are answered 503. */
  pollsFail = false;
  /** True: streams are answered 503. */
  streamsFail = false;
  /** True: changes are not told to streams. */
  deaf = false;
  /** True: streams are told what a note says now, and not only that it changed. */
  telling = false;
  readonly #notes = new Map<string, Note>();
  readonly #changes: Change[] = [];
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  /** Where it is. */
  readonly url: string;
  readonly #port: number;
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #version = 0;

  /** An empty board, at a free port of the loopback interface. */
  constructor() {
    this.#server = this.#serve(0);
    this.#port = this.#server.addr.port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  /** Ends its server, in the middle of whatever it is doing. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    await server?.shutdown();
  }

  /** Starts its server again, where it was. */
  start(): void {
    this.#server ??= this.#serve(this.#port);
  }

  /** How many streams are held open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** How many requests began with `path` so far. */
  count(path: string): number {
    return this.requests.filter((request) => request.startsWith(path)).length;
  }

  /** Writes a note, a new one where there is none of that identity. */
  write(id: string, text: string, name = this.#notes.get(id)?.name ?? id): void {
    const known = this.#notes.get(id);
    this.#notes.set(id, { id, name, text, version: ++this.#version });
    this.#changed(id, known?.name !== name);
  }

  /** Takes a note away. */
  remove(id: string): void {
    this.#notes.delete(id);
    this.#version++;
    this.#changed(id, true);
  }

  /** Ends every stream; with `half`, in the middle of a line. */
  cut(half = ""): void {
    for (const stream of [...this.#streams]) {
      if (half !== "") stream.enqueue(encoder.encode(half));
      this.#streams.delete(stream);
      stream.close();
    }
  }

  /** See {@linkcode AsyncDisposable}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#answer(new URL(request.url)),
    );
  }

  #changed(id: string, member: boolean): void {
    const change = { id, member, version: this.#version, at: Date.now() };
    this.#changes.push(change);
    if (this.deaf) return;
    const told = this.telling ? { ...change, note: this.#notes.get(id) } : change;
    for (const stream of this.#streams) stream.enqueue(encoder.encode(`${JSON.stringify(told)}\n`));
  }

  #answer({ pathname, search, searchParams }: URL): Response {
    this.requests.push(pathname + search);
    const [, what, name] = pathname.split("/");
    if (what === "events") return this.#stream();
    if (what === "changes") return this.#since(searchParams);
    if (name === undefined) return Response.json([...this.#notes.values()]);
    const note = [...this.#notes.values()].find((each) => each.name === decodeURIComponent(name));
    return note === undefined ? new Response("", { status: 404 }) : Response.json(note);
  }

  #since(query: URLSearchParams): Response {
    if (this.pollsFail) return new Response("", { status: 503 });
    const after = query.get("after");
    const changes = this.#changes.filter(({ version, at }) =>
      after === null ? at >= Number(query.get("since")) : version > Number(after)
    );
    return Response.json({ cursor: String(this.#version), changes });
  }

  #stream(): Response {
    if (this.streamsFail) return new Response("", { status: 503 });
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
        this.#streams.add(controller);
        // So that the head of the answer goes out.
        controller.enqueue(encoder.encode(`{"id":"","member":false}\n`));
      },
      cancel: () => void this.#streams.delete(controller),
    });
    return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
  }
}
