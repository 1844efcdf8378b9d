/**
 * A mount's settings, held against the schema of its provider.
 *
 * @module
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { ErrorObject } from "ajv";
import { messageOf, OmnifsError } from "../base/errors.ts";

/** What a user sets for one mount, by key. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * `settings` with the defaults of `schema` (JSON Schema, draft 2020-12) filled in.
 *
 * @throws {OmnifsError} `invalid` with every setting that the schema refuses; `internal` where it is no schema
 */
export function checkedSettings(mount: string, schema: string, settings: Settings): Settings {
  const filled = structuredClone(settings);
  const validate = validatorOf(mount, schema);
  if (validate(filled)) return filled;
  const faults = (validate.errors ?? []).map((error) => faultOf(mount, error));
  throw new OmnifsError("invalid", `the settings of ${mount} are not right: ${faults.join("; ")}`, {
    path: mount,
    mend: `it takes: ${settingsOf(schema).map((key) => `${mount}.${key}`).join(", ") || "no settings"}`,
  });
}

/** The names of the settings that `schema` describes. */
function settingsOf(schema: string): string[] {
  const parsed: { readonly properties?: Readonly<Record<string, unknown>> } = JSON.parse(schema);
  return Object.keys(parsed.properties ?? {});
}

function validatorOf(mount: string, schema: string): ValidateFunction {
  try {
    const ajv = new Ajv2020({ useDefaults: true, coerceTypes: true, allErrors: true, strict: false });
    return ajv.compile(JSON.parse(schema));
  } catch (error) {
    throw new OmnifsError(
      "internal",
      `the provider ${mount} has no usable settings schema: ${messageOf(error)}`,
    );
  }
}

/** One refusal, named by the flag that set it. */
function faultOf(mount: string, error: ErrorObject): string {
  const key = error.instancePath.slice(1).replaceAll("/", ".");
  if (error.keyword === "additionalProperties") {
    const unknown = [key, String(error.params.additionalProperty)].filter((part) => part !== "").join(".");
    return `--set ${mount}.${unknown}: there is no such setting`;
  }
  if (error.keyword === "required") {
    const missing = [key, String(error.params.missingProperty)].filter((part) => part !== "").join(".");
    return `--set ${mount}.${missing}: it must be set`;
  }
  const allowed = Array.isArray(error.params.allowedValues)
    ? ` (${error.params.allowedValues.join(", ")})`
    : "";
  return `--set ${mount}.${key}: ${error.message ?? error.keyword}${allowed}`;
}
