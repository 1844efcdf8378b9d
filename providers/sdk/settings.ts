/**
 * The user's settings of this mount, for worlds that import them.
 *
 * @module
 */
/// <reference path="./imports.d.ts" />
import { get } from "omnifs:provider/settings@1.0.0";

/** The settings, which satisfied the manifest's schema. */
export function settings<Value>(): Value {
  return JSON.parse(get());
}
