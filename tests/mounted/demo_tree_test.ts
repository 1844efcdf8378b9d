/**
 * The whole of every provider's tree, read from a real mount: the demo's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sh } from "../support/command.ts";
import { withDeadline } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { mountDemo, type Mounted } from "../support/mount.ts";
import { promisedPaths } from "./paths.ts";

const DEADLINE = 60_000;

/** What is read of each provider; what lists nothing has to be named. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  hello: [""],
  github: ["acme"],
  linear: [""],
  docker: [""],
  arxiv: [
    "papers/2401.00104",
    "papers/2402.01017",
    "papers/2403.02718",
    "papers/physics%2F9901001",
    "categories/physics.ao-ph",
    "_search/all:lamp",
    "_search/ti:sea",
  ],
  dns: [
    "lighthouse.example",
    "www.lighthouse.example",
    "möwe.lighthouse.example",
    "_xmpp-server._tcp.lighthouse.example",
    "_443._tcp.lighthouse.example",
    "_reverse/192.0.2.18",
  ],
};

/** Files whose upstream may go on to write them. */
const LIVE = /^docker\/.*\/log$/;

Deno.test(
  "every path that is promised is there, with its exact length, as text that ends or JSON that parses",
  {
    ignore: !(await fuseIsThere()),
  },
  async () => {
    await using mounted = await mountDemo();
    assert.equal((await sh(`ls ${mounted.dir}`)).stdout, `${Object.keys(ROOTS).sort().join("\n")}\n`);
    const read: string[] = [];
    for (const [provider, paths] of Object.entries(await withResolver(mounted))) {
      for (const { size, path } of await filesBelow(mounted, paths.map((path) => `${provider}/${path}`))) {
        await checkFile(mounted, path, size);
        read.push(path);
      }
    }
    const missing = promisedPaths().filter(({ pattern }) => !read.some((path) => pattern.test(path)));
    assert.deepEqual(missing.map(({ path }) => path), []);
    const { errors, grants } = await mounted.status();
    assert.deepEqual(errors, []);
    assert.equal(grants.allow.length, 6);
    for (const scope of grants.allow) assert.match(scope, /^127\.0\.0\.1:\d+$|^unix:.*\/docker\.sock$/);
  },
);

/** The roots, and one by way of a resolver that is named. */
async function withResolver(mounted: Mounted): Promise<Readonly<Record<string, readonly string[]>>> {
  const { providers } = await mounted.status();
  const needs = providers.find(({ mount }) => mount === "dns")?.needs ?? [];
  const resolver = needs.map(({ target }) => target).find((target) => target !== "dns");
  return { ...ROOTS, dns: [...ROOTS["dns"] ?? [], `@${resolver}/lighthouse.example`] };
}

async function filesBelow(
  mounted: Mounted,
  roots: readonly string[],
): Promise<{ size: number; path: string }[]> {
  const words = roots.map((root) => `'${root}'`).join(" ");
  const script = `find ${words} -type f -printf '%s %p\\n'`;
  const { code, stdout, stderr } = await sh(script, { cwd: mounted.dir, deadline: DEADLINE });
  assert.deepEqual([code, stderr], [0, ""], words);
  return stdout.trimEnd().split("\n").map((line) => {
    const [, size = "", path = ""] = /^(\d+) (.+)$/.exec(line) ?? [];
    return { size: Number(size), path };
  });
}

async function checkFile({ dir }: Mounted, path: string, size: number): Promise<void> {
  const bytes = await withDeadline(Deno.readFile(`${dir}/${path}`), DEADLINE, path);
  if (LIVE.test(path)) assert.ok(bytes.length >= size, path);
  else assert.equal(bytes.length, size, path);
  if (/\.(pdf|gz)$/.test(path)) return;
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (path.endsWith(".json")) JSON.parse(text);
  assert.ok(text === "" || /(^|[^\n])\n$/.test(text), path);
}
