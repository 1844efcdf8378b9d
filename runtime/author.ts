/**
 * For the authors of providers: sources to begin with, and from sources to a component. Both stand on the SDK and the
 * toolchain of a checkout, which the compiled executable does not carry.
 *
 * @module
 */
import { unlessAborted } from "./base/abort.ts";
import { messageOf, OmnifsError } from "./base/errors.ts";
import type { BuildOptions, BuiltDocument, ScaffoldDocument } from "./control/author.ts";

/** The SDK of this checkout. */
const SDK = new URL("../providers/sdk/", import.meta.url);

/** What the template calls the provider. */
const PLACEHOLDER = /__name__/g;

/** How strictly the sources of a new provider are checked: what crosses to the host must be exact. */
const STRICT = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };

/** What is needed of `providers/sdk/build.ts`. */
interface Toolchain {
  /** The component of the provider in `folder`. */
  buildComponent(folder: string): Promise<Uint8Array>;
}

/** See `Author`. */
export async function scaffold(name: string, folder: string): Promise<ScaffoldDocument> {
  await refuseFull(folder);
  const files = new Map([
    ["deno.json", denoJson()],
    [".gitignore", "*.wasm\n"],
    ...await templateFiles(),
  ]);
  // Whole or not at all: the folder has its name once everything is in it.
  const temporary = `${folder}.${crypto.randomUUID()}.tmp`;
  try {
    for (const [path, text] of files) {
      await Deno.mkdir(`${temporary}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${temporary}/${path}`, text.replace(PLACEHOLDER, name));
    }
    await Deno.rename(temporary, folder);
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    throw new OmnifsError("unavailable", `cannot write ${folder}: ${messageOf(error)}`, { path: folder });
  }
  return { folder, files: [...files.keys()].sort() };
}

/** See `Author`. */
export async function build({ folder, file, check, signal }: BuildOptions): Promise<BuiltDocument> {
  const { buildComponent } = await toolchain();
  await refuseMissing(folder);
  if (check) await checkTypes(folder, signal);
  try {
    const component = await unlessAborted(buildComponent(folder), signal);
    await replaceFile(file, component);
    return { file, bytes: component.length };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new OmnifsError("invalid", `${folder} does not build: ${messageOf(error)}`, { path: folder });
  }
}

/** @throws {OmnifsError} where something is in `folder` already */
async function refuseFull(folder: string): Promise<void> {
  const found = await Deno.stat(folder).catch(() => undefined);
  const empty = found?.isDirectory === true && (await Array.fromAsync(Deno.readDir(folder))).length === 0;
  if (found === undefined || empty) return;
  throw new OmnifsError("conflict", `${folder} is there already`, {
    path: folder,
    mend: "name a folder that does not exist yet",
  });
}

/** @throws {OmnifsError} where `folder` holds no provider */
async function refuseMissing(folder: string): Promise<void> {
  const found = await Deno.stat(`${folder}/provider.json`).catch(() => undefined);
  if (found !== undefined) return;
  throw new OmnifsError("not-found", `${folder} holds no provider: there is no provider.json in it`, {
    path: folder,
    mend: "omnifs provider new NAME",
  });
}

/** Every file of the template, as a provider outside of the checkout holds it. */
async function templateFiles(): Promise<[string, string][]> {
  const template = new URL("template/", SDK);
  const names = await namesBelow(template).catch(() => []);
  if (names.length === 0) throw noCheckout("the sources of a new provider");
  return await Promise.all(names.map(async (name): Promise<[string, string]> => {
    const text = await Deno.readTextFile(new URL(name, template));
    return [
      name,
      text.replace(/"\.\.\/mod\.ts"/g, '"@omnifs/sdk"').replace(/"\.\.\/(\w+\.ts)"/g, '"@omnifs/sdk/$1"'),
    ];
  }));
}

async function namesBelow(folder: URL, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(prefix, folder))) {
    if (isDirectory) names.push(...await namesBelow(folder, `${prefix}${name}/`));
    else names.push(prefix + name);
  }
  return names;
}

/** Where the SDK is, for Deno and for editors; the build knows by itself. */
function denoJson(): string {
  const imports = { "@omnifs/sdk": new URL("mod.ts", SDK).href, "@omnifs/sdk/": SDK.href };
  return `${JSON.stringify({ imports, compilerOptions: STRICT, fmt: { lineWidth: 110 } }, null, 2)}\n`;
}

/** The build of the checkout. Its name is computed, so that whoever bundles omnifs does not bundle the toolchain too. */
async function toolchain(): Promise<Toolchain> {
  if (Deno.build.standalone) throw noCheckout("the toolchain of providers");
  try {
    return await import(new URL("build.ts", SDK).href);
  } catch (error) {
    throw noCheckout("the toolchain of providers", error);
  }
}

function noCheckout(what: string, cause?: unknown): OmnifsError {
  const why = cause === undefined ? "" : `: ${messageOf(cause).split("\n", 1)[0]}`;
  return new OmnifsError(
    "unsupported",
    `${what} (componentize-qjs, rolldown, the SDK) is not part of this omnifs${why}`,
    {
      mend: "use a checkout of omnifs, made ready by `npx -y deno@2.9.6 task setup`",
      cause,
    },
  );
}

/** @throws {OmnifsError} `invalid` with the first type error */
async function checkTypes(folder: string, signal: AbortSignal): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "mod.ts"],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal,
  });
  const { code, stderr } = await child.output();
  if (signal.aborted) throw signal.reason;
  if (code === 0) return;
  throw new OmnifsError(
    "invalid",
    `${folder} does not build: ${firstTypeError(new TextDecoder().decode(stderr))}`,
    {
      path: folder,
    },
  );
}

/** `FILE:LINE:COLUMN: MESSAGE`, and how many more there are. */
function firstTypeError(text: string): string {
  const [, message, place] = /\[ERROR\]: (.*)\n[^]*? at (file:\S+:\d+:\d+)/.exec(text) ?? [];
  if (message === undefined || place === undefined) return text.trim().split("\n", 1)[0] ?? "";
  const more = Number(/^Found (\d+) errors/m.exec(text)?.[1] ?? 1) - 1;
  const file = decodeURIComponent(new URL(place).pathname);
  return `${file}: ${message}${more > 0 ? ` (and ${more} more)` : ""}`;
}

/** Whole or not at all. */
async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeFile(temporary, bytes);
    await Deno.rename(temporary, file);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
