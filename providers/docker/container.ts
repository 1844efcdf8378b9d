/**
 * The directory of one container.
 *
 * @module
 */
import {
  askFile,
  at,
  directory,
  type DirEntry,
  entry,
  type Node,
  notFound,
  orAbsent,
  type Projected,
  volatile,
  whole,
} from "../sdk/mod.ts";
import type { Engine } from "./engine.ts";
import { type Detail, detailOf, isUp, type Summary } from "./facts.ts";
import { unframed } from "./frames.ts";
import { mint } from "./ids.ts";
import { indented } from "./indent.ts";
import { isObject, text as textAt, within } from "./json.ts";
import { childOf, markedFile, type Place, told } from "./places.ts";

const KIND = "container";

/** The log's part of an identity. A terminal is for life, so how to read the log is part of what it is. */
const LOGS = { framed: "log", terminal: "terminal-log" };

/** The file that drafts may write. */
const WRITABLE = "state";

/** The files in the order in which they are listed. */
const FILES = ["state", "image", "inspect.json", "log", "stats.json", "env", "ports"];

/** The directory of a container: one request tells all of it but its log and its measurements. */
export function containerNode({ id, created }: Summary): Node {
  return directory(mint(KIND, id), { ...told, modified: created, listFirst: true });
}

/** What a list tells of the insides of its containers. */
export function insidesOf(containers: readonly Summary[]): Projected[] {
  return containers.flatMap(({ id, created, files }) =>
    Object.entries(files).map(([name, text]) => ({
      parent: mint(KIND, id),
      entry: entry(name, markedFile(mint(KIND, id, name), text, created, name === WRITABLE)),
    }))
  );
}

/** The directory of the container with this id. */
export function containerPlace(engine: Engine, id: string): Place {
  const children = () => childrenOf(id, detailOf(engine.document(pathOf(id))));
  return {
    lookup(name) {
      // It is always there, and never kept: to ask whether the container is there is for whoever reads it.
      if (name === "stats.json") return statsNode(id);
      const found = FILES.includes(name) ? orAbsent(children) : undefined;
      return found && childOf(found, name);
    },
    list: () => whole(children()),
  };
}

/** Every file of the container with this id. @throws {ProviderError} `not-found` where it is gone */
export function containerFiles(
  engine: Engine,
  id: string,
): { readonly files: DirEntry[]; readonly networks: string[] } {
  const document = engine.document(pathOf(id));
  const networks = within(document.value, "NetworkSettings", "Networks");
  return {
    files: childrenOf(id, detailOf(document)),
    networks: isObject(networks)
      ? Object.values(networks).flatMap((network) => textAt(network, "NetworkID") || [])
      : [],
  };
}

/** The identity of a container, or of one of its files. */
export function containerId(id: string, ...part: string[]): string {
  return mint(KIND, id, ...part);
}

/** The bytes of one of a container's files, by its part of the identity. */
export function readContainer(engine: Engine, id: string, part: string): string | Uint8Array {
  if (part === "stats.json") return readStats(engine, id);
  if (part === LOGS.framed || part === LOGS.terminal) return readLog(engine, id, part === LOGS.terminal);
  const text = detailOf(engine.document(pathOf(id))).files[part];
  if (text === undefined) throw notFound();
  return text;
}

/** True for a part of a container's identity that is a file. */
export function isContainerPart(part: string): boolean {
  return FILES.includes(part) || part === LOGS.terminal;
}

/** The Engine's path of the container with this id. */
export function pathOf(id: string): string {
  return at`/containers/${id}/json`;
}

function childrenOf(id: string, detail: Detail): DirEntry[] {
  const nodes: Record<string, Node | undefined> = {
    "log": detail.logged ? logNode(id, detail) : undefined,
    "stats.json": statsNode(id),
  };
  for (const [name, text] of Object.entries(detail.files)) {
    const date = name === "inspect.json" ? detail.changed : detail.created;
    nodes[name] = markedFile(mint(KIND, id, name), text, date, name === WRITABLE);
  }
  // The Engine fills in LogPath when somebody reads the log of a container that never ran, and tells nobody.
  if (detail.state === "created") {
    nodes["inspect.json"] = askFile(mint(KIND, id, "inspect.json"), { freshness: volatile });
  }
  return FILES.flatMap((name) => {
    const node = nodes[name];
    return node === undefined ? [] : [entry(name, node)];
  });
}

/** Nobody tells when a line is written, so the log of a container that is up is asked for each time. */
function logNode(id: string, detail: Detail): Node {
  const file = mint(KIND, id, detail.terminal ? LOGS.terminal : LOGS.framed);
  return askFile(file, isUp(detail) ? { freshness: volatile } : { ...told, modified: detail.changed });
}

function statsNode(id: string): Node {
  return askFile(mint(KIND, id, "stats.json"), { freshness: volatile });
}

/** One measurement. Without `one-shot` the Engine waits a second for another one to compare with. */
function readStats(engine: Engine, id: string): string {
  const json = engine.text(at`/containers/${id}/stats?stream=false&one-shot=true`);
  // Podman says nothing of a container that is not running.
  return json.trim() === "" ? "" : indented(json);
}

function readLog(engine: Engine, id: string, terminal: boolean): Uint8Array {
  const answer = engine.stream(at`/containers/${id}/logs?stdout=true&stderr=true`);
  return terminal ? answer.bytes : unframed(answer.bytes);
}
