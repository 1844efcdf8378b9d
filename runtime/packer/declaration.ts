/**
 * `asset.json`: what the author declares of one asset.
 *
 * @module
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import { readDocument } from "./document.ts";
import type { Reading } from "./fault.ts";
import { insertedProperty, replacedValue } from "./rewrite.ts";
import schema from "./schemas/asset.schema.json" with { type: "json" };

/** What the packer itself reads of an `asset.json`; the rest is the author's. */
export interface Declaration {
  /** The identity anchor. */
  readonly asset_uuid: string;
  /** The asset's name. */
  readonly name: string;
  /** What it is. */
  readonly type: string;
  /** What it is made from. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

const validate = new Ajv2020({ allErrors: true }).compile<Declaration>(schema);

/** The declaration at `path` (relative to `assets/`) with the text `text`. */
export function readDeclaration(path: string, text: string): Reading<Declaration> {
  return readDocument(path, text, validate);
}

/** The `asset_uuid` of a text that may be wrong in other ways; undefined where it names none. */
export function uuidIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("asset_uuid" in value)) return undefined;
    return typeof value.asset_uuid === "string" ? sameCase(value.asset_uuid) : undefined;
  } catch {
    return undefined;
  }
}

/** `text` with another `asset_uuid`, and nothing else changed. */
export function withUuid(text: string, uuid: string): string {
  return uuidIn(text) === undefined
    ? insertedProperty(text, "asset_uuid", uuid, "schema_version")
    : replacedValue(text, ["asset_uuid"], uuid);
}

/** A UUID as it is compared (RFC 9562, 4: input is case-insensitive, output lower case). */
export function sameCase(uuid: string): string {
  return uuid.toLowerCase();
}
