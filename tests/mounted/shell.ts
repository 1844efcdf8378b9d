/**
 * A person's shell beside a mount: bash with `omnifs` on its path, in the mount's own folders.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ran, run } from "../support/command.ts";
import { type Mounted, ROOT } from "../support/mount.ts";

/** How long one line may take, in milliseconds: much more than it needs on a machine that is busy. */
const DEADLINE = 60_000;

/** One line of a transcript, and what it printed. */
export interface Line {
  /** What was typed. */
  readonly command: string;
  /** What came of it, standard error included, as a terminal shows it. */
  readonly output: string;
}

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
  async type(command: string): Promise<Line> {
    const place = join(this.home, ".place");
    // All of it in one line: bash tells the number of the line in which a thing failed.
    const { stdout } = await this.run(`cd '${this.#dir}'; { ${command}; } 2>&1; pwd > '${place}'`);
    this.#dir = (await Deno.readTextFile(place)).trim();
    return { command, output: stdout.trimEnd() };
  }
}

/** The transcripts of a page, by the name in the comment before each: `<!-- transcript: NAME -->`. */
export function transcriptsOf(page: string): Map<string, Line[]> {
  const blocks = page.matchAll(/<!-- transcript: (\S+) -->\n\n?((?: {4}.*\n|\n)+)/g);
  return new Map([...blocks].map(([, name = "", block = ""]) => [name, linesOf(block)]));
}

function linesOf(block: string): Line[] {
  const text = block.replaceAll(/^ {4}/gm, "").trimEnd();
  return text.split(/^\$ /m).slice(1).map((step) => {
    const [command = "", ...lines] = step.trimEnd().split("\n");
    return { command, output: lines.join("\n") };
  });
}
