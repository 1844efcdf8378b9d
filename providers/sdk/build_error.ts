/**
 * Why a provider does not build, in words for its author.
 *
 * @module
 */

/** The sources are at fault: the message names the file, and the line where one is known. */
export class BuildError extends Error {
  /** `message` says what is wrong, and where. */
  constructor(message: string) {
    super(message);
    this.name = "BuildError";
  }
}
