/**
 * `omnifs service install`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { MOUNT_OPTIONS, MOUNT_PROMPTS, type MountValues } from "../grants.ts";
import { printable } from "../output.ts";
import { asTyped } from "../self.ts";
import { refuseStranger, unitOf, untilMounted } from "../service.ts";
import { systemctl } from "../systemd.ts";

/** Mounts now and at each login. */
export const serviceInstall: Command = command<MountValues>({
  name: "service install",
  summary: "Mount now and at each login, by the systemd of the user",
  arguments: [{ form: "<dir>", summary: "an empty directory; made where it is missing", values: "dir" }],
  options: MOUNT_OPTIONS,
  configured: true,
  prompts: MOUNT_PROMPTS,
  examples: [
    {
      line: "service install ~/omnifs --allow-net=api.github.com",
      summary: "with the options of a mount; a token by omnifs auth login",
    },
  ],
  async run(context, values) {
    const unit = await unitOf(context, values);
    const { name, path, text } = unit;
    await refuseStranger(context, unit);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
    await systemctl("daemon-reload");
    await systemctl("enable", name);
    // One that runs with other options takes up the new ones.
    await systemctl("restart", name);
    await untilMounted(context, unit);
    const { out, format } = context;
    if (format !== "human") return out.line(JSON.stringify({ name, path }));
    out.line(`${name} mounts now and at each login`);
    out.line(`  its unit:   ${printable(path)}`);
    out.line(`  its log:    journalctl --user -u '${name}'`);
    out.line(asTyped(`  to end it:  omnifs service uninstall ${printable(context.words[0] ?? "")}`));
  },
});
