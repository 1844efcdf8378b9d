/**
 * Holds the import graph against the table in `rules.ts`, and shows on made-up graphs that the check bites.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { betweenModules, cycles, type Edge, edgesOf, forbidden, productEdges } from "./graph.ts";

const edge = (from: string, to: string, kind: Edge["kind"] = "value"): Edge => ({ from, to, kind });

Deno.test("imports flow one way: the product's graph obeys the table and has no cycle", async () => {
  const edges = await productEdges();
  ok(edges.length > 10, `only ${edges.length} imports were found: the graph was not read`);
  deepStrictEqual(forbidden(edges), []);
  deepStrictEqual(cycles(betweenModules(edges)), [], "between modules");
  deepStrictEqual(cycles(edges.filter(({ kind }) => kind === "value")), [], "between files, at run time");
});

Deno.test("an edge that the table does not name is reported, as a value and as a type", () => {
  for (
    const [from, to] of [
      ["fuse/session.ts", "runtime/base/log.ts"],
      ["runtime/base/log.ts", "runtime/cache/store.ts"],
      ["runtime/cache/store.ts", "runtime/vfs/read.ts"],
      ["runtime/vfs/read.ts", "fuse/session.ts"],
      ["runtime/provider/pool.ts", "runtime/cache/store.ts"],
      ["runtime/egress/gate.ts", "runtime/provider/node.ts"],
      ["runtime/cli/mount.ts", "runtime/vfs/read.ts"],
      ["runtime/cli/mount.ts", "runtime/control/server.ts"],
      ["providers/github/mod.ts", "runtime/base/path.ts"],
      ["providers/github/mod.ts", "providers/hello/mod.ts"],
      ["providers/github/mod.ts", "fuse/mod.ts"],
      ["runtime/new/mod.ts", "runtime/base/path.ts"],
      ["main.ts", "runtime/daemon.ts"],
      ["runtime/vfs/read.ts", "npm:lru-cache"],
      ["runtime/cache/store.ts", "npm:left-pad"],
      ["runtime/base/clock.ts", "tests/support/run.ts"],
    ] as const
  ) {
    deepStrictEqual(forbidden([edge(from, to)]), [`${from} → ${to} (value)`]);
    deepStrictEqual(forbidden([edge(from, to, "type")]), [`${from} → ${to} (type)`]);
  }
});

Deno.test("an edge that the table names passes", () => {
  deepStrictEqual(
    forbidden([
      edge("runtime/vfs/read.ts", "fuse/mod.ts"),
      edge("runtime/vfs/read.ts", "runtime/vfs/errno.ts"),
      edge("runtime/provider/pool.ts", "wit/types/provider-world.d.ts", "type"),
      edge("providers/github/mod.ts", "providers/sdk/mod.ts"),
      edge("runtime/cache/store.ts", "npm:lru-cache"),
      edge("runtime/cli/mount.ts", "runtime/daemon.ts", "lazy"),
    ]),
    [],
  );
});

Deno.test("the command line may load the daemon lazily and no other way", () => {
  deepStrictEqual(forbidden([edge("runtime/cli/mount.ts", "runtime/daemon.ts")]).length, 1);
  deepStrictEqual(forbidden([edge("runtime/cli/mount.ts", "runtime/daemon.ts", "type")]).length, 1);
});

Deno.test("a cycle is reported whole, wherever the walk starts", () => {
  const ring = [edge("a", "b"), edge("b", "c"), edge("c", "b"), edge("z", "a")];
  deepStrictEqual(cycles(ring), ["b → c → b"]);
  deepStrictEqual(cycles(ring.toReversed()).length, 1);
  deepStrictEqual(cycles([edge("a", "b"), edge("a", "c"), edge("b", "d"), edge("c", "d")]), []);
});

Deno.test("a cycle between modules is found although no file is part of one", () => {
  const edges = [
    edge("runtime/tree/a.ts", "runtime/cache/a.ts", "type"),
    edge("runtime/cache/b.ts", "runtime/tree/b.ts"),
  ];
  deepStrictEqual(cycles(edges), []);
  deepStrictEqual(cycles(betweenModules(edges)), ["runtime/tree → runtime/cache → runtime/tree"]);
});

Deno.test("value, type and lazy imports and packages are told apart in what deno info prints", () => {
  const root = "file:///x/";
  const modules = [{
    specifier: "file:///x/runtime/cli/a.ts",
    dependencies: [
      { specifier: "./b.ts", code: { specifier: "file:///x/runtime/cli/b.ts" } },
      { specifier: "./c.ts", type: { specifier: "file:///x/runtime/cli/c.ts" } },
      { specifier: "../daemon.ts", isDynamic: true, code: { specifier: "file:///x/runtime/daemon.ts" } },
      { specifier: "@a/b/sub", code: { specifier: "file:///x/node_modules/@a/b/sub.js" } },
      { specifier: "node:path", code: { specifier: "node:path" } },
    ],
  }, { specifier: "file:///elsewhere/z.ts", dependencies: [{ specifier: "./y.ts" }] }];
  deepStrictEqual(edgesOf({ modules }, root), [
    edge("runtime/cli/a.ts", "runtime/cli/b.ts"),
    edge("runtime/cli/a.ts", "runtime/cli/c.ts", "type"),
    edge("runtime/cli/a.ts", "runtime/daemon.ts", "lazy"),
    edge("runtime/cli/a.ts", "npm:@a/b"),
  ]);
});
