/**
 * A check for what is gone from a list: Linear tells no count, and no date changes when a comment or a label is deleted.
 *
 * From the oldest on, a page of a list stays as it is until something on it is deleted; only the last page grows. So a
 * mark of each page, and how many items the last one had, tell whether anything is gone.
 *
 * @module
 */
import { markOf } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { isObject, type Json, needed, object, text } from "./json.ts";

/** Most pages that are swept: 5,000 items. */
const MOST_PAGES = 20;

/** What is remembered of a list. */
export interface Swept {
  /** A mark of each page, the oldest first. */
  readonly pages: readonly string[];
  /** Items on the last of them. */
  readonly last: number;
}

/** Every page of a list from the oldest on; `query` takes `$before`, and the list is at `field` of its answer. */
export function pagesOf(api: Api, query: string, field: string, variables: Json = {}): string[][] {
  const pages: string[][] = [];
  let before: string | undefined;
  do {
    const { nodes, pageInfo } = object(api.query(query, { ...variables, before })[field]);
    const ids = Array.isArray(nodes) ? nodes.map((node) => needed(node, "id")) : [];
    // Lists begin with the youngest.
    pages.push(ids.reverse());
    before = isObject(pageInfo) && pageInfo["hasPreviousPage"] === true
      ? text(pageInfo, "startCursor")
      : undefined;
  } while (before !== undefined && pages.length < MOST_PAGES);
  return pages;
}

/** What to remember of these pages. */
export function sweptOf(pages: readonly (readonly string[])[]): Swept {
  return { pages: pages.map(markOfPage), last: pages.at(-1)?.length ?? 0 };
}

/** True where everything that was remembered is still there. */
export function isWhole(before: Swept, pages: readonly (readonly string[])[]): boolean {
  return before.pages.every((mark, i) => {
    const page = pages[i] ?? [];
    const last = i === before.pages.length - 1;
    return markOfPage(last ? page.slice(0, before.last) : page) === mark;
  });
}

/** What a cursor remembers; undefined where it is nothing. */
export function sweptIn(value: unknown): Swept | undefined {
  if (!isObject(value)) return undefined;
  const { pages, last } = value;
  if (!Array.isArray(pages) || !pages.every((one) => typeof one === "string")) return undefined;
  return typeof last === "number" ? { pages, last } : undefined;
}

function markOfPage(ids: readonly string[]): string {
  return markOf(ids.join());
}
