/**
 * What changed upstream is in the next read: a real mount, a real provider, and an upstream that a test writes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtComponent } from "../support/build.ts";
import { sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs, ROOT } from "../support/mount.ts";
import { Board } from "./board_upstream.ts";

const ignore = !(await fuseIsThere());

/** How long a change may take to be seen in a test; the polls come every second. */
const SEEN_WITHIN = 20_000;

interface Mounting {
  readonly url: string;
  readonly sources: string;
}

/** Mounts each board under its name. */
async function mountBoards(boards: Readonly<Record<string, Mounting>>): Promise<Mounted> {
  const component = await builtComponent(`${ROOT}/tests/mounted/board`);
  const args = Object.entries(boards).flatMap(([name, { url, sources }]) => [
    `--provider=${name}=${component}`,
    `--allow-net=${new URL(url).host}`,
    `--set=${name}.url=${url}`,
    `--set=${name}.sources=${sources}`,
  ]);
  return await mountOmnifs(args);
}

Deno.test({
  name: "a poll makes the next read new, and a read in between asks nobody",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "old");
    board.write("b", "same");
    await using mounted = await mountBoards({ board: { url: board.url, sources: "poll" } });
    const read = (name: string) => Deno.readTextFile(`${mounted.dir}/board/notes/${name}`);
    assert.deepEqual([await read("a"), await read("b")], ["old\n", "same\n"]);
    board.write("a", "new");
    await until(async () => await read("a") === "new\n", SEEN_WITHIN, "the new text");
    const asked = board.count("/notes");
    assert.deepEqual([await read("a"), await read("b")], ["new\n", "same\n"]);
    assert.equal(board.count("/notes"), asked);
  },
});

Deno.test({
  name:
    "a mount with an empty cache sends nothing upstream, before the first read and after the last thing is dropped",
  ignore,
  async fn() {
    await using board = new Board();
    await using other = new Board();
    board.write("a", "text");
    other.write("b", "text");
    await using mounted = await mountBoards({
      board: { url: board.url, sources: "both" },
      other: { url: other.url, sources: "poll" },
    });
    // The other board is kept all the time: its polls tell how much time has passed.
    await Deno.readTextFile(`${mounted.dir}/other/notes/b`);
    const polls = (more: number) => {
      const wanted = other.count("/changes") + more;
      return until(() => other.count("/changes") >= wanted, SEEN_WITHIN, `${more} polls of the other board`);
    };
    await polls(3);
    assert.deepEqual(board.requests, []);

    await Deno.readTextFile(`${mounted.dir}/board/notes/a`);
    await until(() => board.streams === 1, SEEN_WITHIN, "the stream");
    await mounted.drop("/board");
    await until(() => board.streams === 0, SEEN_WITHIN, "the end of the stream");
    const before = board.requests.length;
    await polls(5);
    assert.deepEqual(board.requests.slice(before), []);
  },
});

Deno.test({
  name: "a stream shows changes at once, and those that it missed after it was cut in the middle of a line",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "one");
    await using mounted = await mountBoards({ board: { url: board.url, sources: "stream" } });
    const read = () => Deno.readTextFile(`${mounted.dir}/board/notes/a`);
    const shows = (text: string) =>
      until(async () => await read() === `${text}\n`, SEEN_WITHIN, `the text ${text}`);
    assert.equal(await read(), "one\n");
    await until(() => board.count("/changes") === 1, SEEN_WITHIN, "the poll that follows the opening");
    board.write("a", "two");
    await shows("two");
    assert.equal(board.count("/changes"), 1);

    board.deaf = true;
    board.write("a", "three");
    board.cut('{"id":"a","mem');
    await shows("three");
    board.deaf = false;
    await until(() => board.streams === 1, SEEN_WITHIN, "the stream once more");
    board.write("a", "four");
    await shows("four");
    board.write("a", "five", "renamed");
    await until(
      async () => (await Array.fromAsync(Deno.readDir(`${mounted.dir}/board/notes`)))[0]?.name === "renamed",
      SEEN_WITHIN,
      "the new name",
    );
    // The kernel is told after the cache has changed: until then it knows the old name still.
    const isGone = () => read().then(() => false, (error) => error instanceof Deno.errors.NotFound);
    await until(isGone, SEEN_WITHIN, "the end of the old name");
  },
});

Deno.test({
  name: "a stream is held open through a restart of the upstream, and what changed meanwhile is seen",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "one");
    await using mounted = await mountBoards({ board: { url: board.url, sources: "both" } });
    const read = () => Deno.readTextFile(`${mounted.dir}/board/notes/a`);
    await read();
    await until(() => board.count("/changes") === 1, SEEN_WITHIN, "the poll that follows the opening");
    const streams = board.count("/events");
    await board.stop();
    board.write("a", "two");
    // What is kept stays served: nobody has said yet that it changed.
    assert.equal(await read(), "one\n");
    board.start();
    await until(async () => await read() === "two\n", SEEN_WITHIN, "what changed meanwhile");
    await until(() => board.streams === 1, SEEN_WITHIN, "the stream once more");
    assert.ok(board.count("/events") > streams);
    board.write("a", "three");
    await until(async () => await read() === "three\n", SEEN_WITHIN, "what changed afterwards");
    assert.deepEqual((await mounted.status()).changes.watches.lost, 0);
  },
});

Deno.test({
  name: "a board that tells nothing any more is asked anew at each read, until it tells again",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "one");
    await using mounted = await mountBoards({ board: { url: board.url, sources: "stream" } });
    const read = () => Deno.readTextFile(`${mounted.dir}/board/notes/a`);
    await read();
    await until(() => board.count("/changes") === 1, SEEN_WITHIN, "the poll that follows the opening");
    board.streamsFail = true;
    board.deaf = true;
    board.cut();
    board.write("a", "two");
    // The stream may stay broken for ten seconds; then nothing is believed any more.
    await until(async () => await read() === "two\n", 2 * SEEN_WITHIN, "the loss of the watch");
    for (const text of ["three", "four", "five"]) {
      board.write("a", text);
      assert.equal(await read(), `${text}\n`);
    }
    board.streamsFail = false;
    board.deaf = false;
    const asked = () => board.count("/notes");
    const isKept = async () => {
      const before = asked();
      await read();
      return asked() === before;
    };
    await until(isKept, 2 * SEEN_WITHIN, "a read that asks nobody");
    board.write("a", "six");
    await until(async () => await read() === "six\n", SEEN_WITHIN, "the last text");
  },
});

Deno.test({
  name: "what nobody tells of is not kept",
  ignore,
  async fn() {
    await using board = new Board();
    board.write("a", "one");
    await using mounted = await mountBoards({ board: { url: board.url, sources: "none" } });
    const read = () => Deno.readTextFile(`${mounted.dir}/board/notes/a`);
    await read();
    board.write("a", "two");
    await until(async () => await read() === "two\n", SEEN_WITHIN, "the loss of the watch");
    for (const text of ["three", "four"]) {
      board.write("a", text);
      assert.equal(await read(), `${text}\n`);
    }
    for (const name of ["b", "c"]) {
      board.write(name, "new");
      const { stdout } = await sh(`ls ${mounted.dir}/board/notes`);
      assert.deepEqual(stdout.trim().split("\n").at(-1), name);
    }
  },
});
