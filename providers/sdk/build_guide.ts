/**
 * The guide of a provider: `guide.md` beside `mod.ts`, for whoever reads the mount. It travels in the component as a
 * custom section, so that it needs no call, no import and no other file.
 *
 * @module
 */
import { BuildError } from "./build_error.ts";

/** The name of the section; the host knows it by the same (`runtime/provider/sections.ts`). */
const GUIDE_SECTION = "omnifs:guide";

/** Longest guide, in bytes of UTF-8; the host shows no more. */
const GUIDE_LIMIT = 16_384;

/** The id of a custom section (WebAssembly core specification, 5.5.3); components have the same. */
const CUSTOM = 0;

/**
 * `component` with `guide` in it, the bytes of `guide.md`; as it is where there is no such file.
 *
 * @throws {BuildError} where the guide is longer than the host shows
 */
export function withGuide(component: Uint8Array, guide: Uint8Array | undefined): Uint8Array {
  if (guide === undefined) return component;
  if (guide.length > GUIDE_LIMIT) {
    throw new BuildError(`guide.md has ${guide.length} bytes, more than ${GUIDE_LIMIT}`);
  }
  const name = new TextEncoder().encode(GUIDE_SECTION);
  const head = [...leb(name.length), ...name];
  const section = [CUSTOM, ...leb(head.length + guide.length), ...head, ...guide];
  const whole = new Uint8Array(component.length + section.length);
  whole.set(component);
  whole.set(section, component.length);
  return whole;
}

/** `value` as unsigned LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
