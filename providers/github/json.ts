/**
 * GitHub's answers, read without trusting their shape: a field that is missing or of another type is absent.
 *
 * @module
 */
import { unavailable } from "../sdk/mod.ts";

/** One object of an answer, its fields unchecked. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` as an object; anything else is an upstream that does not speak GitHub's API. */
export function object(value: unknown): Json {
  if (isObject(value)) return value;
  throw unavailable("the upstream answered something else than a JSON object: is api_url a GitHub API?");
}

/** `value` as a list of objects; so is anything else. */
export function objects(value: unknown): Json[] {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw unavailable("the upstream answered something else than a list of objects: is api_url a GitHub API?");
}

/** The text at `key`, if it is one. */
export function text(from: unknown, key: string): string | undefined {
  const value = isObject(from) ? from[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The truth value at `key`, if it is one. */
export function flag(from: unknown, key: string): boolean | undefined {
  const value = isObject(from) ? from[key] : undefined;
  return typeof value === "boolean" ? value : undefined;
}

/** The whole number at `key`, such as an id; without one the object cannot be named, so its absence is an error. */
export function id(from: Json, key: string): number {
  const value = from[key];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw unavailable(`the upstream answered an object without a "${key}"`);
}

/** The texts at `key` of each object in the list at `list`. */
export function texts(from: Json, list: string, key: string): string[] {
  const items = from[list];
  if (!Array.isArray(items)) return [];
  return items.map((item) => text(item, key)).filter((value) => value !== undefined);
}
