/**
 * Folders that are gone when the test is over.
 *
 * @module
 */

/** A folder in memory, where there is one: for tests that sync thousands of times. */
export async function memoryDir(): Promise<TempDir> {
  const isThere = await Deno.stat("/dev/shm").then(({ isDirectory }) => isDirectory, () => false);
  return await tempDir(isThere ? "/dev/shm" : undefined);
}

/** A folder of one test: `await using folder = await tempDir()`. */
export interface TempDir extends AsyncDisposable {
  /** Absolute, without a slash at its end. */
  readonly path: string;
}

/**
 * A new, empty folder that only this user can enter, in the folder for temporary files or in `dir`. Removed with all
 * that is in it, but not across mounts.
 */
export async function tempDir(dir?: string): Promise<TempDir> {
  const where = dir === undefined ? {} : { dir };
  const path = await Deno.realPath(await Deno.makeTempDir({ ...where, prefix: "omnifs-test-" }));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
