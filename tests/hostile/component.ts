/**
 * Components in WebAssembly text that keep to the contract, but for the one function that a test writes for them.
 *
 * @module
 */
import { componentEmbed, componentNew, print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parse } from "../support/wat.ts";

/** What differs from a provider that describes itself, knows no name and lists nothing. */
export interface Deviation {
  /** Pages of memory at the start; 4 unless told. */
  readonly pages?: number;
  /** The schema of its settings, as text; `{}` unless told. */
  readonly schema?: string;
  /** Instructions before `describe` answers. */
  readonly describe?: string;
  /** Instructions before `lookup-child` answers that there is none; one that leaves an address answers that. */
  readonly lookup?: string;
  /** The same of `list-children`, which answers an empty directory. */
  readonly list?: string;
  /** The same of `read-file`, which answers no bytes. */
  readonly read?: string;
  /** Other parts of the core module: functions, a start, data, imports that come first. */
  readonly imports?: string;
  readonly more?: string;
  /** Parts of the component beside the core module, put before its end. */
  readonly beside?: string;
}

/** Where answers stand in memory. */
export const AT = {
  /** The manifest. */
  manifest: 16,
  /** `ok(none)`, from zeros. */
  absent: 256,
  /** `ok(listing)`; the list's address and length at 8 and 12 behind it, `next` at 20, 24 and 28. */
  listing: 320,
  /** `ok(payload)`: 8 for its kind, 12 and 16 for address and length. */
  payload: 512,
  /** The schema of the settings, at most 4 KiB. */
  schema: 2_048,
  /** Where arguments go, over and over. */
  arguments: 8_192,
  /** Nothing from here on. */
  free: 65_536,
} as const;

/** Bytes of a `dir-entry`: the name, then a node of which `kind` is at 16 and `content` at 80. */
export const ENTRY = 104;

const INTERFACE = "omnifs:provider";

/** A provider that may log; what a module does not use is not imported. */
const WORLD = "talking-provider";

/** The bytes of such a component. */
export async function deviant(deviation: Deviation): Promise<Uint8Array> {
  const { beside } = deviation;
  const binary = await parse(coreOf(deviation));
  const embedded = await componentEmbed({ binary, witSource: await contract(), world: WORLD });
  const component = await componentNew(embedded);
  return beside === undefined
    ? component
    : await parse((await print(component)).replace(/\)\s*$/, `${beside})`));
}

/** The contract as one document. */
let text: Promise<string> | undefined;

function contract(): Promise<string> {
  text ??= readContract();
  return text;
}

async function readContract(): Promise<string> {
  const folder = new URL("../../wit/", import.meta.url);
  let text = "";
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".wit")) text += await Deno.readTextFile(new URL(name, folder));
  }
  const header = "package omnifs:provider@1.0.0;";
  return `${header}${text.replaceAll(header, "")} world ${WORLD} { include provider-world; import log; }`;
}

function coreOf(deviation: Deviation): string {
  const { pages = 4, describe = "", lookup = "", list = "", read = "", imports = "", more = "" } = deviation;
  const { schema = "{}" } = deviation;
  const text = "hostile0.0.1Does harm";
  const at = (offset: number) => 128 + offset;
  const manifest = [at(0), 7, at(7), 5, at(12), 9, 0, 0, AT.schema, schema.length].map(little).join("");
  return `(module ${imports}
    (memory (export "memory") ${pages})
    (data (i32.const ${AT.manifest}) "${manifest}")
    (data (i32.const 128) "${text}")
    (data (i32.const ${AT.schema}) ${JSON.stringify(schema)})
    (data (i32.const ${AT.listing + 16}) "\\01")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const ${AT.arguments}))
    (func (export "${INTERFACE}/manifest@1.0.0#describe") (result i32) ${describe} (i32.const ${AT.manifest}))
    (func (export "${INTERFACE}/provider@1.0.0#lookup-child") (param i32 i32 i32 i32) (result i32)
      ${lookup} (i32.const ${AT.absent}))
    (func (export "${INTERFACE}/provider@1.0.0#list-children") (param i32 i32 i32 i32 i32) (result i32)
      ${list} (i32.const ${AT.listing}))
    (func (export "${INTERFACE}/provider@1.0.0#read-file") (param i32 i32 i64 i64) (result i32)
      ${read} (i32.const ${AT.payload}))
    ${more})`;
}

/** Four bytes of a data segment. */
function little(value: number): string {
  const bytes = new Uint8Array(Uint32Array.of(value).buffer);
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}
