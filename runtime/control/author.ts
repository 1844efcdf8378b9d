/**
 * What `omnifs provider new` and `build` ask of the runtime: plain data, so that the command line need not load the
 * toolchain to say it.
 *
 * @module
 */

/** A provider whose sources were written. */
export interface ScaffoldDocument {
  /** The absolute folder. */
  readonly folder: string;
  /** What is in it, relative to it, in order. */
  readonly files: readonly string[];
}

/** A component that was built. */
export interface BuiltDocument {
  /** Its absolute path. */
  readonly file: string;
  /** Its length in bytes. */
  readonly bytes: number;
}

/** What to build. */
export interface BuildOptions {
  /** The absolute folder of the sources. */
  readonly folder: string;
  /** The absolute path of the component. */
  readonly file: string;
  /** True where the types are checked first. */
  readonly check: boolean;
  /** Ends the build. */
  readonly signal: AbortSignal;
}

/** What `runtime/author.ts` exports. */
export interface Author {
  /** Writes the sources of a provider called `name` into the new folder `folder`. @throws {OmnifsError} */
  scaffold(name: string, folder: string): Promise<ScaffoldDocument>;
  /** Builds a component. @throws {OmnifsError} `invalid` with the file and the line that is at fault */
  build(options: BuildOptions): Promise<BuiltDocument>;
}
