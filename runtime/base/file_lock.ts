/**
 * One process at a time.
 *
 * @module
 */

/** Does `work` while nobody else does what they do under the lock file `path` (flock(2)), which is made and stays. */
export async function withFileLock<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  using file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  await file.lock(true);
  return await work();
}

/** Does `work` while nobody else does what they do under the lock of the folder `path`, which has to be there. */
export async function withFolderLock<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  using folder = await Deno.open(path);
  await folder.lock(true);
  return await work();
}
