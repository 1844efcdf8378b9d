/**
 * `omnifs packer build`
 *
 * @module
 */
import { unlessAborted } from "../../base/abort.ts";
import { writeError } from "../../base/write_faults.ts";
import { type Command, command, text } from "../command.ts";
import { absolute } from "../daemons.ts";
import { printable } from "../output.ts";
import { withProgress } from "../progress.ts";
import { withDesk, WORKSPACE_OPTION, type WorkspaceValues } from "../packer.ts";
import { count, formatSize } from "../units.ts";

interface Values extends WorkspaceValues {
  readonly to: string | undefined;
}

async function makeFolder(to: string): Promise<void> {
  try {
    await Deno.mkdir(to, { recursive: true });
  } catch (error) {
    throw writeError(error, to, (why) => `cannot build into ${to}: ${why}`);
  }
}

/** Packs what is included. */
export const packerBuild: Command = command<Values>({
  name: "packer build",
  summary: "Pack the included assets: assets.tar and manifest.json, the same bytes for the same generation",
  arguments: [],
  options: {
    to: text(
      "--to <dir>",
      "where to write; build/ in the workspace where not given, made where it is missing",
      "dir",
    ),
    workspace: WORKSPACE_OPTION,
  },
  examples: [{ line: "packer build --to /tmp/build", summary: "into a folder of one's own" }],
  run: (context, values) =>
    withDesk(context, values, "packer build", async (desk, workspace) => {
      const to = values.to === undefined ? `${workspace}/build` : absolute(values.to);
      await makeFolder(to);
      const built = await withProgress(context, `packing ${workspace}`, () =>
        unlessAborted(desk.call("build", { to }), context.signal));
      const { out, format } = context;
      if (format === "json") {
        return out.document(built);
      }
      if (format === "jsonl") {
        return out.line(JSON.stringify(built));
      }
      const { manifest: { generation, archive, assets }, folder } = built;
      const files = assets.reduce((sum, { files }) =>
        sum + files.length, 0);
      out.line(
        `built generation ${generation}: ${count(assets.length, "asset")}, ${count(files, "file")}, ${
          formatSize(archive.size)
        }`,
      );
      out.line(`  ${printable(folder)}/${archive.path}  sha256 ${archive.sha256}`);
    }),
});
