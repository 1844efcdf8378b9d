/**
 * Folders that are gone when the test is over.
 *
 * @module
 */

/** A folder of one test: `await using folder = await tempDir()`. */
export interface TempDir extends AsyncDisposable {
  /** Absolute, without a slash at its end. */
  readonly path: string;
}

/** A new, empty folder that only this user can enter. Removed with all that is in it, but not across mounts. */
export async function tempDir(): Promise<TempDir> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "omnifs-test-" }));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
