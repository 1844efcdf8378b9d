/**
 * A real mount of a workspace with a draft of it, and a shell in that.
 *
 * @module
 */
import { strictEqual } from "node:assert/strict";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { NOTICED, Workspace } from "../packer/workspace.ts";

const ignore = !(await fuseIsThere());

/** A mount of a workspace, with a draft `d`. */
export interface Scene {
  readonly workspace: Workspace;
  readonly mounted: Mounted;
  /** `_assets/_all` of the live tree. */
  readonly live: string;
  /** The same in the shadow tree of the draft. */
  readonly shadow: string;
  /** What a shell prints in that folder; it must succeed. */
  shell(script: string): Promise<string>;
  /** What `cat` prints. */
  cat(path: string): Promise<string>;
  /** What a command of omnifs says. */
  omnifs(args: readonly string[], code?: number, input?: string): Promise<string>;
  /** Resolves once the packer has taken in what was done to the disk. */
  settled(what: string, is: () => Promise<boolean>): Promise<void>;
}

/** A test on such a mount of a workspace with assets in `roots`. */
export function workspaceTest(
  name: string,
  roots: readonly string[],
  test: (scene: Scene) => Promise<void>,
): Deno.TestDefinition {
  return {
    name,
    ignore,
    fn: async () => {
      await using workspace = await Workspace.with(...roots);
      const flags = ["--provider=packer", "--allow-apply=packer", `--workspace=game=${workspace.path}`];
      await using mounted = await mountOmnifs(flags);
      const shadow = `${mounted.dir}/_drafts/d/packer/game/_assets/_all`;
      const omnifs = async (args: readonly string[], expected = 0, input?: string) => {
        const { code, stdout, stderr } = await mounted.omnifs(args, input === undefined ? {} : { input });
        strictEqual(code, expected, `omnifs ${args.join(" ")}: ${code} ${stdout}${stderr}`);
        return stdout + stderr;
      };
      await omnifs(["draft", "new", "d"]);
      await test({
        workspace,
        mounted,
        live: `${mounted.dir}/packer/game/_assets/_all`,
        shadow,
        omnifs,
        shell: async (script) => {
          const { code, stdout, stderr } = await run("sh", ["-ec", `cd ${shadow}\n${script}`]);
          strictEqual(code, 0, `${script}: ${stderr}`);
          return stdout;
        },
        cat: async (path) => (await run("cat", [path])).stdout,
        settled: async (what, is) => void await until(is, NOTICED, what),
      });
    },
  };
}
