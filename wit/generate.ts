/**
 * Writes the TypeScript of every world of the contract into `wit/types/`: one file an interface, shared by
 * the worlds, and one file a world. `deno task build:types` runs it; a test holds the folder against it.
 *
 * @module
 */
import { generateHostTypes } from "@bytecodealliance/jco-transpile";

/** Every world of `world.wit`. */
export const WORLDS = [
  "provider-world",
  "http-provider",
  "mutable-http-provider",
  "dns-provider",
  "packer-provider",
] as const;

/** The generated files, by path relative to `wit/types/`. */
export async function generate(witFolder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const worldName of WORLDS) {
    const generated = await generateHostTypes(witFolder, { worldName, instantiation: { tag: "async" } });
    for (const [name, bytes] of Object.entries(generated)) {
      // Deno resolves an import to the very file it names, so a type import must name the .d.ts.
      files.set(name, new TextDecoder().decode(bytes).replaceAll(/(['"]\.[^'"]*)\.js(['"])/g, "$1.d.ts$2"));
    }
  }
  return files;
}

if (import.meta.main) {
  const here = import.meta.dirname ?? ".";
  for (const [name, text] of await generate(here)) {
    const path = `${here}/types/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}
