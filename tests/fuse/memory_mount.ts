/**
 * Mounts a tree in memory at the directory of its first argument. Each line of standard input is a command
 * of {@linkcode COMMANDS} with its arguments in JSON; each is answered with one line of JSON. The last line
 * tells how the mount ended.
 *
 * @module
 */
import { ERRNO, mount, type Request } from "../../fuse/mod.ts";
import { type Content, MemoryFileSystem, type Node } from "./memory_fs.ts";

const [dir = ""] = Deno.args;
const filesystem = new MemoryFileSystem({ negative: true });
const { root } = filesystem;
const errors: string[] = [];
let interrupted = 0;
let log = "line 0\n";

/** Bytes of the file `big`: a gibibyte that is made while it is read. */
const BIG = 1 << 30;
const CHUNK = new Uint8Array(1 << 20).fill(65);

const CONTENTS: Readonly<Record<string, Content | string>> = {
  hello: "hello, world\n",
  empty: "",
  big: { size: () => BIG, read: (at, size) => CHUNK.subarray(0, Math.max(0, Math.min(size, BIG - at))) },
  lazy: {
    size: () => 5,
    read: (at, size) => Promise.resolve(new TextEncoder().encode("lazy\n").subarray(at, at + size)),
  },
  slow: { size: () => 10, read: (_at, _size, request) => givenUp(request) },
  log: {
    size: () => log.length,
    timeout: 0,
    read: (at, size) => new TextEncoder().encode(log).subarray(at, at + size),
  },
  broken: {
    size: () => 10,
    read: () => {
      throw new Error("broken on purpose");
    },
  },
};

for (const [name, content] of Object.entries(CONTENTS)) filesystem.file(root, name, content);
const sub = filesystem.directory(root, "sub");
for (let i = 0; i < 300; i++) filesystem.file(sub, `file ${i} with a name of some length`, `${i}\n`);
filesystem.file(filesystem.directory(sub, "deeper"), "ünïcode", "yes\n");
/** The name `stuck` is looked up until the caller gives up. */
const lookup = filesystem.lookup.bind(filesystem);
filesystem.lookup = (parent, name, request) =>
  name === "stuck" ? givenUp(request) : lookup(parent, name, request);

function givenUp(request: Request): Promise<number> {
  return new Promise((resolve) =>
    request.signal.addEventListener("abort", () => {
      interrupted++;
      resolve(ERRNO.EIO);
    })
  );
}

const mounted = await mount(dir, filesystem, {
  allowOther: Deno.uid() === 0,
  onError: (error, operation) =>
    errors.push(`${operation}: ${error instanceof Error ? error.message : error}`),
});

/** The kernel's number of a node, of the root by default. */
function nodeid(node: Node | undefined): number {
  return node === undefined ? 0 : filesystem.nodeid(node) ?? 0;
}

const COMMANDS: Readonly<Record<string, (...words: string[]) => unknown>> = {
  counters: () => mounted.counters(),
  state: () => ({ errors, interrupted, destroyed: filesystem.destroyed }),
  append: (text = "") => log += text,
  replace: (name = "", text = "") => {
    const node = root.children?.get(name);
    if (node !== undefined) node.content = new TextEncoder().encode(text);
    return mounted.notify.invalidateInode(nodeid(node));
  },
  create: (name = "", text = "") => {
    filesystem.file(root, name, text);
    return Promise.all([mounted.notify.invalidateEntry(1, name), mounted.notify.invalidateInode(1)]);
  },
  remove: (name = "") => {
    const node = root.children?.get(name);
    root.children?.delete(name);
    return Promise.all([mounted.notify.delete(1, nodeid(node), name), mounted.notify.invalidateInode(1)]);
  },
  unmount: async (force = "") => {
    try {
      await mounted.unmount({ force: force === "force" });
      return "unmounted";
    } catch (error) {
      return String(error);
    }
  },
};

async function obey(): Promise<void> {
  for await (const line of lines(Deno.stdin.readable)) {
    const [command = "", ...words] = JSON.parse(line);
    console.log(JSON.stringify(await COMMANDS[command]?.(...words) ?? null));
  }
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

console.log(JSON.stringify({ dir: mounted.dir, connection: mounted.connection }));
const obeyed = obey();
console.log(JSON.stringify({ ending: (await mounted.done).reason, destroyed: filesystem.destroyed }));
await obeyed;
