/**
 * Flags before the environment before the configuration file: the values of a command's options from all three.
 *
 * @module
 */
import type { SettingOrigin } from "../control/options.ts";
import type { Environment } from "../control/places.ts";
import { type Command, longFlag, UsageError } from "./command.ts";
import { type FileEntry, readConfigFile } from "./config_file.ts";
import { fromVariable, type Said, type SaidWord, type Setting, SETTINGS, TypeFault } from "./settings.ts";
import type { TomlPath } from "./toml_positions.ts";

/** What the words of a command line say. */
export interface GivenValues {
  /** Values of the command's options. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The keys of those that were given. */
  readonly given: ReadonlySet<string>;
  /** The configuration file that was named. */
  readonly config: string | undefined;
}

/** The values of a command's options, and where they come from that no flag says. */
export interface LayeredValues {
  /** Values of the command's options. */
  readonly values: Record<string, unknown>;
  /** What the file and the environment say of them. */
  readonly origins: readonly SettingOrigin[];
}

/** One place that says something of a setting. */
interface Layer {
  readonly said: Said;
  readonly from: string;
  /** Where in it what `path` leads to stands. */
  place(path: TomlPath): string;
  /** Where its relative paths begin. */
  readonly base?: string;
}

/**
 * `given` with what the environment and the file say beside it. All of the file is held to be right, also what this
 * command has no use for.
 *
 * @throws {UsageError} where one of them says what cannot be
 */
export async function layered(
  command: Command,
  { values, given, config }: GivenValues,
  environment: Environment,
): Promise<LayeredValues> {
  const file = await readConfigFile(config, environment);
  const filled = { ...values };
  const origins: SettingOrigin[] = [];
  for (const setting of SETTINGS) {
    const { option, key } = setting;
    const layers = [
      ...layerOfFile(setting, file?.entries ?? [], file?.base),
      ...layerOfVariable(setting, environment),
    ];
    const counted = setting.setting.adds ? layers : layers.slice(-1);
    layers.forEach((layer) => valueOf(setting, [layer]));
    if (layers.length === 0 || !Object.hasOwn(command.options, option)) continue;
    if (given.has(option) && !setting.setting.adds) continue;
    filled[option] = joinedValues(valueOf(setting, counted), given.has(option) ? values[option] : undefined);
    origins.push(...counted.map(({ from }) => ({ key, from })));
  }
  return { values: filled, origins };
}

function layerOfFile(setting: Setting, entries: readonly FileEntry[], base?: string): Layer[] {
  const entry = entries.find((each) => each.setting === setting);
  if (entry === undefined) return [];
  return [{ ...entry, ...(base === undefined ? {} : { base }) }];
}

function layerOfVariable({ variable, setting }: Setting, environment: Environment): Layer[] {
  const text = environment(variable);
  if (!text) return [];
  try {
    return [{ said: fromVariable(setting.kind, text), from: variable, place: () => variable }];
  } catch (error) {
    if (error instanceof TypeFault) {
      throw new UsageError(`${variable}: ${error.message}`, `unset ${variable}`);
    }
    throw error;
  }
}

/** The value of a setting by `layers`, the farthest first. */
function valueOf(setting: Setting, layers: readonly Layer[]): unknown {
  let value: unknown = setting.spec.initial;
  for (const layer of layers) {
    if (typeof layer.said === "boolean") value = layer.said;
    else for (const word of layer.said) value = read(setting, layer, word, value);
  }
  return value;
}

function read(
  { spec, key, setting }: Setting,
  layer: Layer,
  { text, path }: SaidWord,
  before: unknown,
): unknown {
  try {
    return spec.read?.(text, before, layer.base);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // It may speak of the flag, which nobody gave.
    const message = error.message.replace(`${longFlag(spec.flags)} `, "");
    throw new UsageError(
      `${layer.place(path)}: ${[key, ...path].join(".")}: ${message}`,
      error.mend || `such as ${setting.example}`,
    );
  }
}

/** Two lists as one; the later words win where they contradict the earlier. */
function joinedValues(below: unknown, above: unknown): unknown {
  return Array.isArray(below) && Array.isArray(above) ? [...below, ...above] : below;
}
