/**
 * The packer's one door: open a workspace, and ask. Everybody who embeds it, the daemon and the command line among
 * them, uses this and nothing else, and holds no rule of its own.
 *
 * @module
 */
export * from "../base/packer.ts";
export { type Holder, holderOf } from "./lock.ts";
export { Packer, type PackerOptions } from "./packer.ts";
export type { Reader } from "./readers.ts";
