/**
 * What the Engine's events are about (Engine API, `GET /events`): which things changed, whatever happened to them.
 *
 * Docker and Podman call some actions otherwise (`destroy` and `remove`, `die` and `died`), and either adds new ones,
 * so what is not known to change nothing is taken for a change.
 *
 * @module
 */
import { text, within } from "./json.ts";

/** A container that something happened to. */
export interface Touched {
  /** Its labels among other things, as Docker's events tell them; Podman's do not. */
  readonly labels: unknown;
  /** True where it came, went, or was given another name. */
  readonly moved: boolean;
  /** True where its networks may show it otherwise. */
  readonly wired: boolean;
}

/** Things that some events are about. */
export interface Happened {
  /** Containers by id. */
  readonly containers: Map<string, Touched>;
  /** Containers in which a program was run, which their own answer tells. */
  readonly executed: Set<string>;
  /** Images by id, where the event tells it, or an empty text. */
  readonly images: Set<string>;
  /** Networks by id; true where it came or went. */
  readonly networks: Map<string, boolean>;
  /** Volumes by name. */
  readonly volumes: Set<string>;
}

/** Actions on a container that change nothing of what is shown: signals, streams, files copied. */
const QUIET: ReadonlySet<string> = new Set([
  "kill",
  "attach",
  "detach",
  "top",
  "resize",
  "copy",
  "archive-path",
  "extract-to-dir",
  "export",
  "mount",
  "unmount",
  "prune",
]);

/** Actions by which a container comes, goes, or gets another name. */
const MOVES: ReadonlySet<string> = new Set(["create", "destroy", "remove", "rename"]);

/** Actions on a container that its networks do not show. */
const STILL: ReadonlySet<string> = new Set(["pause", "unpause", "update", "health_status", "oom", "commit"]);

/** Actions on an image or a volume that change nothing of it. */
const USES: ReadonlySet<string> = new Set(["save", "push", "mount", "unmount", "prune"]);

/** Nothing yet. */
export function nothing(): Happened {
  return {
    containers: new Map(),
    executed: new Set(),
    images: new Set(),
    networks: new Map(),
    volumes: new Set(),
  };
}

/** Adds to `all` what one event is about. */
export function note(all: Happened, event: unknown): void {
  // Podman tells a volume's name beside an empty id.
  const id = text(event, "Actor", "ID") || text(event, "Actor", "Attributes", "name") || "";
  // An action may tell its object too: `health_status: healthy`, `exec_create: /bin/sh`.
  const [action = ""] = (text(event, "Action") ?? text(event, "status") ?? "").split(":");
  const attributes = within(event, "Actor", "Attributes");
  if (id !== "") NOTES[text(event, "Type") ?? "container"]?.(all, id, action, attributes);
}

type Note = (all: Happened, id: string, action: string, attributes: unknown) => void;

/** By the type of the thing. */
const NOTES: Readonly<Record<string, Note>> = {
  container(all, id, action, attributes) {
    if (action.startsWith("exec")) return void all.executed.add(id);
    if (!QUIET.has(action)) {
      touch(all, id, { labels: attributes, moved: MOVES.has(action), wired: !STILL.has(action) });
    }
    // A commit is an event of the container, and makes an image.
    if (action === "commit") all.images.add("");
  },
  image(all, id, action) {
    if (!USES.has(action)) all.images.add(id.startsWith("sha256:") ? id : "");
  },
  network(all, id, action, attributes) {
    if (action === "prune") return;
    const connects = action === "connect" || action === "disconnect";
    all.networks.set(id, !connects || all.networks.get(id) === true);
    const container = text(attributes, "container");
    if (connects && container !== undefined) {
      touch(all, container, { labels: undefined, moved: false, wired: false });
    }
  },
  volume(all, id, action) {
    if (!USES.has(action)) all.volumes.add(id);
  },
};

function touch(all: Happened, id: string, { labels, moved, wired }: Touched): void {
  const before = all.containers.get(id);
  all.containers.set(id, {
    labels: labels ?? before?.labels,
    moved: moved || before?.moved === true,
    wired: wired || before?.wired === true,
  });
}
