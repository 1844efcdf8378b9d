/**
 * Makes the executable: everything embedded, the permissions baked in.
 *
 * `deno run -A tests/compiled/compile.ts [--target TRIPLE] [--output FILE] [--from-npm]`
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { bundleProgram, type Program } from "./bundle.ts";
import { type Compiler, npmDeno } from "./npm_deno.ts";

/** What to make. */
export interface Plan {
  /** The file to write. */
  readonly output: string;
  /** What compiles. */
  readonly compiler: Compiler;
  /** Such as `aarch64-unknown-linux-gnu`; the machine that this runs on unless told. */
  readonly target?: string | undefined;
  /** What begins; omnifs unless told. */
  readonly program?: Program;
}

/** How long Deno may take, in milliseconds: it may have to download its base. */
const DEADLINE = 10 * 60_000;

/**
 * Every permission is baked in, and taken away again by the program as `docs/security.md` says: Deno opens
 * `/proc/self/mountinfo` to no program that has less. Nobody is ever asked.
 *
 * Deno would keep compiled code in a file of a known name in the folder for temporary files, which anybody can write
 * who is there first: a program that root runs as well does without.
 */
const FLAGS = [
  ...["--allow-all", "--no-prompt", "--unstable-worker-options", "--no-code-cache"],
  ...["--no-config", "--no-check", "--no-remote", "--no-lock", "--quiet"],
];

/**
 * Writes the executable.
 *
 * @throws {Error} with what Deno said where it does not compile
 */
export async function compile({ output, compiler, target, program }: Plan): Promise<void> {
  await using folder = await tempDir();
  const { entry, included } = await bundleProgram(folder.path, program);
  await Deno.mkdir(dirname(output), { recursive: true });
  const args = [
    ...["compile", ...FLAGS, "--output", output],
    ...(target === undefined ? [] : ["--target", target]),
    ...included.flatMap((path) => ["--include", path]),
    entry,
  ];
  const { code, stderr } = await run(compiler.deno, args, {
    cwd: folder.path,
    deadline: DEADLINE,
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      ...(compiler.base === undefined ? {} : { DENORT_BIN: compiler.base }),
    },
  });
  if (code === 0) return;
  const mend = compiler.base === undefined
    ? "\nWhere Deno's download host cannot be reached: --from-npm"
    : "";
  throw new Error(`deno compile ended with ${code}:\n${stderr.trimEnd()}${mend}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      output: { type: "string" },
      "from-npm": { type: "boolean", default: false },
    },
  });
  const { target } = values;
  const name = target === undefined ? "omnifs" : `omnifs-${target}`;
  const output = resolve(values.output ?? join(ROOT, ".build", name));
  const compiler = values["from-npm"] ? await npmDeno(target) : { deno: Deno.execPath() };
  await compile({ output, compiler, target });
  const { size } = await Deno.stat(output);
  console.log(`${output}  ${(size / 1_000_000).toFixed(1)} MB`);
}

if (import.meta.main) {
  await main().catch((error) => {
    console.error(`compile: ${error.message}`);
    Deno.exit(1);
  });
}
