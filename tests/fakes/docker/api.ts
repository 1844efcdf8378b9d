/**
 * The Engine API as a test uses it: what makes, starts, stops and removes things, which the provider never does.
 *
 * @module
 */

/** What a new container is like. */
export interface ContainerOptions {
  /** A line of `sh`; it sleeps unless told. */
  readonly script?: string;
  /** True for one with a terminal. */
  readonly terminal?: boolean;
  /** Labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Variables, as `NAME=value`. */
  readonly env?: readonly string[];
  /** More of the Engine's `HostConfig`. */
  readonly host?: Readonly<Record<string, unknown>> & { readonly PortBindings?: object };
  /** Seconds that it has to end when it is stopped. */
  readonly stopTimeout?: number;
  /** False for one that is made and not started. */
  readonly start?: boolean;
  /** The image; {@linkcode IMAGE} unless told. */
  readonly image?: string;
}

/** The image that every engine has: BusyBox and nothing else. */
export const IMAGE = "omnifs-test/busybox:1.0";

/** An engine's API at a socket. */
export class EngineApi implements Disposable {
  readonly #client: Deno.HttpClient;

  /** The engine that listens at `socket`. */
  constructor(readonly socket: string) {
    this.#client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket }, allowHost: true });
  }

  /** Closes the connections. */
  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** The answer's text. @throws {Error} with what the engine says where it refuses */
  async call(method: string, path: string, body?: unknown): Promise<string> {
    const isTar = body instanceof Uint8Array;
    const answer = await fetch(`http://engine.invalid${path}`, {
      method,
      client: this.#client,
      headers: { "host": "localhost", "content-type": isTar ? "application/x-tar" : "application/json" },
      ...(body === undefined ? {} : { body: isTar ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status < 400) return text;
    throw new Error(`${method} ${path} answered ${answer.status}: ${text.trim()}`);
  }

  /** The answer's text; the same path and answer as `curl --unix-socket` has it. */
  get(path: string): Promise<string> {
    return this.call("GET", path);
  }

  /** Hands on each line of the endless answer at `path`; resolves once it has begun. Ends with `signal`. */
  async follow(
    path: string,
    signal: AbortSignal,
    take: (line: string) => void,
  ): Promise<{ readonly ended: Promise<void> }> {
    const answer = await fetch(`http://engine.invalid${path}`, {
      client: this.#client,
      signal,
      headers: { "host": "localhost" },
    });
    return { ended: readLines(answer, take).catch(() => {}) };
  }

  /** True where it answers. */
  async ping(): Promise<boolean> {
    return await this.get("/_ping").catch(() => "") === "OK";
  }

  /** Makes a container, and starts it unless told otherwise; its id. */
  async run(name: string, options: ContainerOptions = {}): Promise<string> {
    const { script = "exec sleep 1000", terminal = false, labels, env, host, start = true } = options;
    const made: { Id: string } = JSON.parse(
      await this.call("POST", `/containers/create?name=${name}`, {
        Image: options.image ?? IMAGE,
        Cmd: ["/bin/sh", "-c", script],
        Tty: terminal,
        Env: env ?? [],
        Labels: labels ?? {},
        HostConfig: { NetworkMode: "none", ...host },
        ...(options.stopTimeout === undefined ? {} : { StopTimeout: options.stopTimeout }),
        ...(host?.PortBindings === undefined ? {} : {
          ExposedPorts: Object.fromEntries(Object.keys(host.PortBindings).map((port) => [port, {}])),
        }),
      }),
    );
    if (start) await this.call("POST", `/containers/${made.Id}/start`);
    return made.Id;
  }

  /** Ends a container at once. */
  async stop(name: string): Promise<void> {
    await this.call("POST", `/containers/${name}/stop?t=0`);
  }

  /** Ends a container at once and removes it. */
  async remove(name: string): Promise<void> {
    await this.call("DELETE", `/containers/${name}?force=true&v=true`);
  }

  /** Makes an image of the files in `tar`. */
  async importImage(tar: Uint8Array): Promise<void> {
    await this.call("POST", `/images/create?fromSrc=-&repo=${IMAGE}`, tar);
  }

  /** Removes every container. */
  async clear(): Promise<void> {
    const all: { Id: string }[] = JSON.parse(await this.get("/containers/json?all=true"));
    await Promise.all(all.map(({ Id }) => this.remove(Id)));
  }
}

async function readLines(answer: Response, take: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.filter((line) => line.trim() !== "").forEach(take);
  }
}
