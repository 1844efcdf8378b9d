/**
 * Reads the import and export sections of a component and its guide, and nothing else: what it asks for is known, and refused,
 * before a byte of it is compiled. The format is `design/mvp/Binary.md` of the component model.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import { IMPORTABLE, interfaceName, REQUIRED_EXPORTS } from "./contract.ts";
import { WasmReader } from "./wasm_reader.ts";

/** `\0asm`, version 13, layer 1: a component (a core module has layer 0). */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

const CUSTOM_SECTION = 0;
const COMPONENT_SECTION = 4;
const CANON_SECTION = 8;
const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;

/** How deep components may hold components. */
const DEEPEST = 16;

/** The custom section that holds what a provider says to whoever reads its mount; the build writes it. */
const GUIDE = "omnifs:guide";

/** Longest guide, in bytes of UTF-8: what follows is not shown. */
const GUIDE_LIMIT = 16_384;

/** What a component's outermost sections say. */
export interface Sections {
  /** Names of its imports, in order. */
  readonly imports: readonly string[];
  /** Names of its exports, in order. */
  readonly exports: readonly string[];
  /** What it says to whoever reads its mount: its own words, of any kind; undefined where it says nothing. */
  readonly guide?: string;
}

/**
 * The imports and exports of a component.
 *
 * @throws {OmnifsError} `invalid` where `bytes` are no component, or break off
 */
export function readSections(bytes: Uint8Array): Sections {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw malformed("it is not a WebAssembly component");
  const imports: string[] = [];
  const exports: string[] = [];
  let guide: string | undefined;
  try {
    const reader = new WasmReader(bytes, MAGIC.length);
    while (!reader.done) {
      const section = reader.byte();
      const block = reader.block();
      const body = new WasmReader(block);
      if (section === CUSTOM_SECTION && body.name() === GUIDE) guide = textOf(block.subarray(body.at));
      else if (section === IMPORT_SECTION) body.each(() => imports.push(readImport(body)));
      else if (section === EXPORT_SECTION) body.each(() => exports.push(readExport(body)));
    }
    checkCanons(bytes, 0);
  } catch (error) {
    throw malformed(messageOf(error));
  }
  return { imports, exports, ...(guide === undefined ? {} : { guide }) };
}

/** The guide in `bytes`, cut where it is too long; what is no UTF-8 becomes U+FFFD. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, GUIDE_LIMIT));
}

/**
 * Refuses a component that imports anything outside the contract, or that lacks an interface of every provider.
 *
 * @throws {OmnifsError} `denied` with the names of what may not be imported; `invalid` with what is missing
 */
export function checkSections(sections: Sections, name: string): void {
  const allowed = new Set<string>(IMPORTABLE.map(interfaceName));
  const refused = sections.imports.filter((wanted) => !allowed.has(wanted));
  if (refused.length > 0) {
    throw new OmnifsError("denied", `${name} imports ${refused.join(", ")}: no provider is given that`, {
      mend: `build it against the interfaces of omnifs:provider@1.0.0 alone`,
    });
  }
  const missing = REQUIRED_EXPORTS.map(interfaceName).filter((wanted) => !sections.exports.includes(wanted));
  if (missing.length > 0) {
    throw new OmnifsError("invalid", `${name} is no provider: it does not export ${missing.join(", ")}`);
  }
}

/**
 * Refuses every canonical function but `lift` and `lower` of plain functions and those of resources: the others
 * make tasks, threads and streams, which lie in the host's tables rather than in the guest's memory.
 */
function checkCanons(bytes: Uint8Array, depth: number): void {
  if (depth > DEEPEST) throw new Error(`it holds components in more than ${DEEPEST} layers`);
  const reader = new WasmReader(bytes, MAGIC.length);
  while (!reader.done) {
    const section = reader.byte();
    const block = reader.block();
    if (section === COMPONENT_SECTION) checkCanons(block, depth + 1);
    if (section !== CANON_SECTION) continue;
    const body = new WasmReader(block);
    body.each(() => readCanon(body));
  }
}

/** `canon`: 0x00 0x00 f opts ft is `lift`, 0x01 0x00 f opts `lower`; 0x02 to 0x04 and a type concern resources. */
function readCanon(reader: WasmReader): void {
  const kind = reader.byte();
  if (kind >= 0x02 && kind <= 0x04) return void reader.u32();
  if (kind > 0x04) throw new Error(`it uses the canonical function 0x${kind.toString(16)}`);
  reader.byte();
  reader.u32();
  reader.each(() => readOption(reader));
  if (kind === 0x00) reader.u32();
}

/** `canonopt`: 0x00 is UTF-8; 0x03, 0x04 and 0x05 name a memory, `realloc` and `post-return`. */
function readOption(reader: WasmReader): void {
  const option = reader.byte();
  if (option === 0x00) return;
  if (option < 0x03 || option > 0x05) {
    throw new Error(`it uses the canonical option 0x${option.toString(16)}`);
  }
  reader.u32();
}

/** `importname' externdesc`: the name, after the byte that tells its kind. */
function readImport(reader: WasmReader): string {
  reader.byte();
  const name = reader.name();
  skipDescription(reader);
  return name;
}

/** `exportname' sortidx externdesc?` */
function readExport(reader: WasmReader): string {
  reader.byte();
  const name = reader.name();
  if (reader.byte() === 0x00) reader.byte(); // a core sort has two bytes
  reader.u32();
  if (reader.byte() === 0x01) skipDescription(reader);
  return name;
}

/** `externdesc`: core module, function, value, type, component or instance. */
function skipDescription(reader: WasmReader): void {
  const kind = reader.byte();
  if (kind > 0x05) throw new Error(`it describes an import of the unknown kind ${kind}`);
  if (kind === 0x00) reader.byte();
  const bound = kind === 0x02 || kind === 0x03;
  if (bound && reader.byte() === 0x01 && kind === 0x03) return; // a fresh resource has no index
  reader.u32();
}

function malformed(why: string): OmnifsError {
  return new OmnifsError("invalid", `not a provider: ${why}`, {
    mend: "a provider is a .wasm file as omnifs provider build writes it",
  });
}
