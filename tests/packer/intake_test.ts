/**
 * What the author does on disk is noticed, and a plain edit is taken in by itself: at a cost in proportion to it.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { LookDisk } from "../../runtime/packer/look.ts";
import { until } from "../support/deadline.ts";
import { lookDisk } from "../../runtime/packer/look_disk.ts";
import { Scouting } from "./local_scout.ts";
import { declaration, NOTICED, type OpenWorkspace, uuid, Workspace } from "./workspace.ts";

const digestOf = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();

/** Resolves once the snapshot has a file with this digest, or none where that is undefined. */
async function hasDigest(
  open: OpenWorkspace,
  asset: number,
  path: string,
  text: string | undefined,
): Promise<void> {
  const wanted = text === undefined ? undefined : await digestOf(text);
  await until(
    () => {
      using reader = open.packer.reader();
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      try {
        return reader.files(asset, folder).find((entry) => entry.path === path)?.digest === wanted;
      } catch {
        return wanted === undefined;
      }
    },
    NOTICED,
    `${path} with ${text}`,
  );
}

Deno.test("edits of a registered asset are noticed and taken in as new generations", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  strictEqual(open.packer.status().noticing, "watch");
  await workspace.write("hero/a.txt", "edited");
  await hasDigest(open, 1, "a.txt", "edited");
  strictEqual(await open.text(1, "a.txt"), "edited");
  await workspace.write("hero/sub/deeper/new.txt", "new");
  await hasDigest(open, 1, "sub/deeper/new.txt", "new");
  await Deno.rename(workspace.at("hero/a.txt"), workspace.at("hero/b.txt"));
  await hasDigest(open, 1, "b.txt", "edited");
  await hasDigest(open, 1, "a.txt", undefined);
  await Deno.remove(workspace.at("hero/sub"), { recursive: true });
  await hasDigest(open, 1, "sub/deeper/new.txt", undefined);
  await workspace.write("hero/asset.json", declaration(1, "other"));
  await until(
    () => {
      using reader = open.packer.reader();
      return reader.asset(1).name === "other";
    },
    NOTICED,
    "the edited declaration",
  );
  await open.becomes("clean");
  deepStrictEqual(open.packer.divergences(), []);
});

Deno.test("an edit makes the state stale, then a generation, then clean again, all of one correlation", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  await open.packer.digested();
  const from = open.events.length;
  await workspace.write("hero/a.txt", "edited");
  await hasDigest(open, 1, "a.txt", "edited");
  await open.becomes("clean");
  const events = open.events.slice(from);
  const told = events.map(({ type, data }) => "state" in data ? `${type} ${data.state}` : type);
  strictEqual(told[0], "packer.state stale");
  strictEqual(told.at(-1), "packer.state clean");
  ok(told.includes("packer.generation"));
  for (const { data } of events) {
    ok("cause" in data && data.cause.includes("hero/a.txt"), JSON.stringify(data));
  }
  const first = events.findIndex(({ type }) => type === "packer.generation");
  const correlations = events.slice(0, first + 1).map(({ data }) =>
    "correlation" in data ? data.correlation : ""
  );
  strictEqual(new Set(correlations).size, 1);
});

Deno.test("what is not an edit of a registered asset waits for a decision, also when it is noticed by itself", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open({ watch: true });
  await Deno.rename(workspace.at("hero"), workspace.at("moved"));
  await until(() => open.waiting().includes("root-moved hero"), NOTICED, "the move");
  await Deno.remove(workspace.at("villain"), { recursive: true });
  await until(() => open.waiting().includes("root-missing villain"), NOTICED, "the removal");
  await workspace.write(".prometeu/index.json", "{");
  await until(
    () => open.waiting().includes("registry-invalid .prometeu/index.json"),
    NOTICED,
    "the corruption",
  );
  strictEqual(open.packer.status().state, "diverged");
});

Deno.test("the packer's own commits are no news to it", async () => {
  await using workspace = await Workspace.with("hero");
  await using open = await workspace.open({ watch: true });
  await open.packer.digested();
  for (let count = 0; count < 5; count++) {
    await open.packer.commit([{ do: "put", asset: 1, path: "a.txt", content: `${count}` }]);
  }
  // An edit of the author, in one step, comes after all that the commits have brought about.
  await Deno.writeTextFile(`${workspace.path}/last.txt`, "last");
  await Deno.rename(`${workspace.path}/last.txt`, workspace.at("hero/last.txt"));
  await hasDigest(open, 1, "last.txt", "last");
  const by = open.events.flatMap(({ data }) => "by" in data ? [data.by] : []);
  deepStrictEqual(by, ["commit", "commit", "commit", "commit", "commit", "intake"]);
});

