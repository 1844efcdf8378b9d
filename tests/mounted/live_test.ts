/**
 * A file of which nobody tells when it changes: each look shows it as it is, and `tail -f` follows it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtComponent } from "../support/build.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountOmnifs, ROOT } from "../support/mount.ts";
import { following } from "./following.ts";

const ignore = !(await fuseIsThere());

/** An upstream with one text that a test changes. */
function serveText(): AsyncDisposable & { text: string; readonly url: string } {
  const upstream = { text: "line 1\n", url: "" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(upstream.text),
  );
  const url = `http://127.0.0.1:${server.addr.port}/log`;
  return Object.assign(upstream, { url, [Symbol.asyncDispose]: () => server.shutdown() });
}

async function mountLive(url: string) {
  const component = await builtComponent(`${ROOT}/tests/mounted/live`);
  return await mountOmnifs([
    `--provider=live=${component}`,
    `--allow-net=${new URL(url).host}`,
    `--set=live.url=${url}`,
  ]);
}

Deno.test({
  name: "a volatile file is read anew each time, with a size that fits, however its bytes are had",
  ignore,
  async fn() {
    await using upstream = serveText();
    await using mounted = await mountLive(upstream.url);
    for (const name of ["log", "by-url"]) {
      const file = `${mounted.dir}/live/${name}`;
      for (const text of ["short\n", "a longer text than before\n", "tiny\n", "", "tiny\n", "tine\n"]) {
        upstream.text = text;
        assert.equal((await run("cat", [file])).stdout, text, name);
        assert.equal((await run("stat", ["-c", "%s", file])).stdout, `${text.length}\n`, name);
      }
    }
  },
});

Deno.test({
  name: "tail -f follows a volatile file that grows",
  ignore,
  async fn() {
    await using upstream = serveText();
    await using mounted = await mountLive(upstream.url);
    await using tail = following("tail", "-n", "+1", "-s", "0.1", "-f", `${mounted.dir}/live/log`);
    for (let line = 2; line < 6; line++) {
      await until(
        () => tail.text() === upstream.text,
        20_000,
        `${upstream.text} under tail -f: ${tail.text()}`,
      );
      upstream.text += `line ${line}\n`;
    }
    await until(() => tail.text() === upstream.text, 20_000, `the last line under tail -f: ${tail.text()}`);
  },
});
