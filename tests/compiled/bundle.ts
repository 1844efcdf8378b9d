/**
 * Puts the program together as it goes into the executable: one folder of plain JavaScript in which every source file
 * has the address that it has in a checkout, and beside it the files that the program reads.
 *
 * The packages of npm are woven in, so that no `node_modules` is embedded.
 *
 * @module
 */
import { basename, dirname, join, relative } from "node:path";
import { type Plugin, rolldown } from "rolldown";

/** The top of the checkout. */
const ROOT = join(import.meta.dirname ?? "tests", "..", "..");

/** A program of this checkout; all paths are relative to it. */
export interface Program {
  /** The module that is run. */
  readonly entry: string;
  /** Modules that a `new Worker` names. */
  readonly workers: readonly string[];
}

/** omnifs. */
export const OMNIFS: Program = {
  entry: "main.ts",
  workers: [
    "runtime/egress/worker.ts",
    "runtime/provider/guest_worker.ts",
    "runtime/provider/transpile_worker.ts",
    "runtime/packer/scout_worker.ts",
    "runtime/cli/demo/worker.ts",
  ],
};

/** Files that the program reads and does not import. */
interface Read {
  /** The folder where they are, or a module of the package in whose folder they are. */
  readonly from: string;
  /** Which of them. */
  readonly takes: RegExp;
  /** The folder where the program looks for them when it is compiled, relative to the checkout. */
  readonly to: string;
}

const PAGE = "runtime/cli/inspect/page";

const READ: readonly Read[] = [
  {
    from: "@bytecodealliance/jco-transpile/component",
    takes: /^js-component-bindgen-component\..*(js|wasm)$/,
    to: "runtime/provider/generator",
  },
  { from: `./${PAGE}`, takes: /./, to: PAGE },
  { from: "uplot/dist/uPlot.min.css", takes: /^uPlot\.(min\.css|iife\.min\.js)$/, to: PAGE },
];

/** What a bundle came to: both are relative to its folder. */
export interface Bundle {
  /** Where the program begins. */
  readonly entry: string;
  /** What else has to be included: the workers, and the files that are read. */
  readonly included: readonly string[];
}

/**
 * Writes the bundle of `program` to `folder`.
 *
 * @throws {Error} for what cannot be bundled, or where the providers are not built
 */
export async function bundleProgram(folder: string, program: Program = OMNIFS): Promise<Bundle> {
  const { entry, workers } = program;
  const modules = [entry, ...workers];
  await using build = await rolldown({
    input: Object.fromEntries(modules.map((path) => [path.replace(/\.ts$/, ""), join(ROOT, path)])),
    cwd: ROOT,
    platform: "node",
    // What a package has for bundlers rather than for Node: a script that finds its own parts by `require` loses them here.
    resolve: { mainFields: ["module", "main"] },
    plugins: [keepingAddresses(entry)],
    logLevel: "warn",
  });
  await build.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].ts",
    chunkFileNames: "chunks/[name]-[hash].js",
  });
  const read = [
    ...await copyProviders(folder),
    ...(await Promise.all(READ.map((each) => copyRead(each, folder)))).flat(),
  ];
  return { entry, included: [...workers, ...read] };
}

/** Stands for the address of a module until it is known in which file it ends up. */
const ADDRESS = "__omnifs_address_of__";

/** Of a source file `import.meta` says what it says in a checkout, whichever chunk the file ended up in. */
const keepingAddresses = (entry: string): Plugin => ({
  name: "keeping-addresses",
  transform(code, id) {
    const path = relative(ROOT, id);
    if (/^(\.\.|node_modules|\0)/.test(path) || !code.includes("import.meta.")) return null;
    return code
      .replaceAll("import.meta.url", `${ADDRESS}(${JSON.stringify(path)})`)
      .replaceAll("import.meta.main", path === entry ? "import.meta.main" : "false");
  },
  renderChunk(code, chunk) {
    if (!code.includes(ADDRESS)) return null;
    return code.replace(
      new RegExp(`${ADDRESS}\\("([^"]+)"\\)`, "g"),
      (_, path: string) => `new URL("${relative(dirname(chunk.fileName), path)}", import.meta.url).href`,
    );
  },
});

/** The bundled providers, made ready: not the components, which nobody needs beside them. */
async function copyProviders(folder: string): Promise<string[]> {
  const dist = join(ROOT, "providers/dist");
  const entries = await Array.fromAsync(Deno.readDir(dist));
  const names = entries.filter(({ name, isDirectory }) => isDirectory && name !== "tests").map(({ name }) =>
    name
  );
  if (names.length === 0) throw new Error("providers/dist is empty: run `deno task build:providers`");
  const copies = names.toSorted().map(async (name) => {
    const from = `${dist}/${name}`;
    const files = await Array.fromAsync(Deno.readDir(from));
    return await copyAll(files.map((file) => `${from}/${file.name}`), folder, `providers/dist/${name}`);
  });
  return (await Promise.all(copies)).flat();
}

async function copyRead({ from, takes, to }: Read, folder: string): Promise<string[]> {
  const home = from.startsWith(".") ? join(ROOT, from) : dirname(new URL(import.meta.resolve(from)).pathname);
  const files = await Array.fromAsync(Deno.readDir(home));
  const taken = files.filter(({ name }) => takes.test(name)).map(({ name }) => `${home}/${name}`);
  if (taken.length === 0) throw new Error(`${home} holds nothing of what the program reads`);
  return await copyAll(taken, folder, to);
}

/** Copies `files` into `place`; their paths there. What looks like a module is none of the program's: it ends in `.bin`. */
async function copyAll(files: readonly string[], folder: string, place: string): Promise<string[]> {
  await Deno.mkdir(join(folder, place), { recursive: true });
  return await Promise.all(files.map(async (file) => {
    const name = basename(file).replace(/\.(wasm|js)$/, "$&.bin");
    await Deno.copyFile(file, join(folder, place, name));
    return `${place}/${name}`;
  }));
}
