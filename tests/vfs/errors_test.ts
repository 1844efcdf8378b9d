/**
 * What fails, how the reader sees it, and where the operator reads why.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ERRNO, errnoName } from "../../fuse/mod.ts";
import { ERROR_KINDS, type ErrorKind, OmnifsError } from "../../runtime/base/errors.ts";
import { ERRNO_OF } from "../../runtime/vfs/errno.ts";
import { KEPT_TROUBLES } from "../../runtime/vfs/troubles.ts";
import { ofKind } from "../support/loads.ts";
import { FakeProjection, ROOT, VOLATILE } from "./fake_projection.ts";
import { Kernel, NOW } from "./kernel.ts";

const KINDS = Object.keys(ERROR_KINDS) as ErrorKind[];

/** What a reader sees for each kind, as the documentation of paths says. */
const SEEN: Record<ErrorKind, string> = {
  "not-found": "ENOENT",
  "not-a-directory": "ENOTDIR",
  "is-a-directory": "EISDIR",
  "invalid": "EINVAL",
  "unauthorized": "EACCES",
  "denied": "EPERM",
  "conflict": "ESTALE",
  "rate-limited": "EAGAIN",
  "busy": "EAGAIN",
  "too-large": "EFBIG",
  "unavailable": "EIO",
  "internal": "EIO",
  "interrupted": "EINTR",
  "read-only": "EROFS",
  "unsupported": "ENOSYS",
};

/** Kinds that are an answer, or that the reader asked for: nobody has to mend them. */
const QUIET: ErrorKind[] = ["not-found", "interrupted", "not-a-directory", "is-a-directory"];

for (const kind of KINDS) {
  Deno.test(`${kind} is ${SEEN[kind]} for lookup, stat, read and readdir`, async () => {
    assert.equal(errnoName(ERRNO_OF[kind]), SEEN[kind]);
    const fake = new FakeProjection();
    fake.directory(ROOT, "d");
    fake.file("d", "f", "x\n");
    fake.file("d", "v", { bytes: new Uint8Array(2), freshness: VOLATILE });
    const kernel = new Kernel([fake]);
    const [d, f, v] = [await kernel.walk("/m/d"), await kernel.walk("/m/d/f"), await kernel.walk("/m/d/v")];
    for (const op of ["lookup", "read", "list"] as const) fake.fail(op, kind, "mend it");
    assert.equal(await kernel.lookup(d.nodeid, "other"), SEEN[kind]);
    const rejected = { message: SEEN[kind] };
    await assert.rejects(kernel.stat(v.nodeid), rejected);
    await assert.rejects(kernel.read(f.nodeid, 0, 10), rejected);
    await assert.rejects(kernel.readAll(d.nodeid), rejected);
    const noted = kernel.troubles.latest().map(({ op, path, time }) => `${op} ${path} ${time}`);
    const expected = [
      `list /m/d ${NOW}`,
      `read /m/d/f ${NOW}`,
      `stat /m/d/v ${NOW}`,
      `lookup /m/d/other ${NOW}`,
    ];
    assert.deepEqual(noted, QUIET.includes(kind) ? [] : expected);
    assert.equal(kernel.lines.length, noted.length);
    for (const line of kernel.lines) {
      assert.match(line, new RegExp(` path=/m/d\\S* kind=${kind} mend="mend it"$`));
    }
    // A failure is not kept: the next one who asks is served.
    for (const op of ["lookup", "read", "list"] as const) fake.fail(op, undefined);
    assert.equal(await kernel.cat("/m/d/f"), "x\n");
    assert.deepEqual(await kernel.ls("/m/d"), ["f", "v"]);
    kernel.forgetAll();
  });
}

Deno.test("a failure without a kind is EIO, and its words are in the log", async () => {
  const fake = new FakeProjection();
  fake.lookupChild = () => Promise.reject(new TypeError("out of the blue"));
  const kernel = new Kernel([fake]);
  assert.equal(await kernel.outcome("/m", "f"), "EIO");
  assert.match(kernel.lines[0] ?? "", /lookup failed: out of the blue path=\/m\/f kind=internal$/);
});

Deno.test("a mount that was withheld is EPERM, and the operator reads which flag would mend it", async () => {
  const reason = new OmnifsError("denied", "github may not reach its upstream", {
    mend: "omnifs mount --allow-net=api.github.com",
  });
  const kernel = new Kernel([new FakeProjection()], undefined, (mounts) => mounts.withhold("github", reason));
  assert.equal(await kernel.outcome("/", "github"), "EPERM");
  assert.deepEqual(await kernel.ls("/"), ["m"]);
  const [trouble] = kernel.troubles.latest();
  assert.deepEqual([trouble?.path, trouble?.error.mend], [
    "/github",
    "omnifs mount --allow-net=api.github.com",
  ]);
  assert.match(kernel.lines[0] ?? "", /mend="omnifs mount --allow-net=api.github.com"$/);
  const signal = new AbortController().signal;
  await assert.rejects(kernel.browser.stat("/github/x", signal), ofKind("denied", /may not reach/));
});

Deno.test("the latest troubles are kept, the newest first, and no more than is said", async () => {
  const fake = new FakeProjection();
  const kernel = new Kernel([fake]);
  fake.fail("lookup", "unavailable");
  for (let i = 0; i < KEPT_TROUBLES + 10; i++) await kernel.outcome("/m", `f${i}`);
  const paths = kernel.troubles.latest().map(({ path }) => path);
  assert.deepEqual([paths.length, paths[0], paths.at(-1)], [
    KEPT_TROUBLES,
    `/m/f${KEPT_TROUBLES + 9}`,
    "/m/f10",
  ]);
});

Deno.test("a file is no directory and a directory no file; the live tree is for reading", async () => {
  const fake = new FakeProjection();
  fake.directory(ROOT, "d");
  const kernel = new Kernel([fake]);
  const { nodeid } = await kernel.walk("/m/d");
  await assert.rejects(kernel.read(nodeid, 0, 10), /EISDIR/);
  await assert.rejects(kernel.read(1, 0, 10), /EISDIR/);
  assert.deepEqual([kernel.fs.access(nodeid, 4), kernel.fs.access(nodeid, 1), kernel.fs.access(nodeid, 2)], [
    0,
    0,
    ERRNO.EROFS,
  ]);
  assert.equal(kernel.fs.statfs().nameMax, 255);
});
