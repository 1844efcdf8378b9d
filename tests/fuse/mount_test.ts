import assert from "node:assert/strict";
import { mountAt } from "../support/kernel.ts";
import { type Ran, reasonToSkip, Server, serverArguments, shell, until } from "./server.ts";

const reason = reasonToSkip();

/** A test with a mount of its own; skipped, with the reason in its name, where there can be none. */
function mounted(
  name: string,
  body: (server: Server) => Promise<void>,
): void {
  real(name, async (dir) => {
    const server = await Server.start(dir);
    try {
      await body(server);
    } finally {
      await server.stop();
    }
  });
}

/** A test with a directory of its own. */
function real(name: string, body: (dir: string) => Promise<void>): void {
  const ignore = reason !== undefined;
  Deno.test({
    name: ignore ? `${name} (skipped: ${reason})` : name,
    ignore,
    fn: async () => {
      const dir = await Deno.makeTempDir({ prefix: "fuse-test-" });
      await Deno.chmod(dir, 0o755);
      try {
        await body(dir);
      } finally {
        assert.equal(await mountAt(dir), undefined, "the mount was left behind");
        await Deno.remove(dir);
      }
    },
  });
}

/** What a command printed; fails where the command did. */
function output({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out;
}

mounted("files and directories read as they are", async ({ dir }) => {
  assert.equal(output(await shell("cat hello", dir)), "hello, world\n");
  assert.equal(output(await shell("cat lazy sub/deeper/ünïcode", dir)), "lazy\nyes\n");
  assert.equal(output(await shell("ls sub | wc -l", dir)), "301\n");
  assert.equal(output(await shell("ls", dir)), "big\nbroken\nempty\nhello\nlazy\nlog\nslow\nsub\n");
  assert.equal(
    output(await shell("stat -c '%s %a %F %i %Y %b' hello", dir)),
    "13 644 regular file 2 1700000000 1\n",
  );
  assert.equal(output(await shell("stat -c '%F %.3Y' sub", dir)), "directory 1700000000.123\n");
  assert.equal(output(await shell("find . -type f -size 0", dir)), "./empty\n");
  assert.equal(output(await shell("grep -rl '^299$' sub", dir)), "sub/file 299 with a name of some length\n");
  assert.equal(output(await shell("tail -c 6 hello; head -c 5 hello", dir)), "world\nhello");
  assert.equal(output(await shell("dd if=hello bs=1 skip=7 2>/dev/null", dir)), "world\n");
  assert.match((await shell("cat nowhere", dir)).err, /No such file or directory/);
  assert.match(output(await shell("df --output=fstype,source . | tail -1", dir)), /^fuse\.omnifs omnifs$/m);
});

mounted("a large file is read in megabytes", async (server) => {
  const { dir } = server;
  const before = (await server.counters())["READ"] ?? 0;
  const read = await shell(
    "dd if=big bs=1M count=64 2>/dev/null | md5sum; head -c 67108864 /dev/zero | tr '\\0' A | md5sum",
    dir,
  );
  const [ours, theirs] = output(read).split("\n");
  assert.equal(ours, theirs);
  const reads = ((await server.counters())["READ"] ?? 0) - before;
  assert.ok(reads <= 80, `64 MiB took ${reads} reads`);
  assert.equal(output(await shell("tail -c 3 big; stat -c ' %s' big", dir)), "AAA 1073741824\n");
});

const WRITES = [
  "touch new",
  "touch hello",
  "echo x > new",
  "echo x > hello",
  "echo x >> hello",
  "mkdir newdir",
  "rmdir sub",
  "rm -f hello",
  "mv hello other",
  "ln hello link",
  "ln -s hello link",
  "mknod pipe p",
  "chmod 600 hello",
  "chown 1:1 hello",
  "truncate -s 0 hello",
  "cp hello copy",
  "dd if=/dev/zero of=hello bs=1 count=1 conv=notrunc",
  "fallocate -l 100 hello",
  "setfattr -n user.a -v b hello",
];

mounted("whatever writes is told that the file system is read-only", async ({ dir }) => {
  for (const command of WRITES) {
    const { code, err } = await shell(command, dir);
    if (code === 127) continue; // the tool is not installed
    assert.notEqual(code, 0, `${command}: succeeded`);
    assert.match(err, /Read-only file system/, command);
  }
  assert.equal(output(await shell("cat hello; ls", dir)).includes("hello, world\n"), true);
});

mounted("a cat of what the kernel has costs no message", async (server) => {
  const warm = "cat hello sub/deeper/ünïcode > /dev/null; ls sub > /dev/null";
  let [before, after] = [await server.counters(), await server.counters()];
  for (let attempt = 0; attempt < 10; attempt++) {
    for (let i = 0; i < 3; i++) output(await shell(warm, server.dir));
    before = await server.counters();
    for (let i = 0; i < 5; i++) output(await shell(warm, server.dir));
    after = await server.counters();
    if (forgets(before) === forgets(after)) break; // otherwise the kernel ran short of memory: try again
  }
  assert.deepEqual(after, before);
});

function forgets(counters: Record<string, number>): number {
  return (counters["FORGET"] ?? 0) + (counters["BATCH_FORGET"] ?? 0);
}

mounted("a walk that is interrupted ends at once, and the file system is told", async (server) => {
  const walk = await shell("exec timeout -s INT 0.3 stat stuck", server.dir);
  assert.equal(walk.code, 124);
  await until(
    "the signal aborts",
    async () => (await server.ask("state") as { interrupted: number }).interrupted === 1,
  );
  assert.equal((await server.counters())["INTERRUPT"], 1);
  assert.equal(output(await shell("cat hello", server.dir)), "hello, world\n");
});

mounted("a reader that is interrupted leaves at once", async (server) => {
  assert.equal((await shell("exec timeout -s INT 0.3 cat slow", server.dir)).code, 124);
  assert.equal(output(await shell("cat hello", server.dir)), "hello, world\n");
});

mounted("a slow read delays nobody else", async (server) => {
  const { dir } = server;
  const stuck = shell("exec cat slow", dir, (child) => void watch(child));
  async function watch(child: Deno.ChildProcess): Promise<void> {
    await until("the slow read came", async () => ((await server.counters())["READ"] ?? 0) > 0);
    assert.equal(output(await shell("cat hello; ls sub | wc -l", dir)), "hello, world\n301\n");
    child.kill("SIGKILL");
  }
  assert.notEqual((await stuck).code, 0);
});

mounted("a file system that throws is an input/output error, and goes on", async (server) => {
  assert.match((await shell("cat broken", server.dir)).err, /Input\/output error/);
  const { errors } = await server.ask("state") as { errors: string[] };
  assert.ok(errors.includes("READ: broken on purpose"), errors.join());
  assert.equal(output(await shell("cat hello", server.dir)), "hello, world\n");
});

mounted("a growing file is followed by tail", async (server) => {
  const tail = shell("tail -n +1 -s 0.05 -f log | head -n 3", server.dir);
  await until("tail reads", async () => ((await server.counters())["READ"] ?? 0) > 0);
  await server.ask("append", "line 1\n");
  await server.ask("append", "line 2\n");
  assert.equal(output(await tail), "line 0\nline 1\nline 2\n");
});

mounted("what was notified is new at the next look", async (server) => {
  const { dir } = server;
  assert.equal(
    output(await shell("cat hello; ls | wc -l; cat fresh 2>/dev/null || true", dir)),
    "hello, world\n8\n",
  );
  assert.equal(await server.ask("replace", "hello", "changed to something longer\n"), true);
  assert.equal(output(await shell("cat hello", dir)), "changed to something longer\n");
  assert.deepEqual(await server.ask("create", "fresh", "new\n"), [true, true]);
  assert.equal(output(await shell("cat fresh; ls | wc -l", dir)), "new\n9\n");
  assert.deepEqual(await server.ask("remove", "fresh"), [true, true]);
  assert.equal(
    output(await shell("ls | wc -l; cat fresh 2>&1 || true", dir)),
    "8\ncat: fresh: No such file or directory\n",
  );
});

mounted("a notification of what the kernel does not know is answered, not an error", async (server) => {
  assert.equal(await server.ask("replace", "nowhere", "x"), false);
});

mounted("many notifications among many requests do not lock each other", async (server) => {
  const churn = shell(
    "for i in $(seq 40); do ls -l sub hello > /dev/null; cat hello sub/*1* > /dev/null; done",
    server.dir,
  );
  const answers = Promise.all(
    Array.from({ length: 200 }, (_, i) => server.ask("replace", "hello", `version ${i}\n`)),
  );
  output(await churn);
  await answers;
  assert.equal(output(await shell("cat hello", server.dir)), "version 199\n");
});

for (const command of ["umount", "fusermount3 -u"]) {
  mounted(`${command} from outside ends the mount`, async (server) => {
    output(await shell(`${command} '${server.dir}'`, "/"));
    assert.deepEqual(await server.line(), { ending: "unmounted", destroyed: true });
  });
}

mounted("unmount says busy while somebody is inside, unless it is forced", async (server) => {
  const inside = shell("exec sleep 30", server.dir, (child) => void leave(child));
  async function leave(child: Deno.ChildProcess): Promise<void> {
    assert.match(String(await server.ask("unmount")), /MountError: .*: is in use/);
    assert.deepEqual(await unmountAnswers(server, "force"), UNMOUNTED);
    child.kill("SIGKILL");
  }
  await inside;
});

mounted("an aborted connection ends the mount, and says that it was aborted", async (server) => {
  const control = await Deno.makeTempDir({ prefix: "fuse-test-control-" });
  output(await shell(`mount -t fusectl none '${control}'`, "/"));
  try {
    await Deno.writeTextFile(`${control}/${server.connection}/abort`, "1");
    assert.deepEqual(await server.line(), { ending: "aborted", destroyed: true });
  } finally {
    output(await shell(`umount '${control}' && rmdir '${control}'`, "/"));
  }
});

/** Runs a program that imports the binding; its standard output. */
async function program(source: string): Promise<string> {
  const mod = new URL("../../fuse/mod.ts", import.meta.url).href;
  const code = `import * as fuse from ${JSON.stringify(mod)};\n${source}`;
  return output(await shell(`'${Deno.execPath()}' eval --no-check ${quote(code)}`, "/"));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The kind of error that a mount at `dir` ends in. */
function mountError(dir: string): Promise<string> {
  return program(
    `try { await fuse.mount(${JSON.stringify(dir)}, {}); } catch (e) { console.log(e.kind, e.message); }`,
  );
}

real("a server that was killed leaves a mount that says so and can be taken away", async (dir) => {
  const server = await Server.start(dir);
  try {
    const listed = () => program(`console.log(JSON.stringify((await fuse.listMounts()).map((m) => m.dir)))`);
    assert.ok((JSON.parse(await listed()) as string[]).includes(dir));
    assert.match(await mountError(dir), /^already-mounted .*a fuse\.omnifs is mounted there/);
    server.process.kill("SIGKILL");
    await server.process.status;
    assert.match(await mountError(dir), /^stale .*Transport endpoint is not connected/);
    await program(`await fuse.forceUnmount(${JSON.stringify(dir)})`);
    assert.equal(await mountAt(dir), undefined);
  } finally {
    await server.stop();
  }
});

/** A user who is not root, with a home that holds Deno and the sources, since root's own may be closed to it. */
interface Nobody {
  readonly home: string;
  readonly server: Server;
  /** The words before a command that make it run as this user. */
  readonly prefix: readonly string[];
}

/** A test with a mount that nobody made. */
function unprivileged(name: string, body: (nobody: Nobody) => Promise<void>): void {
  real(name, async (dir) => {
    const home = await Deno.makeTempDir({ prefix: "fuse-test-home-" });
    // fusermount3 opens the device as the user, and not every machine lets users do that.
    const { mode } = await Deno.stat("/dev/fuse");
    await Deno.chmod("/dev/fuse", 0o666);
    try {
      const prefix = await equip(home, dir);
      const server = await Server.start(dir, [
        ...prefix,
        `${home}/deno`,
        ...serverArguments(`${home}/tests/fuse`),
      ]);
      try {
        await body({ home, server, prefix });
      } finally {
        await server.stop();
      }
    } finally {
      await Deno.chmod("/dev/fuse", (mode ?? 0o666) & 0o777);
      await Deno.remove(home, { recursive: true });
    }
  });
}

async function equip(home: string, dir: string): Promise<string[]> {
  const [root, deno] = [new URL("../..", import.meta.url).pathname, Deno.execPath()];
  const copy = `mkdir '${home}/tests' && cp '${deno}' '${home}/deno' && cp -r '${root}/fuse' '${home}/fuse'`;
  output(await shell(`${copy} && cp -r '${root}/tests/fuse' '${home}/tests/fuse'`, "/"));
  output(await shell(`chown -R 65534:65534 '${home}' '${dir}'`, "/"));
  const become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  return [...become, "env", `HOME=${home}`, `DENO_DIR=${home}/cache`];
}

/** Both the answer to `unmount` and the last word of the server, in whatever order they come. */
async function unmountAnswers(server: Server, ...words: string[]): Promise<string[]> {
  const answers = [await server.ask("unmount", ...words), await server.line()];
  return answers.map((answer) => JSON.stringify(answer)).toSorted();
}

const UNMOUNTED = ['"unmounted"', '{"ending":"unmounted","destroyed":true}'];

unprivileged(
  "a user who is not root mounts, reads and unmounts through fusermount3",
  async ({ server, prefix }) => {
    const { dir } = server;
    const run = (command: string) => shell(`${prefix.join(" ")} bash -c ${quote(command)}`, "/");
    assert.equal(
      output(await run(`cd '${dir}' && cat hello lazy && ls sub | wc -l`)),
      "hello, world\nlazy\n301\n",
    );
    assert.match((await run(`echo x > '${dir}/hello'`)).err, /Permission denied/); // it is root's, 0644
    assert.match((await shell(`cat '${dir}/hello'`, "/")).err, /Permission denied/); // others may not enter
    assert.equal(await server.ask("replace", "hello", "changed\n"), true);
    assert.equal(output(await run(`cat '${dir}/hello'`)), "changed\n");
    assert.deepEqual(await unmountAnswers(server), UNMOUNTED);
  },
);

unprivileged(
  "a user's forced unmount ends the mount even while somebody is inside",
  async ({ home, server, prefix }) => {
    const stay = `cd '${server.dir}' && touch '${home}/inside' && exec sleep 30`;
    await shell(`exec ${prefix.join(" ")} bash -c ${quote(stay)}`, "/", (child) => void leave(child));

    async function leave(child: Deno.ChildProcess): Promise<void> {
      await until("somebody is inside", () => Deno.lstat(`${home}/inside`).then(() => true, () => false));
      assert.match(String(await server.ask("unmount")), /MountError: fusermount3: .*busy/);
      assert.deepEqual(await unmountAnswers(server, "force"), UNMOUNTED);
      child.kill("SIGKILL");
    }
  },
);

real("what cannot be mounted on is refused in words", async (dir) => {
  await Deno.writeTextFile(`${dir}/file`, "");
  assert.match(await mountError(`${dir}/file`), /^not-a-directory .*is not a directory/);
  assert.match(await mountError(`${dir}/nowhere`), /^not-a-directory .*does not exist/);
  await Deno.remove(`${dir}/file`);
});
