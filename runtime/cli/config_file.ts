/**
 * The configuration file: which one it is, and what it says. A fault in it is told with line and column.
 *
 * @module
 */
import { meant } from "../base/nearest.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { configPath, type Environment, home } from "../control/places.ts";
import { UsageError } from "./command.ts";
import { absolute } from "./daemons.ts";
import { fromFile, type Said, type Setting, SETTINGS, TypeFault } from "./settings.ts";
import { type Position, type Positions, positionsOf, type TomlPath } from "./toml_positions.ts";

/** What a file says of one setting. */
export interface FileEntry {
  /** The setting. */
  readonly setting: Setting;
  /** What is said. */
  readonly said: Said;
  /** File, line and column. */
  readonly from: string;
  /** File, line and column of what `path` leads to in the value. */
  place(path: TomlPath): string;
}

/** A file that was read. */
export interface ConfigFile {
  /** Its absolute path. */
  readonly path: string;
  /** The absolute folder where its relative paths begin. */
  readonly base: string;
  /** What it says. */
  readonly entries: readonly FileEntry[];
}

/**
 * The file called `named`, that of `OMNIFS_CONFIG`, or the one in the user's folder for configuration, which need not
 * be there.
 *
 * @throws {OmnifsError} `invalid` where it says what cannot be, `not-found` where a named one is missing, `denied` where
 * everybody may change it
 */
export async function readConfigFile(
  named: string | undefined,
  environment: Environment,
): Promise<ConfigFile | undefined> {
  const chosen = named ?? (environment("OMNIFS_CONFIG") || undefined);
  const path = absolute(chosen ?? configPath(environment));
  const text = await textOf(path, chosen !== undefined);
  if (text === undefined) return undefined;
  const base = path.slice(0, path.lastIndexOf("/")) || "/";
  return { path, base, entries: await entriesOf(path, text, home(environment)) };
}

async function textOf(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    await refuseForeign(path);
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof OmnifsError) throw error;
    const isMissing = error instanceof Deno.errors.NotFound;
    if (isMissing && !isNamed) return undefined;
    throw new OmnifsError(
      isMissing ? "not-found" : "invalid",
      isMissing
        ? `there is no configuration file ${path}`
        : `cannot read the configuration file ${path}: ${messageOf(error)}`,
      { path, cause: error, mend: "--config FILE, or --config /dev/null for none" },
    );
  }
}

/** Whoever writes the file grants what it grants. */
async function refuseForeign(path: string): Promise<void> {
  const { isFile, uid, mode } = await Deno.stat(path);
  if (!isFile) return;
  const why = uid !== Deno.uid() && uid !== 0
    ? "it belongs to another user"
    : ((mode ?? 0) & 0o002) !== 0
    ? "everybody may change it"
    : undefined;
  if (why === undefined) return;
  throw new OmnifsError("denied", `will not heed the configuration file ${path}: ${why}`, {
    path,
    mend: `chmod go-w ${path}, or --config /dev/null`,
  });
}

async function entriesOf(path: string, text: string, userDir: string): Promise<FileEntry[]> {
  const document = await parsed(path, text);
  const positions = positionsOf(text);
  return Object.entries(document).map(([key, value]) => {
    const setting = settingOf(path, key, positions);
    const said = placed(saidBy(path, setting, value, positions), userDir);
    const from = placeOf(path, positions.key([key]));
    return { setting, said, from, place: (inside) => placeOf(path, positions.value([key, ...inside])) };
  });
}

async function parsed(path: string, text: string): Promise<Record<string, unknown>> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw fault(path, error, what, "TOML: KEY = VALUE, with strings in quotes");
  }
}

function settingOf(path: string, key: string, positions: Positions): Setting {
  const keys = SETTINGS.map((setting) => setting.key);
  const found = SETTINGS.find((setting) => setting.key === key);
  if (found !== undefined) return found;
  // A provider's own settings are the likeliest other table.
  const mend = meant(key, keys) === ""
    ? `one of ${keys.join(", ")}; a provider's own are in [settings.MOUNT]`
    : "";
  throw fault(
    path,
    positions.key([key]),
    `there is no setting ${JSON.stringify(key)}${meant(key, keys)}`,
    mend,
  );
}

function saidBy(path: string, { key, setting }: Setting, value: unknown, positions: Positions): Said {
  try {
    return fromFile(setting.kind, value);
  } catch (error) {
    if (!(error instanceof TypeFault)) throw error;
    const where: TomlPath = [key, ...error.path];
    throw fault(
      path,
      positions.value(where),
      `${where.join(".")}: ${error.message}`,
      `such as ${setting.example}`,
    );
  }
}

/** `~/` at the beginning of a path, which no shell has replaced here. */
function placed(said: Said, userDir: string): Said {
  return typeof said === "boolean"
    ? said
    : said.map(({ text, path }) => ({ text: text.replace(/(^|=)~\//, `$1${userDir}/`), path }));
}

function placeOf(path: string, { line, column }: Position): string {
  return `${path}:${line}:${column}`;
}

function fault(path: string, position: Position, message: string, mend: string): UsageError {
  return new UsageError(
    `${placeOf(path, position)}: ${message}`,
    mend || `edit line ${position.line} of ${path}`,
  );
}
