/**
 * A stand-in for a Docker Engine: what a reader asks for, over a Unix socket. One of its containers goes on to print.
 *
 * @module
 */
import type { Clock } from "../../../base/clock.ts";
import { failure, listen, type Listening, type Route, routed } from "../http.ts";
import {
  type Answer,
  containerId,
  diskUsage,
  imageSummary,
  info,
  inspected,
  inspectedImage,
  labelsOf,
  networks,
  stats,
  summary,
  VERSION,
  volumes,
} from "./answers.ts";
import { CONTAINERS, IMAGES, type SampleContainer } from "./data.ts";

/** Milliseconds between two lines of a container that goes on to print. */
const TURN = 2_000;

/** The most lines that it prints, as if its log were turned over: about an hour of them. */
const MOST_LINES = 2_000;

/** What a question gets. */
interface Asked {
  readonly query: URLSearchParams;
  /** Now, as an ISO date. */
  readonly now: string;
  /** Turns since the engine started. */
  readonly turns: number;
}

/** What is found: JSON, the bytes of a log, or a stream of events. */
type Found =
  | { readonly json: Answer | readonly Answer[] | undefined }
  | { readonly log: Uint8Array<ArrayBuffer> }
  | { readonly events: "open" | "over" };

const ROUTES: readonly Route<Asked, Found>[] = [
  [/^\/containers\/json$/, (_, { query }) => ({ json: labelled(query).map(summary) })],
  [/^\/containers\/([^/]+)\/json$/, ([id]) => ({ json: ofContainer(id, inspected) })],
  [/^\/containers\/([^/]+)\/stats$/, ([id], { now }) => ({
    json: ofContainer(id, (container) => stats(container, now)),
  })],
  [
    /^\/containers\/([^/]+)\/logs$/,
    ([id], { turns }) => ofContainer(id, (container) => ({ log: framed(linesOf(container, turns)) })) ?? NONE,
  ],
  [/^\/images\/json$/, () => ({ json: IMAGES.map(imageSummary) })],
  [/^\/images\/(.+)\/json$/, ([key = ""]) => ({ json: inspectedImage(key) })],
  [/^\/networks$/, () => ({ json: networks() })],
  [/^\/networks\/([^/]+)$/, ([id]) => ({ json: networks().find(({ Id }) => Id === id) })],
  [/^\/volumes$/, () => ({ json: { Volumes: volumes(), Warnings: null } })],
  [/^\/volumes\/([^/]+)$/, ([name]) => ({ json: volumes().find(({ Name }) => Name === name) })],
  [/^\/version$/, () => ({ json: VERSION })],
  [/^\/info$/, (_, { now }) => ({ json: info(now) })],
  [/^\/system\/df$/, () => ({ json: diskUsage() })],
  [/^\/events$/, (_, { query }) => ({ events: query.has("until") ? "over" : "open" })],
];

const NONE: Found = { json: undefined };

/** Starts it on the Unix socket at `path`. */
export function startDocker(path: string, clock: Clock): Listening {
  const began = clock.now();
  return listen((request) => {
    const url = new URL(request.url);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return failure(405, "This stand-in only reads");
    }
    const now = clock.now();
    const turns = Math.trunc((now - began) / TURN);
    const given = { query: url.searchParams, now: new Date(now).toISOString(), turns };
    // Clients may say which version of the API they speak.
    return responseTo(routed(ROUTES, url.pathname.replace(/^\/v1\.\d+\//, "/"), given));
  }, path);
}

function responseTo(found: Found | undefined): Response {
  if (found === undefined) return failure(404, "page not found");
  if ("log" in found) {
    return new Response(found.log, {
      headers: { "content-type": "application/vnd.docker.multiplexed-stream" },
    });
  }
  if ("events" in found) {
    // Nothing ever happens here. The stream stays open, so that whoever listens knows that it would hear.
    const body = found.events === "open" ? new ReadableStream() : "";
    return new Response(body, { headers: { "content-type": "application/json" } });
  }
  return found.json === undefined ? failure(404, "No such object") : Response.json(found.json);
}

/** The containers with the labels that a filter names, as `label` or `label=value`. */
function labelled(query: URLSearchParams): SampleContainer[] {
  const { label = [] }: { label?: string[] } = JSON.parse(query.get("filters") ?? "{}");
  return CONTAINERS.filter((container) => {
    const labels = labelsOf(container);
    return label.every((one) => {
      const [name = "", value] = one.split("=");
      return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value);
    });
  });
}

function ofContainer<Value>(
  id: string | undefined,
  make: (container: SampleContainer) => Value,
): Value | undefined {
  const container = CONTAINERS.find((one) => containerId(one) === id || one.name === id);
  return container && make(container);
}

function linesOf({ log, next }: SampleContainer, turns: number): string[] {
  const count = next === undefined ? 0 : Math.min(turns, MOST_LINES);
  return [...log, ...Array.from({ length: count }, (_, index) => next?.(index + 1) ?? "")];
}

/** Lines as the Engine sends what was written to standard output: each behind a header of 8 bytes. */
function framed(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  const bytes = lines.map((line) => new TextEncoder().encode(`${line}\n`));
  const all = new Uint8Array(bytes.reduce((sum, { length }) => sum + 8 + length, 0));
  const view = new DataView(all.buffer);
  let at = 0;
  for (const line of bytes) {
    view.setUint8(at, 1);
    view.setUint32(at + 4, line.length);
    all.set(line, at + 8);
    at += 8 + line.length;
  }
  return all;
}
