/**
 * Reading parsed JSON without trusting its shape: each function fails loudly where the shape is another.
 *
 * @module
 */

/** A JSON object, its values unchecked. */
export type Json = { readonly [key: string]: unknown };

/** `value` as an object. */
export function object(value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`not a JSON object: ${JSON.stringify(value)?.slice(0, 200)}`);
  }
  return { ...value };
}

/** `value` as a list of objects. */
export function objects(value: unknown): Json[] {
  if (!Array.isArray(value)) throw new TypeError(`not a JSON list: ${JSON.stringify(value)?.slice(0, 200)}`);
  return value.map(object);
}

/** The text at `key`. */
export function text(from: Json, key: string): string {
  const value = from[key];
  if (typeof value !== "string") throw new TypeError(`"${key}" is not a text: ${JSON.stringify(value)}`);
  return value;
}

/** The number at `key`. */
export function number(from: Json, key: string): number {
  const value = from[key];
  if (typeof value !== "number") throw new TypeError(`"${key}" is not a number: ${JSON.stringify(value)}`);
  return value;
}
