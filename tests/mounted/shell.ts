/**
 * A person's shell beside a mount: bash with `omnifs` on its path, in the mount's own folders.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ran, run } from "../support/command.ts";
import { type Mounted, ROOT } from "../support/mount.ts";
import type { Step } from "../support/transcript.ts";

/** How long one line may take, in milliseconds: much more than it needs on a machine that is busy. */
const DEADLINE = 60_000;

/** A shell. */
export class Shell {
  /** Where the person is at home; the mount point is `~/omnifs`. */
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  #dir: string;

  private constructor(home: string, env: Readonly<Record<string, string>>) {
    this.home = this.#dir = home;
    this.#env = env;
  }

  /** A shell beside `mounted`. Its `omnifs` is that of this checkout. */
  static async beside(mounted: Mounted): Promise<Shell> {
    const home = join(mounted.dir, "..");
    const bin = join(home, "bin");
    await Deno.mkdir(bin, { recursive: true });
    const words = [Deno.execPath(), "run", "-A", "--no-prompt", join(ROOT, "main.ts")];
    const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`;
    await Deno.writeTextFile(join(bin, "omnifs"), script, { mode: 0o755 });
    await Deno.symlink(mounted.dir, join(home, "omnifs"));
    const path = `${bin}:${Deno.env.get("PATH") ?? ""}`;
    return new Shell(home, { ...mounted.env, PATH: path, LC_ALL: "C", USER: "ada", TMPDIR: home });
  }

  /** Runs a script of bash to its end, in the home. */
  run(script: string): Promise<Ran> {
    return run("bash", ["-c", script], { env: this.#env, cwd: this.home, deadline: DEADLINE });
  }

  /** What a script prints, which must succeed. */
  async text(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(script);
    assert.equal(code, 0, `${script}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Types one line where the line before it left off, as in a transcript. */
  async type(command: string): Promise<Step> {
    const place = join(this.home, ".place");
    // All of it in one line: bash tells the number of the line in which a thing failed.
    const { stdout } = await this.run(`cd '${this.#dir}'; { ${command}; } 2>&1; pwd > '${place}'`);
    this.#dir = (await Deno.readTextFile(place)).trim();
    return { command, output: stdout.trimEnd() };
  }
}
