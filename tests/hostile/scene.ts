/**
 * A tree with a component that does harm and a neighbour that does not, as a mount serves it but for the kernel.
 *
 * @module
 */
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { Store } from "../../runtime/cache/store.ts";
import type { Limits, Node, Provider } from "../../runtime/provider/mod.ts";
import { mountPlace } from "../../runtime/tree/place.ts";
import { InodeTable } from "../../runtime/tree/inodes.ts";
import { Bodies } from "../../runtime/vfs/bodies.ts";
import { Browser } from "../../runtime/vfs/browse.ts";
import type { Directory } from "../../runtime/vfs/directory.ts";
import { Mounts } from "../../runtime/vfs/mounts.ts";
import { Namespace } from "../../runtime/vfs/namespace.ts";
import { Troubles } from "../../runtime/vfs/troubles.ts";
import { type Mounted, mountProbe } from "../provider/harness.ts";
import { tempDir } from "../support/temp.ts";
import { deviant, type Deviation } from "./component.ts";
import type { Offender, Operation } from "./offenders.ts";

/** What a component that does harm may take: little, so that it is stopped soon. */
const STRICT: Partial<Limits> = { guestMilliseconds: 300 };

/** Time enough for an honest provider on any machine. */
const PATIENT: Partial<Limits> = { guestMilliseconds: 20_000 };

/** What `offender` may take. */
export function limitsOf({ patient = false }: Offender): Partial<Limits> {
  return patient ? PATIENT : STRICT;
}

/** A tree without a kernel. */
interface Tree {
  /** By path. */
  readonly browser: Browser;
  /** By place. */
  readonly namespace: Namespace;
}

/** The tree of `providers`. */
function treeOf(...providers: readonly Provider[]): Tree {
  const mounts = new Mounts();
  for (const provider of providers) mounts.add(provider);
  const store = new Store<Node, Directory>(64 * 2 ** 20);
  const namespace = new Namespace(mounts, store, systemClock);
  const bodies = new Bodies(namespace, store);
  const troubles = new Troubles(systemClock, new Log(systemClock, () => {}));
  return {
    browser: new Browser({ mounts, namespace, bodies, inodes: new InodeTable(), troubles }),
    namespace,
  };
}

/** Mounts a component that deviates from the contract. */
export async function mountDeviant(deviation: Deviation, limits: Partial<Limits> = STRICT): Promise<Mounted> {
  await using folder = await tempDir();
  const path = `${folder.path}/hostile.wasm`;
  await Deno.writeFile(path, await deviant(deviation));
  return await mountProbe({ mount: "hostile", source: { kind: "file", path }, limits });
}

/** Has `provider` do `operation`, as a reader would cause it; a listing to its end. */
export async function provoke(provider: Provider, operation: Operation): Promise<void> {
  if (operation === "lookup") await provider.lookupChild("", "x");
  if (operation === "read") await provider.readFile("x", 0, 2 ** 20);
  if (operation === "list") await listAll(provider);
}

/** Loads page after page, as a reader of the directory makes the tree do. */
async function listAll(provider: Provider): Promise<void> {
  const { namespace } = treeOf(provider);
  const root = mountPlace(provider.mount);
  let directory: Directory | undefined;
  do directory = await namespace.nextPage(root, directory); while (!directory.listing.complete);
}

/** Asks the neighbour for something that nobody keeps, for as long as `work` goes on; how often it answered. */
export async function servingMeanwhile(neighbour: Provider, work: Promise<unknown>): Promise<number> {
  let over = false;
  let answers = 0;
  const end = work.catch(() => {}).then(() => over = true);
  do {
    const node = await neighbour.lookupChild("", "full");
    if (node?.size !== 3) throw new Error("the neighbour answered something else");
    answers++;
  } while (!over);
  await end;
  return answers;
}
