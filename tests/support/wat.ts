/**
 * WebAssembly from its text, for tests that need a module or a component of their own making.
 *
 * @module
 */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

export { parse };

// The tool reads itself from disk when it is first used; done here, no test sees that as a leak of its own.
await parse("(module)");
