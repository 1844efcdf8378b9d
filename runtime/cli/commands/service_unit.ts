/**
 * `omnifs service unit`
 *
 * @module
 */
import { type Command, command } from "../command.ts";
import { MOUNT_OPTIONS, MOUNT_PROMPTS, type MountValues } from "../grants.ts";
import { unitOf } from "../service.ts";

/** Prints the unit that would be installed. */
export const serviceUnit: Command = command<MountValues>({
  name: "service unit",
  summary: "Print the unit by which systemd mounts at login, for those who place it themselves",
  arguments: [{ form: "<dir>", summary: "the mount point", values: "dir" }],
  options: MOUNT_OPTIONS,
  configured: true,
  prompts: MOUNT_PROMPTS,
  examples: [{
    line: "service unit ~/omnifs --allow-net=api.github.com",
    summary: "with the options of a mount",
  }],
  async run(context, values) {
    const unit = await unitOf(context, values);
    if (context.format === "human") context.out.text(unit.text);
    else if (context.format === "json") context.out.document(unit);
    else context.out.line(JSON.stringify(unit));
  },
});
