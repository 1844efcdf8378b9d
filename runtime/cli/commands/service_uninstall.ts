/**
 * `omnifs service uninstall`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { type Command, command } from "../command.ts";
import { absolute } from "../daemons.ts";
import { parentResolved } from "../mount_point.ts";
import { placeOf } from "../service.ts";
import { systemctl } from "../systemd.ts";

/** Ends a mount that was installed, and does not mount it at the next login. */
export const serviceUninstall: Command = command({
  name: "service uninstall",
  summary: "End a mount that was installed, and do not mount it at the next login",
  arguments: [{ form: "<dir>", summary: "the mount point", values: "daemon" }],
  options: {},
  examples: [{ line: "service uninstall ~/omnifs", summary: "its drafts stay" }],
  async run(context) {
    const dir = await parentResolved(absolute(context.words[0] ?? ""));
    const { name, path } = placeOf(context, dir);
    if (!await Deno.lstat(path).then(() => true, () => false)) {
      throw new OmnifsError("not-found", `nothing is installed for ${dir}`, {
        path,
        mend: "omnifs service status",
      });
    }
    await systemctl("disable", "--now", name);
    await Deno.remove(path);
    await systemctl("daemon-reload");
    const { out, format } = context;
    if (format === "human") out.line(`${name} is gone`);
    else out.line(JSON.stringify({ name }));
  },
});
