/**
 * Work that cannot be stopped, only left alone.
 *
 * @module
 */

/** What `work` comes to. Rejects with the reason of the abort where that comes first; then nobody hears of the work. */
export async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  // Whoever left it alone does not want to hear how it failed either.
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
