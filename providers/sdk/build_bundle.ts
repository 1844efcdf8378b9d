/**
 * A provider's modules as one script.
 *
 * @module
 */
import { resolve } from "node:path";
import { rolldown } from "rolldown";
import { BuildError } from "./build_error.ts";
import { type MapFields, originOf } from "./build_map.ts";

/** Where the SDK is, for whoever imports it by name. */
const SDK = new URL(".", import.meta.url).pathname;

/** The name by which a provider outside of this checkout imports the SDK. */
const SDK_NAME = "@omnifs/sdk";

/** A bundle. */
export interface Script {
  /** The script; the host's interfaces stay imports. */
  readonly code: string;
  /** What the entry exports. */
  readonly exports: readonly string[];
  /** The author's file, line and column behind a place in the script, all from 1; undefined where there is none. */
  origin(line: number, column: number): string | undefined;
}

/**
 * `entry` and all that it imports as one script.
 *
 * @throws {BuildError} with the file and the line that cannot be read
 */
export async function bundled(entry: string): Promise<Script> {
  const unresolved: string[] = [];
  const bundle = await rolldown({
    input: entry,
    platform: "neutral",
    // A neutral platform knows `exports` alone; a package without it names its entry in `main`.
    resolve: { mainFields: ["module", "main"] },
    external: [/^omnifs:/],
    plugins: [{ name: "omnifs-sdk", resolveId: sdkFile }],
    onLog: (_level, log) => void (log.code === "UNRESOLVED_IMPORT" && unresolved.push(log.message)),
  });
  try {
    // The source travels in the component. Names stay, so that a stack in an error can be read.
    const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
    const { output: [{ code, exports, map }] } = await bundle.generate({
      format: "es",
      sourcemap: "hidden",
      minify,
    });
    if (unresolved[0] !== undefined) throw new BuildError(`${entry}: ${firstLine(unresolved[0])}`);
    return { code, exports, origin: map === null ? () => undefined : originIn(map, entry) };
  } catch (error) {
    throw asBuildError(error, entry);
  } finally {
    await bundle.close();
  }
}

/** `@omnifs/sdk` is `mod.ts` of the SDK, and `@omnifs/sdk/http.ts` its file of that name. */
function sdkFile(source: string): string | undefined {
  if (source === SDK_NAME) return `${SDK}mod.ts`;
  return source.startsWith(`${SDK_NAME}/`) ? SDK + source.slice(SDK_NAME.length + 1) : undefined;
}

function originIn(map: MapFields, entry: string): Script["origin"] {
  return (line, column) => {
    const origin = originOf(map, line, column);
    if (origin === undefined) return undefined;
    return `${new URL(origin.source, `file://${entry}`).pathname}:${origin.line}:${origin.column}`;
  };
}

/** The first of the errors of a bundle, by its place. */
function asBuildError(error: unknown, entry: string): unknown {
  if (typeof error !== "object" || error === null || !("errors" in error) || !Array.isArray(error.errors)) {
    return error;
  }
  const [first]: { id?: string; message?: string; loc?: { file?: string; line: number; column: number } }[] =
    error.errors;
  if (first === undefined) return error;
  const place = first.loc === undefined
    ? first.id
    : `${resolve(first.loc.file ?? entry)}:${first.loc.line}:${first.loc.column + 1}`;
  const more = error.errors.length > 1 ? ` (and ${error.errors.length - 1} more)` : "";
  return new BuildError(`${place ?? "the sources"}: ${firstLine(first.message ?? "")}${more}`);
}

/** A message without its name in brackets and without the picture below it. */
function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/^\[\w+\] /, "").replace(/ in \S+\.ts$/, "");
}
