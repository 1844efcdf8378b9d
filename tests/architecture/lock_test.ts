/**
 * The lock file is whole: `npm ci` refuses one that lacks an optional package of some other platform, which is what
 * npm writes where its registry does not carry that platform.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "./sources.ts";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The optional dependencies that `packages` of a lock file names and does not hold. */
function missing(packages: Readonly<Record<string, Locked>>): string[] {
  const isHeld = (path: string, name: string): boolean => {
    if (`${path === "" ? "" : `${path}/`}node_modules/${name}` in packages) return true;
    return path !== "" && isHeld(path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/"))), name);
  };
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isHeld(path, name))
  );
}

Deno.test("the lock file holds every optional package of every platform", async () => {
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "package-lock.json")));
  ok(Object.keys(lock.packages).length > 100);
  deepStrictEqual(missing(lock.packages), []);
});

Deno.test("an optional package that the lock file names and does not hold is found", () => {
  const a = { optionalDependencies: { "@x/linux": "1", "@x/mac": "1" } };
  deepStrictEqual(missing({ "node_modules/a": a, "node_modules/@x/linux": {} }), ["@x/mac"]);
  const nested = { "node_modules/a": {}, "node_modules/a/node_modules/b": a };
  deepStrictEqual(missing({ ...nested, "node_modules/a/node_modules/@x/mac": {} }), ["@x/linux"]);
  deepStrictEqual(missing({ ...nested, "node_modules/@x/mac": {}, "node_modules/@x/linux": {} }), []);
});
