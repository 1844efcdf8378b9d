/**
 * The tree over the sample data of `sample/`, without a component: `deno test -A`.
 *
 * @module
 */
import { deepStrictEqual, equal } from "node:assert/strict";
import { type Node, notFound } from "../mod.ts";
import { type Api, changes, list, lookup } from "./tree.ts";

const SAMPLE = new URL("./sample/api.example.com", import.meta.url);

/** The upstream as the sample data has it. */
const api: Api = {
  get(path) {
    try {
      return JSON.parse(Deno.readTextFileSync(`${SAMPLE.pathname}${path}.json`));
    } catch {
      throw notFound();
    }
  },
};

function text(node: Node | undefined): string | undefined {
  if (node?.content.tag !== "inline" || node.content.val.tag !== "text") return undefined;
  return node.content.val.val;
}

Deno.test("every note is a directory of its files", () => {
  const { entries, also, complete } = list(api, "notes");
  deepStrictEqual(entries.map(({ name }) => name), ["1", "2"]);
  deepStrictEqual(complete, ["note/1", "note/2"]);
  deepStrictEqual(
    also?.filter(({ parent }) => parent === "note/1").map(({ entry }) => entry),
    list(api, "note/1").entries,
  );
});

Deno.test("a title is a file of one line", () => {
  equal(text(lookup(api, "note/1", "title")), "Buy oil for the lamp\n");
});

Deno.test("a note that is not there is absent", () => {
  equal(lookup(api, "notes", "99"), undefined);
  equal(lookup(api, "notes", "01"), undefined);
});

Deno.test("a poll tells that nothing changed", () => {
  const { cursor } = changes(api, undefined);
  deepStrictEqual(changes(api, cursor).invalidations, []);
});
