/**
 * Everything that can be said of the source without running the product: `deno task check`.
 *
 * @module
 */
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? "tests", "..");

/** One thing to check, by a command of Deno. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** What to run where it fails. */
  readonly mend?: string;
}

/** The folders whose every exported symbol is documented: all of the product but what is generated. */
const DOCUMENTED = ["main.ts", "fuse", "runtime", "providers/sdk", "wit"];

/** What is generated, and the provider that authors begin with: providers export what the contract wants of them. */
const UNDOCUMENTED: readonly string[] = ["wit/types", "providers/dist", "providers/sdk/template"];

const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check", "--quiet"], mend: "deno task fix" },
  { name: "lint", args: ["lint", "--quiet"], mend: "deno task fix" },
  { name: "types", args: ["check", "--quiet", "."] },
  { name: "documentation", args: ["doc", "--lint", "--quiet", ...await documentedFiles()] },
  {
    name: "architecture and dead exports",
    args: ["test", "-A", "--no-check", "--quiet", "tests/architecture"],
  },
];

let failed = 0;
for (const step of STEPS) failed += await passes(step) ? 0 : 1;
console.log(failed === 0 ? "check: all is well" : `check: ${failed} of ${STEPS.length} failed`);
Deno.exit(failed === 0 ? 0 : 1);

/** Runs a step, and prints what it said where it failed. */
async function passes({ name, args, mend }: Step): Promise<boolean> {
  const begin = performance.now();
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code === 0) return true;
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  if (mend !== undefined) console.log(`       ${mend} may mend it`);
  return false;
}

async function documentedFiles(): Promise<string[]> {
  const found = await Promise.all(DOCUMENTED.map(sourcesBelow));
  return found.flat().toSorted();
}

async function sourcesBelow(path: string): Promise<string[]> {
  if (UNDOCUMENTED.includes(path)) return [];
  const entry = await Deno.stat(join(ROOT, path)).catch(() => null);
  if (entry === null) return [];
  if (entry.isFile) return path.endsWith(".ts") ? [path] : [];
  const names = await Array.fromAsync(Deno.readDir(join(ROOT, path)), ({ name }) => name);
  return (await Promise.all(names.map((name) => sourcesBelow(`${path}/${name}`)))).flat();
}
