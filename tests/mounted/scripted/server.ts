/**
 * A tree that a test writes on, mounted at the directory of the first argument; the second says when to announce
 * changes by inotify. It prints the address at which it takes the operations, and ends with its standard input.
 *
 * @module
 */
import { type Mount, mount } from "../../../fuse/mod.ts";
import { Bus } from "../../../runtime/base/bus.ts";
import { systemClock } from "../../../runtime/base/clock.ts";
import { Log } from "../../../runtime/base/log.ts";
import { Store } from "../../../runtime/cache/store.ts";
import type { Invalidation } from "../../../runtime/provider/mod.ts";
import type { Node } from "../../../runtime/provider/node.ts";
import { InodeTable } from "../../../runtime/tree/inodes.ts";
import { Announcements, type InotifyMode } from "../../../runtime/vfs/announcements.ts";
import { Bodies } from "../../../runtime/vfs/bodies.ts";
import type { Directory } from "../../../runtime/vfs/directory.ts";
import { OmnifsFileSystem } from "../../../runtime/vfs/filesystem.ts";
import { Invalidator } from "../../../runtime/vfs/invalidator.ts";
import { Mounts } from "../../../runtime/vfs/mounts.ts";
import { Namespace } from "../../../runtime/vfs/namespace.ts";
import { Kernels } from "../../../runtime/vfs/kernels.ts";
import { Notices } from "../../../runtime/vfs/notices.ts";
import { Troubles } from "../../../runtime/vfs/troubles.ts";
import { answerControl } from "../../support/operations.ts";
import { FakeProjection } from "../../vfs/fake_projection.ts";
import type { Operations, Saying } from "./tree.ts";

const [dir = "", mode = "auto"] = Deno.args;
const clock = systemClock;
const bus = new Bus(clock);
const fake = new FakeProjection("m");
const mounts = new Mounts();
mounts.add(fake);
const store = new Store<Node, Directory>(64 * 2 ** 20);
const inodes = new InodeTable();
const namespace = new Namespace(mounts, store, clock);
const bodies = new Bodies(namespace, store);
const ownership = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0, since: clock.now() };
const troubles = new Troubles(clock, new Log(clock, (line) => console.error(line)));
const kernel: { mount: Mount | undefined } = { mount: undefined };
const notices = new Notices(inodes, clock, () => kernel.mount?.notify);

const filesystem = new OmnifsFileSystem({ clock, mounts, namespace, bodies, inodes, troubles, ownership });
const announcements = new Announcements({
  clock,
  namespace,
  bodies,
  inodes,
  filesystem,
  stage: () => kernel.mount,
  mode: mode as InotifyMode,
});
const kernels = new Kernels(namespace.knowledge);
kernels.add({ inodes, notices, witness: announcements });
const invalidator = new Invalidator({ namespace, bodies, kernels, bus });
const mounted = await mount(dir, filesystem, {
  defaultPermissions: false,
  onError: (error) => console.error(error),
});

kernel.mount = mounted;

let held: { readonly arrived: Promise<void>; readonly release: () => void } | undefined;

function meant(saying: Saying): Invalidation {
  if (saying.tag !== "placed") return saying;
  return { tag: "placed", parent: saying.parent, entry: fake.entry(saying.name, saying.id) };
}

const operations: Operations = {
  file: (parent, name, text, id, via = "inline") =>
    void fake.file(parent, name, { bytes: new TextEncoder().encode(text), via, modified: clock.now() }, id),
  directory: (parent, name, id) => void fake.directory(parent, name, { modified: clock.now() }, id),
  remove: (parent, name) => fake.remove(parent, name),
  async say(...sayings) {
    const began = clock.monotonic();
    await invalidator.apply("m", sayings.map(meant), "a test").told;
    return clock.monotonic() - began;
  },
  calls: () => fake.taken(),
  hold: (op) => void (held = fake.hold(op)),
  arrived: async () => await held?.arrived,
  release: () => held?.release(),
  counters: () => mounted.counters(),
  unmount: () => mounted.unmount().then(() => "unmounted", String),
};

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`) },
  (request) => answerControl(operations, request),
);
// It lives as long as the test that started it.
const left = Deno.stdin.readable.pipeTo(new WritableStream()).then(() => mounted.unmount({ force: true }));
await mounted.done;
await announcements.close();
await left;
await server.shutdown();
