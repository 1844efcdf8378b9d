/**
 * Components that a user has installed: `providers/NAME.wasm` in the state folder, mounted by their names.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { type Environment, stateDir } from "../control/places.ts";

/** An installed component. */
export interface Installed {
  /** What `--provider` calls it. */
  readonly name: string;
  /** The absolute path of its file. */
  readonly path: string;
}

/** What `--provider NAME` can say. */
export const PROVIDER_NAME = /^[a-z][a-z0-9-]*$/;

/** Where components are installed. */
function installedDir(environment: Environment): string {
  return `${stateDir(environment)}/providers`;
}

/** Every installed component, by name. */
export async function installedProviders(environment: Environment): Promise<Installed[]> {
  const dir = installedDir(environment);
  const found: Installed[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(dir)) {
      const [, stem] = /^(.+)\.wasm$/.exec(name) ?? [];
      if (isFile && stem !== undefined && PROVIDER_NAME.test(stem)) {
        found.push({ name: stem, path: `${dir}/${name}` });
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The file of the installed component `name`; undefined where there is none. */
export function installedPath(name: string, environment: Environment): string | undefined {
  const path = `${installedDir(environment)}/${name}.wasm`;
  try {
    return PROVIDER_NAME.test(name) && Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Installs the component in `file` as `name`, in place of one that has it; whole or not at all. */
export async function install(file: string, name: string, environment: Environment): Promise<Installed> {
  const dir = installedDir(environment);
  const path = `${dir}/${name}.wasm`;
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    await Deno.copyFile(file, temporary);
    await Deno.chmod(temporary, 0o600);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new OmnifsError("unavailable", `cannot install ${path}: ${messageOf(error)}`, { path });
  }
  return { name, path };
}

/** Removes the installed component `name`. @throws {OmnifsError} `not-found` where there is none */
export async function uninstall(name: string, environment: Environment): Promise<Installed> {
  const path = installedPath(name, environment);
  if (path === undefined) {
    const names = (await installedProviders(environment)).map((each) => each.name).join(", ");
    throw new OmnifsError("not-found", `no provider ${name} is installed`, {
      mend: names === "" ? "omnifs provider add FILE.wasm installs one" : `there are: ${names}`,
    });
  }
  await Deno.remove(path);
  return { name, path };
}
