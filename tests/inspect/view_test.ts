/**
 * The screen of `omnifs inspect`, line by line, and what keys and documents do to it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { bars, cut, paint, widthOf } from "../../runtime/cli/inspect/cells.ts";
import { NOTHING, press, take, type ViewState } from "../../runtime/cli/inspect/state.ts";
import { frame, keysIn } from "../../runtime/cli/inspect/terminal.ts";
import { render } from "../../runtime/cli/inspect/view.ts";
import { NOON, second } from "./document.ts";

const plain = (_: string, text: string) => text;
const coloured = (style: string, text: string) => `<${style}>${text}</>`;

const CLOCK = new Date(NOON).toTimeString().slice(0, 8);

/** The lines without the blanks at their ends. */
function screen(state: ViewState, columns: number, rows: number): string[] {
  return render(state, { columns, rows }, plain).map((line) => line.trimEnd());
}

function typed(state: ViewState, ...keys: readonly string[]): ViewState {
  return keys.reduce((now, key) => {
    const next = press(now, key);
    assert.notEqual(next, "quit");
    return next === "quit" ? now : next;
  }, state);
}

const ONE = take(NOTHING, second());

Deno.test("one second fills the screen: title, totals, providers, watches, the latest of each", () => {
  assert.deepEqual(screen(ONE, 110, 26), [
    `/home/ada/omnifs  omnifs 0.1.0, pid 42, up 1 min 30 s, at ${CLOCK}`,
    "kernel    █                             120/s  messages, 4.0/s notifications",
    "waited    █                             5.0/s  p50 3.3 ms, p99 41 ms, 1 failed",
    "callouts  █                             3.0/s  p50 3.3 ms, p99 41 ms, 2.0 KiB, 2 under way, 1 failed",
    "cache     █                           1.5 KiB  of 256 MiB, 12 nodes, 3 listings; 90 % answered",
    "watches                                     2  alive, 1 lost",
    "",
    "PROVIDER      waited/s      p99  callouts/s      p99    bytes/s  open  waiting  answers",
    "github             5.0    41 ms         3.0    41 ms    2.0 KiB     2        1  2xx 2, 4xx 1",
    "linear               0        -           0        -        0 B     0        0",
    "",
    "WATCHES",
    "github      poll     1 of 2 up, last word 5 s ago",
    "github      lost repo:1: no source answers",
    "",
    "WAITED FOR",
    `${CLOCK}    48 ms lookup /github/acme`,
    `${CLOCK}   3.3 ms read   rate-limited /github/acme/api/title`,
    "",
    "CALLOUTS",
    `${CLOCK}    41 ms 200 github   GET https://api.github.com/users/acme`,
    `${CLOCK}   10.0 s timeout github   GET https://api.github.com/repos/acme/api`,
    "",
    "",
    "",
    "/ filter   space pause   q quit",
  ]);
});

Deno.test("a second in which nothing was waited for leaves the latency of the one before", () => {
  const nothing = { count: 0, failures: 0, latency: { p50: null, p99: null, max: null } };
  const { operations, callouts } = second();
  const state = take(
    ONE,
    second({ operations: { ...operations, ...nothing }, callouts: { ...callouts, ...nothing } }),
  );
  const lines = screen(state, 110, 26);
  assert.equal(lines[2], "waited    █▁                              0/s  p50 3.3 ms, p99 41 ms");
  assert.match(lines[3] ?? "", /^callouts {2}█▁ +0\/s {2}p50 3\.3 ms, p99 41 ms, /);
});

Deno.test("before the first figures the screen says that it waits", () => {
  assert.deepEqual(screen(NOTHING, 60, 3), [
    "waiting for the first figures …",
    "",
    "/ filter   space pause   q quit",
  ]);
});

Deno.test("whatever the size, there is a line for each row and none is wider than the screen", () => {
  const hostile = second({
    dir: "/日本語/\x1b[31mred\u202e",
    callouts: {
      ...second().callouts,
      latest: [{
        time: NOON,
        mount: "日本語日本語",
        method: "get",
        url: "x\n\ty",
        outcome: 200,
        milliseconds: 1,
      }],
    },
  });
  const state = take(ONE, hostile);
  for (const columns of [1, 2, 9, 33, 80, 81, 300]) {
    for (const rows of [1, 2, 5, 24, 80]) {
      const lines = render(state, { columns, rows }, plain);
      assert.equal(lines.length, rows);
      for (const line of lines) {
        assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
        // deno-lint-ignore no-control-regex -- none of them may be left
        assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u202e]/);
      }
    }
  }
});

