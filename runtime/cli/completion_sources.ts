/**
 * The words that a shell may offer and that no table holds: what runs, what is installed, what is in the tree.
 *
 * @module
 */
import { ControlClient } from "../control/client.ts";
import { findDaemons, type FoundDaemon } from "../control/places.ts";
import type { Context, Values } from "./command.ts";
import type { Candidate, Offer, Source } from "./completion.ts";
import { absolute, locateIn, serves, within } from "./daemons.ts";
import { daemonOptions, NO_GRANTS } from "./grants.ts";
import { installedProviders } from "./installed.ts";
import { inspector } from "./providers.ts";
import { COMMAND_NAMES } from "./registry.ts";
import { readRemembered } from "./remembered.ts";

/** Most entries of a directory that are offered. */
const ENTRIES_MAX = 1_000;

/** What every source gets. */
interface Asked {
  readonly context: Context;
  readonly word: string;
  readonly mount: string | undefined;
}

const LISTS: Readonly<Record<Exclude<Extract<Values, string>, "file" | "dir" | "tree">, Lister>> = {
  daemon: async ({ context }) =>
    (await findDaemons(context.environment)).flatMap(({ dirs, name }) =>
      (dirs.length > 0 ? dirs : [name]).map((word) => ({ word }))
    ),
  mount: async (asked) =>
    (await statusOf(asked)).map(({ mount, summary }) => ({ word: mount, about: summary })),
  provider: async (asked) => [...await bundled(asked), ...await installed(asked)],
  draft: async (asked) => {
    const client = clientOf(await daemonOf(asked));
    const drafts = await client?.drafts(asked.context.signal) ?? [];
    return drafts.map(({ name, mount, changes }) => ({
      word: name,
      about: `${changes.length} of ${mount ?? "none"}`,
    }));
  },
  target: async ({ context }) =>
    (await readRemembered(context.environment)).map(({ target }) => ({ word: target })),
  command: () => Promise.resolve(COMMAND_NAMES.map((word) => ({ word }))),
};

type Lister = (asked: Asked) => Promise<readonly Candidate[]>;

/** Asks whatever runs, until the signal of `context`. */
export function sourceOf(context: Context): Source {
  return async (values, word, mount) => {
    if (typeof values !== "string") return { candidates: values.map((each) => ({ word: each })) };
    if (values === "file" || values === "dir") return { candidates: [], shell: values };
    // A component in a file is named by its path.
    if (values === "provider" && /[./]/.test(word)) return { candidates: [], shell: "file" };
    const asked = { context, word, mount };
    return values === "tree" ? await treeOffer(asked) : { candidates: await LISTS[values](asked) };
  };
}

function clientOf(daemon: FoundDaemon | undefined): ControlClient | undefined {
  return daemon === undefined ? undefined : new ControlClient(daemon.socketPath);
}

/** The daemon that is meant, where that is plain: no completion ever says that it is not. */
async function daemonOf({ context, word, mount }: Asked): Promise<FoundDaemon | undefined> {
  const daemons = await findDaemons(context.environment);
  if (mount !== undefined) {
    return daemons.find((daemon) => serves(daemon, absolute(mount), mount));
  }
  const around = daemons.find(({ dirs }) => dirs.some((dir) => within(dir, word)));
  return around ?? (daemons.length === 1 ? daemons[0] : undefined);
}

async function statusOf(asked: Asked) {
  const client = clientOf(await daemonOf(asked));
  return (await client?.status(asked.context.signal))?.providers ?? [];
}

async function bundled({ context }: Asked): Promise<readonly Candidate[]> {
  const { listProviders } = await inspector();
  const providers = await listProviders(daemonOptions(NO_GRANTS, context), []);
  return providers.map(({ name, summary }) => ({ word: name, about: summary }));
}

async function installed({ context }: Asked): Promise<readonly Candidate[]> {
  return (await installedProviders(context.environment)).map(({ name, path }) => ({
    word: name,
    about: path,
  }));
}

/** The children of the directory that the word is in; and mount points, which the word may be on the way to. */
async function treeOffer(asked: Asked): Promise<Offer> {
  const { word, context } = asked;
  const mounts = (await findDaemons(context.environment)).flatMap(({ dirs }) => dirs)
    .filter((dir) => word.startsWith("/") && `${dir}/`.startsWith(word)).map((dir) => ({ word: `${dir}/` }));
  const daemon = await daemonOf(asked);
  const client = clientOf(daemon);
  if (daemon === undefined || client === undefined) return { candidates: mounts, paths: true };
  // Where nothing is typed yet, the root is meant, except in the mount point itself.
  const typed = word === "" && !daemon.dirs.some((dir) => within(dir, "")) ? "/" : word;
  const parent = typed.slice(0, typed.lastIndexOf("/") + 1);
  const own = typed.slice(parent.length);
  const found: Candidate[] = [];
  try {
    for await (const { name, kind } of client.list(locateIn(daemon.dirs, parent), context.signal)) {
      // A dot begins what was not asked for, as elsewhere.
      if (name.startsWith(own) && (own !== "" || !name.startsWith("."))) {
        found.push({ word: `${parent}${name}${kind === "directory" ? "/" : ""}` });
      }
      if (found.length >= ENTRIES_MAX) break;
    }
  } catch {
    // What came in time is offered.
  }
  return { candidates: [...found, ...mounts], paths: true };
}
