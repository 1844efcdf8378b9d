/**
 * What the `omnifs provider` commands share.
 *
 * @module
 */
import type { InspectedNeed, InspectOptions, Inspector } from "../control/inspect.ts";
import type { Context, OptionSpec } from "./command.ts";
import { daemonOptions, GRANT_OPTIONS, type GrantValues, joined, NO_GRANTS } from "./grants.ts";
import { type Output, printable } from "./output.ts";

/** Values of {@linkcode INSPECT_OPTIONS}. */
export type InspectValues = Pick<GrantValues, "allowNet" | "denyNet" | "allowApply" | "set">;

/** The flags whose effect is shown. */
export const INSPECT_OPTIONS: { readonly [Key in keyof InspectValues]: OptionSpec<InspectValues[Key]> } = {
  allowNet: GRANT_OPTIONS.allowNet,
  denyNet: GRANT_OPTIONS.denyNet,
  allowApply: GRANT_OPTIONS.allowApply,
  set: GRANT_OPTIONS.set,
};

/** The runtime's own part, loaded when it is needed. */
export async function inspector(): Promise<Inspector> {
  return await import("../inspect.ts");
}

/** What an inspection heeds of the command line. */
export function inspectOptions(values: InspectValues, context: Context): InspectOptions {
  return daemonOptions({ ...NO_GRANTS, ...values }, context);
}

/** One line of what a provider asks for: whether it is granted, and if it is not, the flag that grants it. */
export function showNeed(out: Output, need: InspectedNeed): void {
  const { target, granted, flag, why, credential, write } = need;
  const mark = granted ? out.styled("green", "granted ") : out.styled("yellow", "withheld");
  const extras = [
    ...(credential === undefined ? [] : [`with ${credential}`]),
    ...(write ? ["also to change it"] : []),
  ];
  out.line(`  ${mark}  ${printable([target, ...extras].join(", "))}: ${printable(why)}`);
  if (!granted) out.line(`            to grant it: ${printable(joined([flag]))}`);
}