Deno.test("the keys are always on the last row, and the latest lines above them", () => {
  const many = Array.from({ length: 400 }, (_, index) => ({
    time: NOON,
    op: "read",
    path: `/hello/${index}`,
    milliseconds: 1,
    failure: null,
  }));
  const state = take(ONE, second({ operations: { ...second().operations, latest: many } }));
  const lines = screen(state, 100, 24);
  assert.ok(lines.some((line) => line.endsWith("/hello/399")));
  assert.equal(lines.at(-1), "/ filter   space pause   q quit");
  assert.equal(state.operations.length, 200);
});

Deno.test("only looks differ where looks are shown", () => {
  const size = { columns: 90, rows: 24 };
  const looks = render(ONE, size, coloured);
  assert.match(looks.join("\n"), /<bold>\/home\/ada\/omnifs<\/>/);
  assert.match(looks.join("\n"), /<yellow>linear {6}<\/>/);
  assert.match(looks.join("\n"), /<red>, 1 failed<\/>/);
  assert.deepEqual(looks.map((line) => line.replace(/<\w+>|<\/>/g, "")), render(ONE, size, plain));
});

Deno.test("a filter that is typed narrows every list, and escape drops it", () => {
  const typing = typed(ONE, "/", "g", "i", "x", "\x7f", "T");
  assert.equal(screen(typing, 80, 24).at(-1), "filter: giT▏  enter: keep it, escape: drop it");
  const kept = typed(typing, "\r");
  const lines = screen(kept, 100, 30);
  assert.equal(lines.at(-1), "/ filter: giT (escape: all)   space pause   q quit");
  assert.ok(lines.some((line) => line.startsWith("github ")));
  assert.ok(!lines.some((line) => line.startsWith("linear ")));
  const users = screen(typed(ONE, "/", ..."USERS", "\n"), 100, 30).join("\n");
  assert.match(users, /users\/acme/);
  assert.doesNotMatch(users, /repos\/acme|^github/m);
  assert.deepEqual(typed(kept, "\x1b"), ONE);
  assert.deepEqual(typed(typing, "\x1b"), ONE);
  assert.equal(typed(typing, "\x15").filter, "");
  assert.equal(typed(typing, "\x1b[A", "\x01").filter, "giT");
  assert.equal(typed(typing, ..."x".repeat(500)).filter.length, 100);
});

Deno.test("space holds what is shown, and lets it go on", () => {
  const paused = typed(ONE, " ");
  assert.equal(take(paused, second({ pid: 7 })), paused);
  assert.match(screen(paused, 100, 5)[0] ?? "", /PAUSED$/);
  assert.match(screen(paused, 100, 5).at(-1) ?? "", /space go on/);
  assert.equal(take(typed(paused, " "), second({ pid: 7 })).document?.pid, 7);
});

Deno.test("q and Ctrl-C quit; a q in the filter is a letter, and Ctrl-C there quits too", () => {
  for (const key of ["q", "Q", "\x03"]) assert.equal(press(ONE, key), "quit");
  assert.equal(typed(ONE, "/", "q").filter, "q");
  assert.equal(press(typed(ONE, "/"), "\x03"), "quit");
  assert.deepEqual(typed(ONE, "x", "\x1b[B"), ONE);
});

Deno.test("what is typed is split into characters and sequences", () => {
  assert.deepEqual(keysIn("ab é🙂"), ["a", "b", " ", "é", "🙂"]);
  assert.deepEqual(keysIn("\x1b[A\x1b[1;5C\x1bOPq\x1b"), ["\x1b[A", "\x1b[1;5C", "\x1bOP", "q", "\x1b"]);
  assert.deepEqual(keysIn(""), []);
});

Deno.test("text is cut by cells: wide ones count twice, marks not at all", () => {
  assert.deepEqual(["ab", "日本", "e\u0301", "🙂"].map(widthOf), [2, 4, 1, 2]);
  assert.equal(cut("日本語", 5), "日本…");
  assert.equal(cut("日本語", 4), "日…");
  assert.equal(cut("abc", 3), "abc");
  assert.equal(cut("abc", 0), "");
  assert.equal(paint([["ab"], ["cdef", "red"], ["g"]], 4, coloured), "ab<red>c…</>");
  assert.equal(bars([0, 1, 2, 4], 3), "▃▅█");
  assert.equal(bars([0, 0], 3), "▁▁");
});

Deno.test("each row is erased before it is written, and none after its last cell", () => {
  assert.equal(frame(["a", "b"]), "\x1b[H\x1b[2Ka\r\n\x1b[2Kb");
});
