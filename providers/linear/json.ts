/**
 * Linear's answers: unknown JSON, looked at without trusting its shape.
 *
 * @module
 */
import { unavailable } from "../sdk/mod.ts";

/** An object of an answer. */
export type Json = Readonly<Record<string, unknown>>;

/** True for an object that is no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` as an object; anything else is an upstream that does not speak Linear's API. */
export function object(value: unknown): Json {
  if (isObject(value)) return value;
  throw unavailable("the upstream answered something else than an object: is endpoint Linear's API?");
}

/** The text at `key`, if it is one. */
export function text(from: unknown, key: string): string | undefined {
  const value = isObject(from) ? from[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The text at `key`, without which an object cannot be named or found again. */
export function needed(from: unknown, key: string): string {
  const value = text(from, key);
  if (value !== undefined && value !== "") return value;
  throw unavailable(`the upstream answered an object without a "${key}"`);
}

/** The number at `key`, if it is one. */
export function number(from: unknown, key: string): number | undefined {
  const value = isObject(from) ? from[key] : undefined;
  return typeof value === "number" ? value : undefined;
}

/** One page of a list, as Relay's connections have it. */
export interface Connection {
  /** Its objects. */
  readonly nodes: readonly Json[];
  /** True where this is not the last page. */
  readonly more: boolean;
  /** The cursor of the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** The connection at `key`. */
export function connection(from: Json, key: string): Connection {
  const { nodes, pageInfo } = object(from[key]);
  if (!Array.isArray(nodes) || !nodes.every(isObject)) {
    throw unavailable(`the upstream answered "${key}" without a list of objects`);
  }
  const more = isObject(pageInfo) && pageInfo["hasNextPage"] === true;
  return { nodes, more, next: more ? text(pageInfo, "endCursor") : undefined };
}
