/**
 * `omnifs auth status`
 *
 * @module
 */
import type { KnownCredential } from "../../control/auth.ts";
import { type Command, command, EXIT, flag } from "../command.ts";
import { scopesText, titled, withAuth } from "../credentials.ts";
import { type Output, printable } from "../output.ts";
import { asTyped } from "../self.ts";

/** Tells which credentials there are, and never what they are. */
export const authStatus: Command = command<{ check: boolean }>({
  name: "auth status",
  summary: "Which tokens there are, where they come from, and with --check whose they are",
  arguments: [],
  options: { check: flag("--check", "ask each upstream whose it is; exits with 1 where one is refused") },
  examples: [
    { line: "auth status", summary: "the environment's and the store's" },
    { line: "auth status --check --output json", summary: "asked, for a program" },
  ],
  async run(context, { check }) {
    const { out, format, signal } = context;
    const credentials = await withAuth(context, (auth) => auth.status(check, signal));
    if (format === "json") out.document({ credentials });
    else if (format === "jsonl") { for (const each of credentials) out.line(JSON.stringify(each)); }
    else if (credentials.length === 0) {
      out.line(asTyped("no token is known; to store one: omnifs auth login"));
    } else for (const each of credentials) show(out, each);
    return credentials.some(({ problem }) => problem !== undefined) ? EXIT.failed : EXIT.done;
  },
});

function show(out: Output, each: KnownCredential): void {
  const { source, kept, account, scopes, problem } = each;
  const where = source === "store" ? `store, ${kept}` : source;
  const look = problem !== undefined ? "red" : "green";
  out.line(`${out.styled(look, where.padEnd(14))}  ${titled(each)}`);
  if (account !== undefined) {
    const may = scopes === undefined ? "" : `, may ${scopesText(scopes)}`;
    out.line(`                of ${printable(account)}${may}`);
  }
  if (problem !== undefined) out.line(`                ${printable(problem)}`);
}
