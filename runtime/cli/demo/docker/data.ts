/**
 * What the engine runs: the lighthouse's own services.
 *
 * @module
 */

/** A container. */
export interface SampleContainer {
  /** Its name. */
  readonly name: string;
  /** What it was made from: the tag of an image. */
  readonly image: string;
  /** What it runs. */
  readonly command: readonly string[];
  /** Variables, as `NAME=value`. */
  readonly env: readonly string[];
  /** The service of the project `lighthouse` that it belongs to; none where it is missing. */
  readonly service?: string;
  /** The port inside, the port of the host. */
  readonly port?: readonly [number, number];
  /** ISO dates. */
  readonly created: string;
  /** When it was last started. */
  readonly started: string;
  /** When it ended, and with what; up where it is missing. */
  readonly ended?: { readonly at: string; readonly code: number };
  /** What it printed, a line each. */
  readonly log: readonly string[];
  /** Where it goes on to print: what line `turn` is, from 1 on. */
  readonly next?: (turn: number) => string;
}

/** An image. */
export interface SampleImage {
  /** Its tags. */
  readonly tags: readonly string[];
  /** ISO date. */
  readonly created: string;
  /** Bytes. */
  readonly size: number;
}

/** The directions in which the lamp shines, one a turn. */
const BEARINGS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];

/** Every container, the newest first. */
export const CONTAINERS: readonly SampleContainer[] = [
  {
    name: "lamp",
    image: "lighthouse/lamp:1.4.0",
    command: ["/lamp", "--range=18"],
    env: ["PATH=/usr/bin:/bin", "RANGE_IN_MILES=18"],
    service: "lamp",
    created: "2026-03-18T18:00:00Z",
    started: "2026-03-18T18:00:01Z",
    log: ["lamp 1.4.0", "lit"],
    next: (turn) => `turn ${turn}: bearing ${BEARINGS[turn % BEARINGS.length]}, sight 9 miles`,
  },
  {
    name: "web",
    image: "nginx:1.27",
    command: ["nginx", "-g", "daemon off;"],
    env: ["PATH=/usr/sbin:/usr/bin", "NGINX_VERSION=1.27.4"],
    service: "web",
    port: [80, 8_080],
    created: "2026-03-18T17:59:00Z",
    started: "2026-03-18T17:59:01Z",
    log: [
      '192.0.2.18 - - [18/Mar/2026:18:03:11 +0000] "GET /tides HTTP/1.1" 200 812',
      '192.0.2.18 - - [18/Mar/2026:18:03:12 +0000] "GET /fog HTTP/1.1" 404 153',
    ],
  },
  {
    name: "backup",
    image: "busybox:1.37",
    command: ["tar", "-cf", "/backup/logbook.tar", "/logbook"],
    env: ["PATH=/bin"],
    created: "2026-03-17T02:00:00Z",
    started: "2026-03-17T02:00:00Z",
    ended: { at: "2026-03-17T02:00:09Z", code: 1 },
    log: ["tar: /logbook: No such file or directory"],
  },
];

/** Every image. */
export const IMAGES: readonly SampleImage[] = [
  {
    tags: ["lighthouse/lamp:1.4.0", "lighthouse/lamp:latest"],
    created: "2026-03-12T17:06:58Z",
    size: 8_120_421,
  },
  { tags: ["nginx:1.27"], created: "2026-02-05T21:27:16Z", size: 192_000_311 },
  { tags: ["busybox:1.37"], created: "2024-09-26T21:31:42Z", size: 4_269_678 },
];

/** Names and drivers of the networks. */
export const NETWORKS: readonly (readonly [string, string])[] = [
  ["bridge", "bridge"],
  ["host", "host"],
  ["lighthouse_default", "bridge"],
];

/** Names of the volumes. */
export const VOLUMES: readonly string[] = ["lighthouse_logbook"];
