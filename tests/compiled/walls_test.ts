/**
 * The walls of the compiled executable, whose permissions are baked in: what its threads can reach, and that
 * `--allow-net` narrows it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RawUpstream, Upstream } from "../egress/fixture.ts";
import { assertRefused, reachOf, withAims } from "../security/aims.ts";
import type { Outcomes } from "../security/attempts.ts";
import { builtComponent } from "../support/build.ts";
import { run } from "../support/command.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { openPorts } from "../support/ports.ts";
import { compiled, whyNoMountOfExecutable } from "./executable.ts";
import type { Account, Orders } from "./walls_main.ts";

const ignore = await whyNoMountOfExecutable() !== undefined;

const WALLS = {
  entry: "tests/compiled/walls_main.ts",
  workers: ["runtime/egress/worker.ts", "runtime/provider/guest_worker.ts", "tests/security/egress_probe.ts"],
};

/**
 * The one attempt that a compiled program does not refuse although its thread may read nothing: Deno checks no import of
 * a script by its `file:` URL there. See `docs/security.md`.
 */
const UNCHECKED = "importFile";

/** The attempts in which a thread without any permission but `net` is refused. */
function walled(outcomes: Outcomes, unchecked: readonly string[]): string[] {
  return Object.keys(outcomes).filter((name) => !unchecked.includes(name));
}

Deno.test({
  name: "every kind of thread of a compiled program has the walls that it has in a checkout",
  ignore,
  fn: () =>
    withAims(async (aims, home) => {
      await using executable = await compiled(WALLS);
      await using granted = new Upstream(() => new Response("hi"));
      const orders: Orders = { aims, home, granted: granted.target };
      const { stdout, stderr } = await run(executable.path, [JSON.stringify(orders)], { deadline: 60_000 });
      const { before, after, egress, provider }: Account = JSON.parse(stdout || stderr);
      // What makes the refusals mean something: the same attempts succeed before the start.
      for (
        const name of ["fetch", "connect", "webSocket", "listen", "nodeNet", "workerWithNet", "ask", "run"]
      ) {
        assert.equal(before[name], "did", name);
      }
      assertRefused(after, reachOf("2.7.11"));
      assert.equal(egress.reached, "hi");
      assertRefused(egress.outcomes, walled(egress.outcomes, [UNCHECKED, "workerFromFile"]));
      assertRefused(provider, walled(provider, [UNCHECKED]));
      assert.ok(Object.keys(provider).length >= 18);
    }),
});

/** The answer to a request that a component makes, or what `omnifs cat` says of it. */
async function asked(mounted: Mounted, url: string): Promise<string> {
  // A slash cannot stand in a name.
  const order = JSON.stringify({ url }).replaceAll("/", "\\u002f");
  const { code, stdout, stderr } = await mounted.omnifs(["cat", `/requester/${order}`], { deadline: 60_000 });
  return code === 0 ? stdout : stderr;
}

Deno.test({
  name: "--allow-net narrows what the executable reaches, and it listens on nothing",
  ignore,
  fn: async () => {
    await using executable = await compiled();
    await using vault = new RawUpstream("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nvault", false);
    await using granted = new Upstream(({ url }) =>
      url.endsWith("/away")
        ? new Response(null, { status: 302, headers: { location: `http://${vault.target}/` } })
        : new Response("granted")
    );
    const component = await builtComponent(
      new URL("../hostile/fixtures/requester", import.meta.url).pathname,
    );
    const args = ["--provider", `requester=${component}`];
    {
      await using mounted = await mountOmnifs([...args, `--allow-net=${granted.target}`], {
        executable: executable.path,
      });
      assert.equal(await asked(mounted, granted.url()), "200 granted\n");
      assert.match(await asked(mounted, granted.url("/away")), /denied|not granted|not permitted/i);
      assert.match(await asked(mounted, `http://${vault.target}/`), /denied|not granted|not permitted/i);
      assert.deepEqual(await openPorts(mounted.pid), []);
    }
    {
      await using mounted = await mountOmnifs([...args, `--allow-net=${vault.target}`], {
        executable: executable.path,
      });
      assert.match(await asked(mounted, granted.url("/now")), /denied|not granted|not permitted/i);
      assert.equal(vault.asked, 0);
      assert.equal(await asked(mounted, `http://${vault.target}/`), "200 vault\n");
    }
    assert.equal(granted.requests.length, 2);
  },
});
