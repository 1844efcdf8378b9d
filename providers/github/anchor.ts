/**
 * A check for what is gone from a list: GitHub tells nobody when a comment is deleted (not even the date of its issue
 * changes), nor where an issue went.
 *
 * In the order of creation the item at place N stays there for as long as none before it goes. So one item a request,
 * and that answer stays the same until something is deleted.
 *
 * @module
 */
import { linkTarget, orAbsent, withQuery } from "../sdk/mod.ts";
import type { Api } from "./api.ts";
import { id, isObject, objects } from "./json.ts";

/** The newest item of a list, and how many there were when it was. */
export interface Anchor {
  /** Its place in the order of creation, counted from 1; 0 for an empty list. */
  readonly place: number;
  /** Its number or id. */
  readonly key: number;
}

/** A list that is checked. */
export interface Anchored {
  /** The API's path. */
  readonly path: string;
  /** What tells its items apart. */
  readonly key: "number" | "id";
}

const NONE: Anchor = { place: 0, key: 0 };

/** True where no item up to the anchor is gone. */
export function holds(api: Api, { path, key }: Anchored, { place, key: expected }: Anchor): boolean {
  if (place === 0) return true;
  const url = withQuery(path, { sort: "created", direction: "asc", per_page: 1, page: place });
  const [item] = orAbsent(() => objects(api.page(url, undefined).value)) ?? [];
  return item !== undefined && id(item, key) === expected;
}

/** The anchor at the list's newest item; undefined where GitHub does not tell how many there are. */
export function anchor(api: Api, { path, key }: Anchored): Anchor | undefined {
  const url = withQuery(path, { sort: "created", direction: "desc", per_page: 1 });
  const page = orAbsent(() => api.page(url, undefined));
  const [item] = page === undefined ? [] : objects(page.value);
  if (page === undefined || item === undefined) return NONE;
  if (page.next === undefined) return { place: 1, key: id(item, key) };
  const last = linkTarget(page.answer.header("link"), "last") ?? "";
  const place = Number(/[?&]page=(\d+)/.exec(last)?.[1]);
  return Number.isSafeInteger(place) ? { place, key: id(item, key) } : undefined;
}

/** An anchor out of a cursor; undefined where it is none. */
export function anchorIn(value: unknown): Anchor | undefined {
  if (!isObject(value)) return undefined;
  const { place, key } = value;
  return typeof place === "number" && typeof key === "number" ? { place, key } : undefined;
}
