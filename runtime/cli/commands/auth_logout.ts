/**
 * `omnifs auth logout`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { type Command, command, flag, text, UsageError } from "../command.ts";
import { tellDaemons, titled, withAuth } from "../credentials.ts";

interface Values {
  readonly all: boolean;
  readonly credential: string | undefined;
}

/** Removes credentials from the store; what runs stops to send them at once. */
export const authLogout: Command = command<Values>({
  name: "auth logout",
  summary: "Remove a token from the store",
  arguments: [{ form: "[mount]", summary: "the mount name that it was stored for", values: "mount" }],
  options: {
    all: flag("--all", "everything that is stored"),
    credential: text("--credential <name>", "only the one of this name"),
  },
  examples: [
    { line: "auth logout github", summary: "GitHub's" },
    { line: "auth logout --all", summary: "every one" },
  ],
  async run(context, { all, credential }) {
    const [mount] = context.words;
    if (all === (mount !== undefined)) {
      throw new UsageError("which one?", "omnifs auth logout MOUNT, or omnifs auth logout --all");
    }
    const removed = await withAuth(context, (auth) => auth.logout(mount, credential));
    await tellDaemons(context);
    if (removed.length === 0 && !all) {
      throw new OmnifsError("not-found", `nothing is stored for ${mount}`, { mend: "omnifs auth status" });
    }
    const { out, format } = context;
    if (format === "json") return out.document({ removed });
    if (format === "jsonl") { for (const each of removed) out.line(JSON.stringify(each)); }
    else if (removed.length === 0) out.line("nothing was stored");
    else for (const each of removed) out.line(`removed ${titled(each)}`);
  },
});
