/**
 * Whom the two ends of a control socket trust: folder and socket are this user's alone, or not a word is said.
 *
 * @module
 */
import assert from "node:assert/strict";
import { peersAt } from "../../fuse/mod.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { ControlClient } from "../../runtime/control/client.ts";
import { findDaemons } from "../../runtime/control/places.ts";
import { type ControlPeer, serveControl } from "../../runtime/control/server.ts";
import { has } from "../support/command.ts";
import { tempDir } from "../support/temp.ts";
import { fakeBackend } from "./fake_backend.ts";

// Opens the C library, which stays open: no test's own doing.
peersAt("/nowhere");

const log = new Log(systemClock, () => {}, "error");

/** A socket that answers, in a folder of its own. */
async function withSocket(
  work: (socketPath: string, folder: string, asked: () => number) => Promise<void>,
  peers?: (socketPath: string) => readonly ControlPeer[],
) {
  await using dir = await tempDir();
  const folder = `${dir.path}/run`;
  const socketPath = `${folder}/t.sock`;
  let asked = 0;
  const backend = fakeBackend();
  const { status } = backend;
  const counting = { ...backend, status: () => (asked++, status()) };
  const looking = peers === undefined ? {} : { peers: () => peers(socketPath) };
  const server = await serveControl(counting, { socketPath, clock: systemClock, log, ...looking });
  const before = asked;
  try {
    await work(socketPath, folder, () => asked - before);
  } finally {
    await Deno.chmod(folder, 0o700);
    await server.close();
  }
}

Deno.test("the folder is 0700, the socket and what lies beside it 0600, whatever the umask", async () => {
  const before = Deno.umask(0);
  try {
    await withSocket(async (socketPath, folder) => {
      assert.equal(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
      for (const path of [socketPath, `${folder}/t.json`, `${socketPath}.lock`]) {
        assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600, path);
      }
    });
  } finally {
    Deno.umask(before);
  }
});

Deno.test("a client asks nothing at a socket, or in a folder, that others may open", () =>
  withSocket(async (socketPath, folder, asked) => {
    const client = new ControlClient(socketPath);
    await client.status();
    assert.equal(asked(), 1);
    for (const [path, good, bad] of [[socketPath, 0o600, 0o660], [folder, 0o700, 0o750]] as const) {
      await Deno.chmod(path, bad);
      await assert.rejects(client.status(), { kind: "denied", message: /others may enter it/ });
      await Deno.chmod(path, good);
    }
    assert.equal(asked(), 1);
  }));

Deno.test("a client asks nothing where somebody else owns the socket or its folder", {
  ignore: Deno.uid() !== 0,
}, () =>
  withSocket(async (socketPath, folder, asked) => {
    const client = new ControlClient(socketPath);
    const environment = (name: string) => name === "OMNIFS_RUNTIME_DIR" ? folder : undefined;
    for (const path of [socketPath, folder]) {
      await Deno.chown(path, 65534, null);
      await assert.rejects(client.status(), { kind: "denied", message: /belongs to another user/ });
      if (path === folder) await assert.rejects(findDaemons(environment), { kind: "denied" });
      await Deno.chown(path, 0, null);
    }
    assert.equal(asked(), 0);
  }));

Deno.test("a daemon keeps no socket in a folder that others may enter", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o755);
  const serving = serveControl(fakeBackend(), { socketPath: `${dir.path}/t.sock`, clock: systemClock, log });
  await assert.rejects(serving, { kind: "denied", message: /others may enter it/ });
});

/** The status of the daemon at `socketPath`, asked for as `uid`: the code of curl, and what it printed. */
async function askedAs(uid: number, socketPath: string): Promise<readonly [number, string]> {
  const args = ["--silent", "--max-time", "20", "--unix-socket", socketPath, "http://localhost/v1/status"];
  const { code, stdout } = await new Deno.Command("curl", { args, uid, gid: uid, cwd: "/", stderr: "null" })
    .output();
  return [code, new TextDecoder().decode(stdout)];
}

const alone = Deno.uid() !== 0 || !await has("curl");

Deno.test(
  "a stranger who gets at the socket after all is hung up on, and moves nothing",
  { ignore: alone },
  async () => {
    const open = async (socketPath: string, folder: string) => {
      const places = [[folder, 0o755], [folder.slice(0, folder.lastIndexOf("/")), 0o755], [
        socketPath,
        0o666,
      ]] as const;
      for (const [path, mode] of places) await Deno.chmod(path, mode);
    };
    // What makes the refusal mean something: where nobody looks, the stranger is answered.
    await withSocket(async (socketPath, folder, asked) => {
      await open(socketPath, folder);
      const [code, text] = await askedAs(65534, socketPath);
      assert.deepEqual([code, JSON.parse(text).pid, asked()], [0, Deno.pid, 1]);
    });
    await withSocket(async (socketPath, folder, asked) => {
      await open(socketPath, folder);
      const [code, text] = await askedAs(65534, socketPath);
      assert.notEqual(code, 0);
      assert.deepEqual([text, asked()], ["", 0]);
      assert.equal(JSON.parse((await askedAs(0, socketPath))[1]).pid, Deno.pid);
    }, peersAt);
  },
);
