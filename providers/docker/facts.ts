/**
 * What is shown of a container, out of either answer that tells of it: the list's, and its own.
 *
 * @module
 */
import { textOf } from "../sdk/mod.ts";
import type { Document } from "./engine.ts";
import { indented } from "./indent.ts";
import { dateOf, isObject, type Json, objects, text, texts, within } from "./json.ts";

/** What a list tells of one container. */
export interface Summary {
  /** Its 64 digits. */
  readonly id: string;
  /** Its names, without the leading slash; its own first, then those that links give it, such as `web/db`. */
  readonly names: readonly string[];
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly created: number | undefined;
  /** Its labels. */
  readonly labels: unknown;
  /** The texts of the files that the list tells of. */
  readonly files: Readonly<Record<string, string>>;
  /** Its state: `running`, `exited` and so on. */
  readonly state: string;
}

/** What the Engine tells of a container that is asked for alone. */
export interface Detail {
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly created: number | undefined;
  /** When it was last started or ended, or made. */
  readonly changed: number | undefined;
  /** The texts of the files that are told. */
  readonly files: Readonly<Record<string, string>>;
  /** Its state. */
  readonly state: string;
  /** True where it has a terminal: its log is then as it was written, without frames. */
  readonly terminal: boolean;
  /** True where it keeps a log. */
  readonly logged: boolean;
}

/** Words of Podman for what Docker has other words for. */
const STATES: Readonly<Record<string, string>> = { configured: "created", stopped: "exited" };

/** The states in which a container is up, and may write to its log at any time. */
const UP: ReadonlySet<string> = new Set(["running", "paused", "restarting", "stopping"]);

/** True for a container that is up, as `docker ps` means it. */
export function isUp({ state }: { readonly state: string }): boolean {
  return UP.has(state);
}

/** What the list's answer tells of each container in it. */
export function summariesOf(value: unknown): Summary[] {
  return objects(value).flatMap((item) => {
    const id = text(item, "Id");
    return id === undefined ? [] : [summaryOf(id, item)];
  });
}

function summaryOf(id: string, item: Json): Summary {
  const state = stateOf(text(item, "State"));
  const image = text(item, "Image");
  return {
    id,
    names: namesOf(item, id),
    created: dateOf(item["Created"]),
    labels: item["Labels"],
    state,
    files: {
      "state": textOf(state),
      // Once its tag has gone to another image, the list has the image's id there, and not what was asked for.
      ...(image === undefined || image === text(item, "ImageID") ? {} : { "image": textOf(image) }),
      "ports": textOf(objects(item["Ports"]).flatMap(listedPort).toSorted(byPort)),
    },
  };
}

/** What a container's own answer tells. */
export function detailOf({ value, json }: Document): Detail {
  const state = stateOf(text(value, "State", "Status"));
  const dates = [value["Created"], within(value, "State", "StartedAt"), within(value, "State", "FinishedAt")];
  const known = dates.map(dateOf).filter((date) => date !== undefined);
  return {
    created: dateOf(value["Created"]),
    changed: known.length === 0 ? undefined : Math.max(...known),
    state,
    terminal: within(value, "Config", "Tty") === true,
    logged: text(value, "HostConfig", "LogConfig", "Type") !== "none",
    files: {
      "state": textOf(state),
      "image": textOf(text(value, "Config", "Image")),
      "inspect.json": indented(json),
      "env": textOf(texts(value, "Config", "Env")),
      "ports": textOf(bindings(within(value, "NetworkSettings", "Ports")).toSorted(byPort)),
    },
  };
}

function stateOf(told: string | undefined): string {
  const state = (told ?? "").toLowerCase();
  return STATES[state] ?? state;
}

/** Its own name first: a link's name has a slash in it. One that is being removed may have none. */
function namesOf(item: Json, id: string): string[] {
  const names = texts(item, "Names").map((name) => name.replace(/^\//, "")).filter((name) => name !== "");
  if (names.length === 0) return [id];
  return names.toSorted((a, b) => Number(a.includes("/")) - Number(b.includes("/")));
}

/** One published port of a list, as `docker port` prints it. A port that is only exposed is none. */
function listedPort(port: Json): string[] {
  const { IP, PrivatePort, PublicPort, Type } = port;
  return typeof PublicPort === "number" && PublicPort > 0
    ? [portLine(`${PrivatePort}/${Type}`, IP, String(PublicPort))]
    : [];
}

/** The published ports of a container's own answer, where each port has a list of bindings or `null`. */
function bindings(ports: unknown): string[] {
  if (!isObject(ports)) return [];
  return Object.entries(ports).flatMap(([port, bound]) =>
    objects(bound).map((one) => portLine(port, one["HostIp"], String(one["HostPort"])))
  );
}

/** `80/tcp -> 127.0.0.1:8080`; no address is every address. */
function portLine(port: string, address: unknown, hostPort: string): string {
  const host = typeof address === "string" && address !== "" ? address : "0.0.0.0";
  return `${port} -> ${host.includes(":") ? `[${host}]` : host}:${hostPort}`;
}

/** By the container's port as a number, then by the text. */
function byPort(a: string, b: string): number {
  return parseInt(a) - parseInt(b) || (a < b ? -1 : a > b ? 1 : 0);
}
