/** @module Interface omnifs:provider/manifest@1.0.0 **/
export function describe(): Manifest;
/**
 * One authority that the provider wants, shown to the user with its reason.
 */
export interface Need {
  /**
   * A host (`api.github.com`), `unix:` and a socket's path, or `dns`.
   */
  target: string,
  /**
   * True where it also asks to change the upstream.
   */
  write: boolean,
  /**
   * One sentence for the person who grants it.
   */
  why: string,
  /**
   * The name of the credential that the host attaches to requests to `target`.
   */
  credential?: string,
  /**
   * Least milliseconds between the starts of two requests to `target`, one at a time; at most 60,000. All
   * targets with a pace in one manifest take turns together, and so do all mounts that name the
   * same target: the host holds this, and no provider has to wait by itself.
   */
  pace?: bigint,
}
export interface Manifest {
  /**
   * The default first path segment, such as `github`.
   */
  name: string,
  version: string,
  summary: string,
  needs: Array<Need>,
  /**
   * JSON Schema (draft 2020-12) of the provider's own settings.
   */
  settingsSchema: string,
}
