/**
 * A mount's settings, held against the schema of its provider.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { readSchema, type Rule, type SettingFault } from "./settings_schema.ts";

/** Most faults that are told at once. */
const FAULTS = 20;

/** What a user sets for one mount, by key. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * `settings` with the defaults of `schema` filled in: see `settings_schema.ts` for what a schema may say.
 *
 * @throws {OmnifsError} `invalid` with every setting that the schema refuses; `internal` where it is no schema
 */
export function checkedSettings(mount: string, schema: string, settings: Settings): Settings {
  const rule = ruleOf(mount, schema);
  const { settings: filled, faults } = rule.apply(settings);
  if (faults.length === 0) return filled;
  throw new OmnifsError("invalid", `the settings of ${mount} are not right: ${told(mount, faults)}`, {
    path: mount,
    mend: `it takes: ${rule.keys.map((key) => `${mount}.${key}`).join(", ") || "no settings"}`,
  });
}

function ruleOf(mount: string, schema: string): Rule {
  try {
    return readSchema(schema);
  } catch (error) {
    throw new OmnifsError(
      "internal",
      `the provider ${mount} has no usable settings schema: ${messageOf(error)}`,
    );
  }
}

/** Each refusal, named by the flag that set it. */
function told(mount: string, faults: readonly SettingFault[]): string {
  return faults.slice(0, FAULTS).map(({ path, what }) => `--set ${[mount, ...path].join(".")}: ${what}`).join(
    "; ",
  );
}
