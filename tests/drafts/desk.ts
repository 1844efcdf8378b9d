/**
 * The drafts of one mounted tree: the fields of an upstream are the files of the mount `test`, and new ones can be made
 * in its directory `/new`.
 *
 * @module
 */
import { Bus, type BusEvent } from "../../runtime/base/bus.ts";
import { type Clock, systemClock } from "../../runtime/base/clock.ts";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { Log } from "../../runtime/base/log.ts";
import {
  type Draft,
  Drafts,
  DraftStore,
  type LivePlace,
  type LiveTree,
  type Work,
} from "../../runtime/drafts/mod.ts";
import { tempDir } from "../support/temp.ts";
import { Upstream } from "./scene.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** How a desk differs from the usual. */
export interface DeskOptions {
  /** The upstream; one with `state` and `title` unless told. */
  readonly upstream?: Upstream;
  /** True unless told: `--allow-apply` for the mount. */
  readonly granted?: boolean;
  /** What tells the leader of a session; nobody is one unless told. */
  readonly leaderOf?: (session: number) => string | undefined;
  /** Takes down what is about to be done. */
  readonly witness?: (work: Work) => Promise<void>;
  /** The time; the system's unless told. */
  readonly clock?: Clock;
}

/** Drafts, and what comes of them. */
export interface Desk extends AsyncDisposable {
  /** What they change. */
  readonly upstream: Upstream;
  /** The drafts. */
  readonly drafts: Drafts;
  /** Stages a text at a path below the mount `test`. */
  write(draft: Draft, path: string, content: string): Promise<void>;
  /** Every event. */
  readonly events: BusEvent[];
  /** The operator's log. */
  readonly lines: string[];
}

/** The drafts in the folder `dir`, as a new process finds them. */
export async function openDesk(dir: string, options: DeskOptions = {}): Promise<Desk> {
  const { upstream = new Upstream({ state: "open", title: "old" }), granted = true } = options;
  const { clock = { ...systemClock, after: (_, fire) => (queueMicrotask(fire), () => {}) } } = options;
  const [events, lines]: [BusEvent[], string[]] = [[], []];
  const bus = new Bus(clock);
  bus.subscribe((event) => void events.push(event));
  const log = new Log(clock, (line) => void lines.push(line));
  let last = 0;
  const drafts = new Drafts({
    store: await DraftStore.open(dir, clock, log),
    clock,
    log,
    bus,
    unique: () => `attempt-${clock.now()}-${last++}`,
    live: new Fields(upstream),
    mutations: (mount) => mount === "test" || mount === "other" ? upstream : undefined,
    granted: () => granted,
    leaderOf: options.leaderOf ?? (() => undefined),
    witness: options.witness ?? (() => Promise.resolve()),
    changed: () => {},
  });
  return {
    upstream,
    drafts,
    events,
    lines,
    write: (draft, path, content) => drafts.paths.write(draft, "test", path, bytes(content)),
    [Symbol.asyncDispose]: () => drafts.close(),
  };
}

/** The body of a test with a desk in a folder of its own. */
export function onDesk(
  test: (desk: Desk, dir: string) => Promise<void>,
  options: DeskOptions = {},
): () => Promise<void> {
  return async () => {
    await using dir = await tempDir();
    await using desk = await openDesk(dir.path, options);
    await test(desk, dir.path);
  };
}

/** Fields as files: `/title`; and the directory `/new`, which takes more of them. */
class Fields implements LiveTree {
  readonly #upstream: Upstream;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  spelled(_mount: string, path: string): Promise<string> {
    return Promise.resolve(path);
  }

  at(_mount: string, path: string): Promise<LivePlace> {
    return Promise.resolve().then(() => this.#at(path));
  }

  below(): Promise<[]> {
    return Promise.resolve([]);
  }

  #at(path: string): LivePlace {
    const [name = "", ...more] = path.split("/").slice(1);
    const common = { name, path, version: undefined };
    if (name === "new") {
      const entry = { ...common, parent: "", id: "new", directory: true };
      if (more.length === 0) return { entry, bytes: undefined, parent: "", writable: true };
      const [field = ""] = more;
      const made = this.#upstream.fields.get(field);
      if (more.length === 1 && made !== undefined) {
        const entry = { parent: "new", name: field, path, id: field, version: undefined, directory: false };
        return { entry, bytes: bytes(made), parent: "new", writable: true };
      }
      if (more.length === 1) return { entry: undefined, bytes: undefined, parent: "new", writable: true };
    }
    if (more.length > 0) throw new OmnifsError("not-a-directory", `no directory above ${path}`);
    const value = this.#upstream.fields.get(name);
    if (value === undefined) return { entry: undefined, bytes: undefined, parent: "", writable: false };
    const entry = { ...common, parent: "", id: name, directory: false };
    return { entry, bytes: bytes(value), parent: "", writable: name !== "fixed" };
  }
}
