/**
 * The Engine's answers, read without trusting their shape: where Docker has a list, Podman may have `null`, and a
 * field that is missing or of another type is absent.
 *
 * @module
 */

/** One object of an answer, its fields unchecked. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value behind a path of keys, if there is one. */
export function within(from: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((value, key) => isObject(value) ? value[key] : undefined, from);
}

/** The text behind a path of keys, if it is one. */
export function text(from: unknown, ...keys: string[]): string | undefined {
  const value = within(from, ...keys);
  return typeof value === "string" ? value : undefined;
}

/** The texts in the list behind a path of keys; none where there is no list. */
export function texts(from: unknown, ...keys: string[]): string[] {
  const value = within(from, ...keys);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The objects in `value`; none where it is no list. */
export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * A date in milliseconds since the Unix epoch, down to whole seconds: lists tell seconds as a number, and the same
 * date is a text with nine decimals where the object is asked for alone. Undefined for none, as `0001-01-01` is.
 */
export function dateOf(value: unknown): number | undefined {
  const time = typeof value === "number" ? value * 1_000 : typeof value === "string" ? parsed(value) : NaN;
  const whole = Math.floor(time / 1_000) * 1_000;
  return whole > 0 ? whole : undefined;
}

/** More than three decimals of a second are no date to some engines (ECMA-262, 21.4.1.32). */
function parsed(date: string): number {
  return Date.parse(date.replace(/(\.\d{3})\d+/, "$1"));
}
