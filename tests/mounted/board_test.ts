/**
 * What changed upstream is in the next read: a real mount, a real provider, and an upstream that a test writes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtComponent } from "../support/build.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { Board } from "./board_upstream.ts";

const ignore = !(await fuseIsThere());

/** How long a change may take to be seen in a test; the polls come every second. */
const SEEN_WITHIN = 20_000;

async function mountBoard(url: string, sources: string) {
  const component = await builtComponent(`${ROOT}/tests/mounted/board`);
  return await mountOmnifs([
    `--provider=board=${component}`,
    `--allow-net=${new URL(url).host}`,
    `--set=board.url=${url}`,
    `--set=board.sources=${sources}`,
  ]);
}

Deno.test({
  name: "a poll makes the next read new, and a read in between asks nobody",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "old");
    board.write("b", "same");
    await using mounted = await mountBoard(board.url, "poll");
    const read = (name: string) => Deno.readTextFile(`${mounted.dir}/board/notes/${name}`);
    assert.deepEqual([await read("a"), await read("b")], ["old\n", "same\n"]);
    board.write("a", "new");
    await until(async () => await read("a") === "new\n", SEEN_WITHIN, "the new text");
    const asked = board.count("/notes");
    assert.deepEqual([await read("a"), await read("b")], ["new\n", "same\n"]);
    assert.equal(board.count("/notes"), asked);
  },
});
