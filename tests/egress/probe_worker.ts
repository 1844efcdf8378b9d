/**
 * Tries from inside a thread what that thread must not be able to do, and says what came of it.
 *
 * @module
 */
import { lookup } from "node:dns/promises";

declare const self: {
  onmessage: ((event: MessageEvent<Probe>) => void) | null;
  postMessage(message: Record<string, string>): void;
};

/** What to try. */
export interface Probe {
  /** A URL that was granted. */
  readonly granted: string;
  /** A URL that was not. */
  readonly withheld: string;
}

self.onmessage = async ({ data }) => {
  const attempts: Record<string, () => unknown> = {
    granted: async () => await (await fetch(data.granted)).text(),
    withheld: async () => await (await fetch(data.withheld)).text(),
    connect: async () => (await Deno.connect({ hostname: "127.0.0.1", port: 9 })).close(),
    listen: () => Deno.listen({ port: 0 }).close(),
    resolve: async () => await lookup("example.com"),
    env: () => Deno.env.get("HOME"),
    read: async () => await Deno.readTextFile("/etc/hostname"),
    write: async () => await Deno.writeTextFile("/tmp/omnifs-probe", ""),
    run: async () => await new Deno.Command(Deno.execPath()).output(),
    ffi: () => Deno.dlopen("libc.so.6", {}),
    sys: () => Deno.hostname(),
    import: async () => await import(data.withheld),
    worker: () => new Worker(import.meta.url, { type: "module", deno: { permissions: { net: true } } }),
  };
  const outcomes: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    outcomes[name] = await Promise.try(attempt).then((value) => `did: ${value}`, describe);
  }
  self.postMessage(outcomes);
};

function describe(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return code ?? (error instanceof Error ? error.name : String(error));
}
