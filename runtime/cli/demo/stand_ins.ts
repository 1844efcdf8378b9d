/**
 * Every stand-in of the demo: small upstreams on this machine, with sample data.
 *
 * @module
 */
import type { Clock } from "../../base/clock.ts";
import { ArxivAnswers } from "./arxiv/answers.ts";
import { PAPERS } from "./arxiv/data.ts";
import { startDns } from "./dns/server.ts";
import { startDocker } from "./docker/server.ts";
import { startGitHub } from "./github/server.ts";
import { listen } from "./http.ts";
import { startLinear } from "./linear/server.ts";

/** Where they are: `127.0.0.1` and a port, but for the engine. */
export interface Addresses {
  /** GitHub's API. */
  readonly github: string;
  /** Where GitHub keeps logs. */
  readonly logs: string;
  /** Linear's API. */
  readonly linear: string;
  /** arXiv. */
  readonly arxiv: string;
  /** A name server. */
  readonly dns: string;
  /** The path of the Docker Engine's socket. */
  readonly docker: string;
}

/** Stand-ins that answer. */
export interface StandIns {
  /** Where they are. */
  readonly addresses: Addresses;
  /** Ends them. */
  close(): Promise<void>;
}

/** Starts them all, the Docker Engine on the socket `docker`; what it prints follows `clock`. */
export async function startStandIns(docker: string, clock: Clock): Promise<StandIns> {
  const github = startGitHub();
  const papers = new ArxivAnswers();
  papers.add(...PAPERS);
  const arxiv = listen((request) => papers.answer(new URL(request.url)));
  const linear = startLinear();
  const engine = startDocker(docker, clock);
  const dns = await startDns();
  return {
    addresses: {
      github: github.api,
      logs: github.logs,
      linear: linear.host,
      arxiv: arxiv.host,
      dns: dns.host,
      docker: engine.host,
    },
    close: async () => {
      await Promise.all([github, arxiv, linear, engine, dns].map((one) => one.close()));
    },
  };
}
