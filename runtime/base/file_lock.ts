/**
 * One process at a time.
 *
 * @module
 */

/** Does `work` while no other process does what it does under the lock file `path`, which is made and stays (flock(2)). */
export async function withFileLock<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  using file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  await file.lock(true);
  return await work();
}