Deno.test("a walk finds what no watch has told", async () => {
  await using workspace = await Workspace.with("hero", "villain");
  await using open = await workspace.open();
  strictEqual(open.packer.status().noticing, "nothing");
  await open.packer.digested();
  await workspace.write("hero/a.txt", "edited");
  await workspace.write("hero/empty/x.txt", "x");
  await Deno.mkdir(workspace.at("villain/folder"));
  await workspace.write("fresh/asset.json", declaration(1, "a copy"));
  await open.packer.look();
  await hasDigest(open, 1, "a.txt", "edited");
  await open.becomes("diverged");
  deepStrictEqual(open.waiting(), ["uuid-twice fresh/asset.json"]);
  using reader = open.packer.reader();
  deepStrictEqual(reader.files(2).map(({ path }) => path), ["a.txt", "asset.json", "folder"]);
  deepStrictEqual(reader.files(1, "empty").map(({ path }) => path), ["empty/x.txt"]);
});

Deno.test("bytes that changed while every fact stayed the same are found by reading them", async () => {
  await using workspace = await Workspace.with("hero");
  let isRotten = false;
  const disk: LookDisk = {
    ...lookDisk,
    read: (path) =>
      isRotten && path.endsWith("a.txt") ? new TextEncoder().encode("other bytes") : lookDisk.read(path),
  };
  await using open = await workspace.open({ scout: (assets) => new Scouting(assets, disk) });
  await open.packer.digested();
  const before = await open.packer.doctor(true);
  deepStrictEqual([before.healthy, before.digested, before.findings], [true, 2, []]);
  isRotten = true;
  const { healthy, findings } = await open.packer.doctor(true);
  strictEqual(healthy, false);
  deepStrictEqual(findings.map(({ rule, path, severity }) => [rule, path, severity]), [[
    "digest",
    "hero/a.txt",
    "error",
  ]]);
  strictEqual((await open.packer.doctor()).healthy, true, "who does not read does not find");
});

/** A disk that tells what is looked at and read. */
class Counted implements LookDisk {
  looked: string[] = [];
  list = (path: string) => this.#count("list", path, lookDisk.list(path));
  look = (path: string) => this.#count("look", path, lookDisk.look(path));
  probe = (path: string) => this.#count("probe", path, lookDisk.probe(path));
  read = (path: string) => this.#count("read", path, lookDisk.read(path));
  pieces = (path: string) => this.#count("read", path, lookDisk.pieces(path));

  #count<Value>(what: string, path: string, value: Value): Value {
    this.looked.push(`${what} ${path.slice(path.indexOf("/assets/") + "/assets/".length)}`);
    return value;
  }
}

Deno.test("one edit costs a look at that file and its asset's declaration, whatever else there is", async () => {
  const roots = Array.from({ length: 50 }, (_, index) => `asset-${index}`);
  await using workspace = await Workspace.with(...roots);
  const disk = new Counted();
  let scout: Scouting | undefined;
  await using open = await workspace.open({
    watch: true,
    scout: (assets) => scout = new Scouting(assets, disk),
  });
  await open.packer.digested();
  await workspace.write("asset-7/a.txt", "edited");
  disk.looked = [];
  scout?.tell({ paths: [workspace.at("asset-7/a.txt")], lost: false });
  await hasDigest(open, 8, "a.txt", "edited");
  await open.becomes("clean");
  deepStrictEqual([...new Set(disk.looked)].toSorted(), [
    "look asset-7",
    "look asset-7/a.txt",
    "look asset-7/asset.json",
    "read asset-7/a.txt",
    "read asset-7/asset.json",
  ]);
  deepStrictEqual(open.packer.generation, 2);
});

Deno.test("a thread that can look no more is told as failed, and reads go on", async () => {
  await using workspace = await Workspace.with("hero");
  let died: (why: string) => void = () => {};
  class Dying extends Scouting {
    override onDeath(listener: (why: string) => void): void {
      died = listener;
    }
  }
  await using open = await workspace.open({ scout: (assets) => new Dying(assets) });
  died("out of memory");
  strictEqual(open.packer.status().state, "failed");
  using reader = open.packer.reader();
  strictEqual(reader.asset(1).uuid, uuid(1));
});

Deno.test("where the system gives us no watch, walking has to do", async () => {
  await using workspace = await Workspace.with("hero");
  class Blind extends Scouting {
    override watch(): Promise<void> {
      return Promise.reject(new Error("no space left on device"));
    }
  }
  await using open = await workspace.open({ watch: true, patrol: 10, scout: (assets) => new Blind(assets) });
  strictEqual(open.packer.status().noticing, "walk");
  await workspace.write("hero/a.txt", "edited");
  await hasDigest(open, 1, "a.txt", "edited");
});
