/**
 * The upstream of the demo as its daemon sees it: targets to grant, and settings that lead to them.
 *
 * @module
 */
import { join } from "node:path";
import { OmnifsError } from "../../base/errors.ts";
import type { DaemonOptions } from "../../control/options.ts";
import type { Addresses } from "./stand_ins.ts";

/** Stand-ins that answer, in a thread of their own: it may use loopback and one socket, and outlives no process. */
export interface DemoUpstream extends AsyncDisposable {
  /** What has to be granted, and nothing else. */
  readonly allowNet: readonly string[];
  /** What the providers have to be told. */
  readonly settings: DaemonOptions["settings"];
}

/** Starts it. */
export async function startUpstream(): Promise<DemoUpstream> {
  const dir = await Deno.makeTempDir({ prefix: `omnifs-demo-${Deno.pid}-` });
  const worker = spawn(dir);
  const end = async () => {
    worker.terminate();
    await Deno.remove(dir, { recursive: true });
  };
  try {
    const addresses = await addressesFrom(worker, join(dir, "docker.sock"));
    return { ...grantsFor(addresses), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function spawn(dir: string): Worker {
  // Deno 2.9 counts a socket among the addresses that one may listen on, 2.7 does not know that one.
  const attempts = [["127.0.0.1", `unix:${join(dir, "docker.sock")}`], ["127.0.0.1"]];
  for (const net of attempts) {
    try {
      return new Worker(new URL("./worker.ts", import.meta.url), {
        type: "module",
        name: "omnifs demo",
        deno: { permissions: { net, read: [dir], write: [dir] } },
      });
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
    }
  }
  throw new OmnifsError("internal", "this Deno refuses the demo's thread its permissions");
}

function addressesFrom(worker: Worker, socket: string): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Addresses>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new OmnifsError("unavailable", `the demo's upstream could not be started: ${event.message}`));
    };
    worker.postMessage(socket);
  });
}

function grantsFor({ github, logs, linear, arxiv, dns, docker }: Addresses) {
  return {
    allowNet: [github, logs, linear, arxiv, dns, `unix:${docker}`],
    settings: {
      github: { api_url: `http://${github}`, log_hosts: logs },
      linear: { endpoint: `http://${linear}/graphql` },
      docker: { socket: docker },
      // Nobody but arXiv itself asks for three seconds between two requests.
      arxiv: { api_url: `http://${arxiv}/api/query`, content_url: `http://${arxiv}`, pace_ms: "0" },
      dns: { resolver: dns },
    },
  };
}
