/**
 * Makes a checkout ready to run: installs the npm packages and builds the providers, each only where its
 * sources have changed since. Needs nothing but Deno and npm: it runs before any package is there.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** The top of the checkout. */
const ROOT = join(import.meta.dirname ?? "tests", "..");

/** One thing that is made from sources, and remade when they change. */
interface Product {
  /** What the user is told is being done. */
  readonly doing: string;
  /** Files and folders that it is made from, relative to the checkout. */
  readonly sources: readonly string[];
  /** Where the digest of those sources is kept, inside of what is made. */
  readonly stamp: string;
  /** The commands that make it, in order. */
  readonly commands: () => readonly (readonly string[])[];
}

const PRODUCTS: readonly Product[] = [
  {
    doing: "installing npm packages",
    sources: ["package.json", "package-lock.json"],
    stamp: "node_modules/.omnifs-setup",
    commands: () => [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]],
  },
  {
    doing: "building the providers",
    sources: ["package-lock.json", "wit", "providers", "runtime/provider"],
    stamp: "providers/dist/.omnifs-setup",
    commands: () =>
      ["providers/sdk/build.ts", "runtime/provider/bundle.ts"].map((script) => [
        Deno.execPath(),
        "run",
        "-A",
        script,
      ]),
  },
];

for (const product of PRODUCTS) await makeWhereDue(product);

async function makeWhereDue(product: Product): Promise<void> {
  const wanted = await digest(product.sources);
  const stamp = `${ROOT}/${product.stamp}`;
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return;
  console.error(`omnifs: ${product.doing} …`);
  await Deno.remove(stamp).catch(() => {});
  for (const command of product.commands()) await run(command);
  await Deno.writeTextFile(stamp, wanted);
}

/** Runs `command` with its output on standard error: what a build prints is no result of what the user ran. */
async function run(command: readonly string[]): Promise<void> {
  const shell = new Deno.Command("sh", {
    args: ["-c", '"$@" >&2', "sh", ...command],
    cwd: ROOT,
    stdin: "null",
  });
  const { code } = await shell.spawn().status;
  if (code === 0) return;
  console.error(`setup: \`${command.join(" ")}\` failed with exit code ${code}; its output is above`);
  Deno.exit(1);
}

/** SHA-256 over names and contents of every source, in the order of their names. */
async function digest(sources: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for await (const path of filesBelow(source)) {
      hash.update(`${path}\0`).update(await Deno.readFile(`${ROOT}/${path}`)).update("\0");
    }
  }
  return hash.digest("hex");
}

async function* filesBelow(path: string): AsyncGenerator<string> {
  const { isDirectory } = await Deno.stat(`${ROOT}/${path}`);
  if (!isDirectory) return void (yield path);
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}/${path}`));
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (path === "providers" && name === "dist") continue;
    yield* filesBelow(`${path}/${name}`);
  }
}
