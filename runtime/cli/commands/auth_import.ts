/**
 * `omnifs auth import`
 *
 * @module
 */
import type { TokenOrigin } from "../../control/auth.ts";
import { type Command, command, type OptionSpec, text, UsageError } from "../command.ts";
import {
  announce,
  MOUNT_ARGUMENT,
  PLACE_OPTIONS,
  type PlaceValues,
  tellDaemons,
  withAuth,
  wordsOf,
} from "../credentials.ts";

interface Values extends PlaceValues {
  readonly command: string | undefined;
  readonly env: string | undefined;
  readonly file: string | undefined;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  command: text(
    "--command <command>",
    "a command that prints it, or docker-credential-NAME; for GitHub gh auth token where not given",
  ),
  env: text("--env <name>", "a variable that holds it"),
  file: text("--file <path>", "a file whose first line it is", "file"),
  ...PLACE_OPTIONS,
};

/** Stores a credential that another program has. */
export const authImport: Command = command<Values>({
  name: "auth import",
  summary: "Store the token that another program has, such as gh",
  arguments: [MOUNT_ARGUMENT],
  options: OPTIONS,
  examples: [
    { line: "auth import", summary: "what gh auth token prints" },
    { line: "auth import --env GH_TOKEN", summary: "from a variable" },
    { line: "auth import --command docker-credential-pass", summary: "from a credential helper of Docker's" },
  ],
  async run(context, values) {
    const origin = originOf(values);
    const words = wordsOf(context, values);
    const options = { check: !values.unchecked, signal: context.signal };
    const stored = await withAuth(context, (auth) => auth.login(words, origin, options));
    await tellDaemons(context);
    announce(context, stored);
  },
});

function originOf({ command, env, file }: Values): TokenOrigin {
  if ([command, env, file].filter((word) => word !== undefined).length > 1) {
    throw new UsageError("a token comes from one place", "one of --command, --env and --file");
  }
  if (env !== undefined) return { kind: "environment", name: env };
  if (file !== undefined) return { kind: "file", path: file };
  return { kind: "command", command };
}
