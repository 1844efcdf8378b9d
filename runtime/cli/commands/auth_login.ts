/**
 * `omnifs auth login`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { TokenOrigin } from "../../control/auth.ts";
import { type Command, command, type Context, flag, type OptionSpec, text } from "../command.ts";
import {
  announce,
  MOUNT_ARGUMENT,
  PLACE_OPTIONS,
  type PlaceValues,
  tellDaemons,
  withAuth,
  wordsOf,
} from "../credentials.ts";
import { printable } from "../output.ts";
import { readSecret } from "../secret_prompt.ts";

/** Names the OAuth app of the device flow where `--client-id` does not. */
const CLIENT_ID = "OMNIFS_GITHUB_CLIENT_ID";

/** What the device flow asks for: GitHub has no smaller scope that reads private repositories. */
const SCOPES = "repo";

interface Values extends PlaceValues {
  readonly device: boolean;
  readonly clientId: string | undefined;
  readonly scopes: string | undefined;
  readonly noPrompt: boolean;
}

const OPTIONS: { readonly [Key in keyof Values]: OptionSpec<Values[Key]> } = {
  device: flag("--device", "GitHub's device flow: a code to type into a browser"),
  clientId: text("--client-id <id>", `the OAuth app of the device flow; ${CLIENT_ID} where not given`),
  scopes: text(
    "--scopes <scopes>",
    `what the device flow asks for, between commas; ${SCOPES} where not given`,
  ),
  noPrompt: flag("--no-prompt", "ask nothing on the terminal: the token comes from a file or a pipe"),
  ...PLACE_OPTIONS,
};

/** Stores a credential, once the upstream has said whose it is; what runs takes it up at once. */
export const authLogin: Command = command<Values>({
  name: "auth login",
  summary: "Store a token, read from standard input or asked for without an echo",
  arguments: [MOUNT_ARGUMENT],
  options: OPTIONS,
  prompts: [{ asks: "the token, which is not shown", without: "--no-prompt" }],
  examples: [
    { line: "auth login", summary: "asks for a GitHub token" },
    { line: "auth login linear", summary: "a Linear API key; with < FILE from a file" },
    { line: "auth login --device --client-id Iv1.0123456789abcdef", summary: "by a code in the browser" },
    {
      line: "auth login work --credential GITHUB_TOKEN --url https://ghe.example.com/api/v3",
      summary: "a GitHub Enterprise Server, mounted as work",
    },
  ],
  async run(context, values) {
    const words = wordsOf(context, values);
    const stored = await withAuth(context, async (auth) => {
      const origin = values.device
        ? deviceFlow(context, values)
        : await typed(context, words.mount, values.noPrompt);
      return await auth.login(words, origin, { check: !values.unchecked, signal: context.signal });
    });
    await tellDaemons(context);
    announce(context, stored);
  },
});

async function typed({ err }: Context, mount: string, noPrompt: boolean): Promise<TokenOrigin> {
  const isAsked = !noPrompt || !Deno.stdin.isTerminal();
  const token = !isAsked
    ? ""
    : await readSecret(Deno.stdin, err, `Token for ${printable(mount)} (it is not shown): `);
  if (token !== "") return { kind: "token", token };
  throw new OmnifsError("invalid", "there is no token on standard input", {
    mend: "omnifs auth login < FILE, or omnifs auth login --device, or omnifs auth import",
  });
}

function deviceFlow(context: Context, { clientId, scopes = SCOPES }: Values): TokenOrigin {
  const id = clientId ?? context.environment(CLIENT_ID);
  if (!id) {
    throw new OmnifsError("invalid", "the device flow needs the client id of an OAuth app", {
      mend: `--client-id ID, or set ${CLIENT_ID}`,
    });
  }
  return {
    kind: "device",
    clientId: id,
    scopes: scopes.split(",").map((scope) => scope.trim()).filter((scope) => scope !== ""),
    show: ({ userCode, verificationUri }) => {
      context.err.line(`Open ${printable(verificationUri)} and enter ${printable(userCode)}`);
    },
  };
}
