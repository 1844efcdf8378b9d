/**
 * What a daemon tells in one second, with every field filled.
 *
 * @module
 */
import type { InspectDocument, MountFigures } from "../../runtime/control/inspect_documents.ts";

/** Noon, UTC. */
export const NOON = 1_700_049_600_000;

const NONE = { p50: null, p99: null, max: null };

/** A provider that did nothing. */
function idle(mount: string, changes: Partial<MountFigures> = {}): MountFigures {
  return {
    mount,
    state: "ready",
    operations: { count: 0, failures: 0, latency: NONE },
    callouts: { count: 0, failures: 0, statuses: {}, bytes: 0, latency: NONE, underway: 0 },
    waiting: 0,
    ...changes,
  };
}

const SPREAD = { p50: 3.25, p99: 41, max: 48 };

/** GitHub is read, Linear was not granted, and a watch is lost. */
export function second(changes: Partial<InspectDocument> = {}): InspectDocument {
  const callouts = {
    count: 3,
    failures: 1,
    statuses: { "4xx": 1, "2xx": 2 },
    bytes: 2_048,
    latency: SPREAD,
    underway: 2,
  };
  const operations = { count: 5, failures: 1, latency: SPREAD };
  return {
    time: NOON,
    seconds: 1,
    version: "0.1.0",
    pid: 42,
    dir: "/home/ada/omnifs",
    uptimeMilliseconds: 90_000,
    kernel: { messages: 120, notifications: 4 },
    operations: {
      ...operations,
      latest: [
        { time: NOON, op: "lookup", path: "/github/acme", milliseconds: 48, failure: null },
        {
          time: NOON,
          op: "read",
          path: "/github/acme/api/title",
          milliseconds: 3.25,
          failure: "rate-limited",
        },
      ],
    },
    callouts: {
      ...callouts,
      latest: [
        {
          time: NOON,
          mount: "github",
          method: "get",
          url: "https://api.github.com/users/acme",
          outcome: 200,
          milliseconds: 41,
        },
        {
          time: NOON,
          mount: "github",
          method: "get",
          url: "https://api.github.com/repos/acme/api",
          outcome: "timeout",
          milliseconds: 10_000,
        },
      ],
    },
    mounts: [idle("github", { operations, callouts, waiting: 1 }), idle("linear", { state: "withheld" })],
    cache: {
      hits: 90,
      misses: 10,
      loads: 10,
      joined: 0,
      overtaken: 0,
      evictions: 0,
      invalidations: 0,
      bytes: 1_536,
      maxBytes: 268_435_456,
      nodes: 12,
      listings: 3,
    },
    answers: { hits: 9, misses: 1 },
    watches: {
      alive: 2,
      lost: 1,
      sources: [{
        mount: "github",
        source: "poll",
        watches: 2,
        up: 1,
        lastWord: NOON - 5_000,
        oldestWord: null,
      }],
      troubles: [{
        mount: "github",
        watch: "repo:1",
        state: "lost",
        since: NOON,
        confirmedAt: NOON,
        trouble: "no source answers",
      }],
    },
    events: [],
    applies: ["github"],
    ...changes,
  };
}
