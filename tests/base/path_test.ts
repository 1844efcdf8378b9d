/**
 * Paths, names, errors and waiting.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { sleep } from "../../runtime/base/clock.ts";
import { asOmnifsError, messageOf, OmnifsError } from "../../runtime/base/errors.ts";
import { join, NAME_MAX, nameFault, segments } from "../../runtime/base/path.ts";
import { ofKind } from "../support/loads.ts";
import { checkProperty } from "../support/property.ts";
import { ManualClock } from "./manual_clock.ts";

const bytes = (text: string) => new TextEncoder().encode(text).length;

Deno.test("a name is at most 255 bytes of UTF-8, whatever its characters take", () => {
  for (const unit of ["a", "é", "€", "😀"]) {
    const most = Math.floor(NAME_MAX / bytes(unit));
    const rest = "x".repeat(NAME_MAX - most * bytes(unit));
    const longest = unit.repeat(most) + rest;
    assert.equal(bytes(longest), NAME_MAX);
    assert.equal(nameFault(longest), undefined, `255 bytes of ${unit}`);
    assert.match(nameFault(`${longest}x`) ?? "", /255 bytes/, `256 bytes of ${unit}`);
  }
});

Deno.test("what no directory can hold is no name", () => {
  for (const name of ["", ".", "..", "a/b", "/", "a\0b"]) assert.notEqual(nameFault(name), undefined, name);
  for (const name of ["...", ".a", "a\nb", " ", "-", "_open", "\u202e"]) {
    assert.equal(nameFault(name), undefined);
  }
});

Deno.test("a path is walked as the kernel walks it", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["/", []],
    ["//a///b/", ["a", "b"]],
    ["a/./b", ["a", "b"]],
    ["/a/../b", ["b"]],
    ["/../../a", ["a"]],
    ["/a/b/../..", []],
    ["/...", ["..."]],
  ];
  for (const [path, names] of cases) assert.deepEqual(segments(path), names, path);
  assert.throws(() => segments(`/a/${"x".repeat(256)}`), ofKind("invalid", /255 bytes/));
  assert.throws(() => segments("/a\0b"), ofKind("invalid", /NUL/));
});

Deno.test("a path that is joined of names has those names", async () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((each) =>
    nameFault(each) === undefined
  );
  await checkProperty(fc.property(fc.array(name), (names) => {
    assert.deepEqual(segments(names.reduce((path, each) => join(path, each), "/")), names);
  }));
});

Deno.test("an error keeps its kind and details, and anything else becomes an internal one around it", () => {
  const cause = new Error("underneath");
  const details = { op: "lookup", path: "/a", mend: "do this", retryAfter: 5, cause };
  const error = new OmnifsError("rate-limited", "wait", details);
  const { kind, message, name, op, path, mend, retryAfter } = error;
  assert.deepEqual({ kind, message, name, op, path, mend, retryAfter, cause: error.cause }, {
    kind: "rate-limited",
    message: "wait",
    name: "OmnifsError",
    ...details,
  });
  assert.equal(asOmnifsError(error, "read"), error);
  const wrapped = asOmnifsError(cause, "read");
  assert.deepEqual([wrapped.kind, wrapped.message, wrapped.op, wrapped.cause], [
    "internal",
    "underneath",
    "read",
    cause,
  ]);
  assert.deepEqual([asOmnifsError("text").message, asOmnifsError(undefined).message], ["text", "undefined"]);
  assert.deepEqual([messageOf(cause), messageOf(7)], ["underneath", "7"]);
});

Deno.test("sleep ends when its time has come, not before, and leaves no listener", async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  let over = false;
  const slept = sleep(clock, 100, abort.signal).then(() => over = true);
  clock.pass(99);
  await Promise.resolve();
  assert.equal(over, false);
  clock.pass(1);
  await slept;
  abort.abort();
  assert.equal(clock.waiting, 0);
});

Deno.test("sleep ends with the reason of its signal, and stops its timer", async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const reason = new OmnifsError("interrupted", "enough");
  const slept = sleep(clock, 100, abort.signal);
  assert.equal(clock.waiting, 1);
  abort.abort(reason);
  await assert.rejects(slept, ofKind("interrupted", /enough/));
  await assert.rejects(sleep(clock, 100, AbortSignal.abort(reason)), ofKind("interrupted", /enough/));
  assert.equal(clock.waiting, 0);
});
