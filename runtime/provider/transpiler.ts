/**
 * Runs jco's generator on a component: `transpile_worker.ts` without permissions does the work, this file reads what
 * the worker may not read.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { metered } from "./answer_meter.ts";

/** What the worker is sent. */
export interface TranspileRequest {
  /** The generator's script. */
  readonly source: string;
  /** Its core modules, by file name. */
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** What to turn into core modules. */
  readonly component: Uint8Array;
}

/** What the worker answers. */
export type TranspileReply =
  | { readonly files: readonly (readonly [string, Uint8Array])[] }
  | { readonly fault: string };

/** Core modules and glue of one component. */
export interface Glue {
  /** The script that instantiates the component: untrusted, it holds names from the component. */
  readonly script: string;
  /** Its core modules, by the names under which the script asks for them. */
  readonly modules: ReadonlyMap<string, Uint8Array>;
}

const GENERATOR = "js-component-bindgen-component";

/**
 * The core modules and glue of `component`.
 *
 * @throws {OmnifsError} `invalid` where jco cannot read it
 */
export async function transpile(component: Uint8Array, name: string): Promise<Glue> {
  const request = { ...await generator(), component };
  const worker = new Worker(new URL("./transpile_worker.ts", import.meta.url), {
    type: "module",
    name: "transpile",
    deno: { permissions: "none" },
  });
  try {
    const reply = await answerOf(worker, request);
    if ("fault" in reply) throw new OmnifsError("invalid", `${name} cannot be transpiled: ${reply.fault}`);
    return glueOf(reply.files);
  } finally {
    worker.terminate();
  }
}

function answerOf(worker: Worker, request: TranspileRequest): Promise<TranspileReply> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<TranspileReply>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve({ fault: messageOf(event.message) });
    };
    worker.postMessage(request);
  });
}

function glueOf(files: readonly (readonly [string, Uint8Array])[]): Glue {
  const modules = new Map<string, Uint8Array>();
  let script = "";
  for (const [name, bytes] of files) {
    if (name.endsWith(".wasm")) modules.set(name, bytes);
    else if (name.endsWith(".js")) script = plainScript(new TextDecoder().decode(bytes));
  }
  return { script, modules };
}

/** jco's module as the body of a function that returns `instantiate`: metered, without its calls for traces. */
function plainScript(module: string): string {
  const body = module
    .replace(/^export /gm, "")
    .replace(/\bimport\.meta\.url\b/g, "undefined")
    .replace(/^(\s*)_debugLog\(/gm, "$1false && _debugLog(");
  return `${metered(body)}\nreturn instantiate;`;
}

/** The generator itself, read and compiled once. */
let loaded: Promise<Omit<TranspileRequest, "component">> | undefined;

function generator(): Promise<Omit<TranspileRequest, "component">> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Omit<TranspileRequest, "component">> {
  const modules: Record<string, WebAssembly.Module> = {};
  for (const part of ["core", "core2"]) {
    const file = `${GENERATOR}.${part}.wasm`;
    modules[file] = await WebAssembly.compile(await Deno.readFile(generatorFile(file)));
  }
  return { source: await Deno.readTextFile(generatorFile(`${GENERATOR}.js`)), modules };
}

/** Where a file of the generator is: in its package, or in the executable, where no name may be that of a module. */
function generatorFile(name: string): URL {
  if (Deno.build.standalone) return new URL(`./generator/${name}.bin`, import.meta.url);
  return new URL(name, import.meta.resolve("@bytecodealliance/jco-transpile/component"));
}
