/**
 * Turns a component into core modules and glue, in a worker without any permission.
 *
 * jco's generator is itself a component with WASI imports, and the shim that it comes with would hand it the whole
 * host: files, environment, standard streams. Here it gets imports that do nothing, so that a component which
 * subverts the generator has won nothing.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Transpiled } from "@bytecodealliance/jco-transpile/component";
import { messageOf } from "../base/errors.ts";
import { SUSPENDABLE_EXPORTS, SUSPENDING_IMPORTS } from "./contract.ts";
import type { TranspileReply, TranspileRequest } from "./transpiler.ts";

/** The generator's module namespace, as far as it is used. */
interface Generator {
  readonly $init: Promise<void>;
  generate(component: Uint8Array, options: Record<string, unknown>): Transpiled;
}

const OPTIONS = {
  name: "component",
  noTypescript: true,
  noNodejsCompat: true,
  instantiation: { tag: "async" },
  base64Cutoff: 0,
  map: [],
  asyncMode: { tag: "jspi", val: { imports: SUSPENDING_IMPORTS, exports: SUSPENDABLE_EXPORTS } },
};

// jco asks `process.env` whether to trace; there is no environment here.
Object.defineProperty(globalThis, "process", { value: undefined });

self.onmessage = async ({ data }: MessageEvent<TranspileRequest>) => {
  try {
    const generator = evaluate(data.source, data.modules);
    await generator.$init;
    reply({ files: generator.generate(data.component, OPTIONS).files });
  } catch (error) {
    reply({ fault: messageOf(error) });
  }
};

function reply(message: TranspileReply): void {
  self.postMessage(message);
}

/** The generator's script with its imports replaced: WASI by {@linkcode inert}, its core modules by those given. */
function evaluate(source: string, modules: Readonly<Record<string, WebAssembly.Module>>): Generator {
  const script = source
    .replace(
      /^import \{([^}]*)\} from '@bytecodealliance\/preview2-shim\/\w+';$/gm,
      (_, names: string) => `const {${names.replaceAll(" as ", ": ")}} = wasi;`,
    )
    .replace(/fetchCompile\(new URL\('\.\/([\w.-]+)', import\.meta\.url\)\)/g, 'modules["$1"]')
    .replace(/^export \{[^}]*\}/gm, "")
    .replace(/^export const/gm, "const");
  // jco's own script, from the pinned package, where nothing can be reached
  return new Function("wasi", "modules", `${script}\nreturn { $init, generate };`)(inert(), modules);
}

/** WASI with nothing behind it: no environment, no directory, no stream; any other call fails. */
function inert(): unknown {
  const answers: Readonly<Record<string, unknown>> = {
    getEnvironment: () => [],
    getDirectories: () => [],
    getRandomBytes: (length: bigint) => crypto.getRandomValues(new Uint8Array(Number(length))),
    getTerminalStdin: () => undefined,
    getTerminalStdout: () => undefined,
    getTerminalStderr: () => undefined,
  };
  const refusing = (name: string) =>
    class {
      constructor() {
        throw new Error(`the generator may not use ${name}`);
      }
    };
  const functions = new Proxy(answers, {
    get: (target, name: string) =>
      target[name] ?? Object.assign(refusing(name), { [Symbol.for("inert")]: true }),
  });
  return new Proxy({}, { get: () => functions });
}
