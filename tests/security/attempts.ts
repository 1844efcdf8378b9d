/**
 * What a thread must not be able to do, as attempts that it makes itself: the same list for every kind of thread.
 *
 * @module
 */

/** Where the attempts go. */
export interface Aims {
  /** A TCP port on 127.0.0.1 where somebody listens. */
  readonly port: number;
  /** The path below that port. */
  readonly path: string;
  /** A Unix socket on which somebody listens. */
  readonly socket: string;
  /** A script that can be read; as a worker of the name `spawned` it says so. */
  readonly file: string;
  /** A file that can be made. */
  readonly newFile: string;
  /** A program that makes `newFile` when it is run. */
  readonly program: readonly string[];
}

/** What came of each attempt: `did`, or the name of the error. */
export type Outcomes = Readonly<Record<string, string>>;

/** Those attempts that reach the network, by name. */
export const NETWORK: readonly string[] = [
  "fetch",
  "connect",
  "connectUnix",
  "webSocket",
  "resolve",
  "listen",
  "nodeNet",
  "importUrl",
  "workerWithNet",
  "ask",
];

/**
 * Makes every attempt. It is one function without a word from outside, so that its text can be run as the script of a
 * component too.
 */
export async function attempt(aims: Aims): Promise<Outcomes> {
  const { port, path, socket, file, newFile, program: [name = "", ...args] } = aims;
  const url = `http://127.0.0.1:${port}/${path}`;
  const attempts: Record<string, () => unknown> = {
    fetch: async () => await (await fetch(url)).text(),
    connect: async () => (await Deno.connect({ hostname: "127.0.0.1", port })).close(),
    connectUnix: async () => (await Deno.connect({ transport: "unix", path: socket })).close(),
    webSocket: () => new WebSocket(url.replace("http", "ws")),
    resolve: async () =>
      await Deno.resolveDns("localhost", "A", { nameServer: { ipAddr: "127.0.0.1", port } }),
    listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    nodeNet: async () => {
      // Where `process` was taken away, the import of a module of Node ends the thread.
      const { connect } = process && await import("node:net");
      await new Promise<void>((resolve, reject) => {
        const connection = connect({ host: "127.0.0.1", port });
        connection.once("connect", () => resolve(void connection.destroy()));
        connection.once("error", reject);
      });
    },
    importUrl: async () => await import(`${url}module.js`),
    workerWithNet: () =>
      new Worker("data:text/javascript,", { type: "module", deno: { permissions: { net: true } } })
        .terminate(),
    ask: async () => {
      const { state } = await Deno.permissions.request({ name: "net" });
      if (state !== "granted") throw new Deno.errors.NotCapable();
    },
    read: async () => await Deno.readTextFile(file),
    nodeRead: async () => (process && await import("node:fs")).readFileSync(file),
    write: async () => await Deno.writeTextFile(newFile, ""),
    env: () => Deno.env.get("HOME"),
    run: async () => await new Deno.Command(name, { args }).output(),
    ffi: () => Deno.dlopen("libc.so.6", {}),
    sys: () => Deno.hostname(),
    importFile: async () => await import(`file://${file}`),
    workerFromFile: async () => {
      const worker = new Worker(`file://${file}`, { type: "module", name: "spawned" });
      try {
        await new Promise<void>((resolve, reject) => {
          worker.onmessage = () => resolve();
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Deno.errors.NotCapable(event.message));
          };
        });
      } finally {
        worker.terminate();
      }
    },
  };
  const outcomes: Record<string, string> = {};
  for (const [what, make] of Object.entries(attempts)) {
    outcomes[what] = await Promise.try(make).then(
      () => "did",
      (error) => error?.code ?? error?.name ?? "failed",
    );
  }
  return outcomes;
}
