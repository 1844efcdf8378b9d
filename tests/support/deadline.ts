/**
 * Waiting with an end: a test that waits for something fails when it does not come, and says what it was.
 *
 * @module
 */

/** Something did not come in time. */
export class DeadlineError extends Error {
  /** `what` did not happen within `milliseconds`. */
  constructor(what: string, milliseconds: number) {
    super(`${what}: not within ${milliseconds} ms`);
    this.name = "DeadlineError";
  }
}

/** The value of `promise`. @throws {DeadlineError} where it takes longer than `milliseconds` */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  milliseconds: number,
  what: string,
): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DeadlineError(what, milliseconds)), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long {@linkcode until} waits between two looks, in milliseconds. */
const LOOK_EVERY = 10;

/**
 * Looks until `look` answers something other than undefined, null or false, and returns that.
 *
 * @throws {DeadlineError} where it does not within `milliseconds`
 */
export async function until<Value>(
  look: () => Value | Promise<Value>,
  milliseconds: number,
  what: string,
): Promise<NonNullable<Value>> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (performance.now() > end) throw new DeadlineError(what, milliseconds);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
