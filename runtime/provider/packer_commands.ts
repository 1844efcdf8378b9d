/**
 * Changes of a workspace as a guest asks for them, checked: the component's own types may say something else.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { PackerCommand } from "../base/packer.ts";
import { sha256 } from "./digest.ts";

/** Most commands of one commit: a directory that goes is one for each of its files. */
const COMMANDS = 10_000;

/** Largest number that crosses. */
const NUMBER_LIMIT = BigInt(Number.MAX_SAFE_INTEGER);

type Fields = Readonly<Record<string, unknown>>;

/** The `list<command>` of the contract that `value` is. @throws {OmnifsError} `invalid` where it is none */
export async function commandsOf(value: unknown): Promise<PackerCommand[]> {
  const list = listOf(value);
  if (list.length > COMMANDS) throw new OmnifsError("too-large", `a commit has at most ${COMMANDS} commands`);
  return await Promise.all(list.map(commandOf));
}

/** A `u64` as a guest sends it. @throws {OmnifsError} `invalid` where it is none, or larger than a number can be */
export function numberOf(value: unknown): number {
  if (typeof value === "bigint" && value >= 0n && value <= NUMBER_LIMIT) return Number(value);
  throw wrong();
}

/** A text as a guest sends it. @throws {OmnifsError} `invalid` where it is none */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw wrong();
}

async function commandOf(value: unknown): Promise<PackerCommand> {
  const { tag, val } = fieldsOf(value);
  const read = COMMAND[textOf(tag)];
  if (read === undefined) throw wrong();
  return await read(val);
}

const COMMAND: Readonly<Record<string, (val: unknown) => PackerCommand | Promise<PackerCommand>>> = {
  "register": (val) => {
    const { root, declaration, includedInBuild, files } = fieldsOf(val);
    return {
      do: "register",
      root: textOf(root),
      ...(declaration === undefined || declaration === null ? {} : { declaration: textOf(declaration) }),
      included: flagOf(includedInBuild),
      files: listOf(files).map((file) => {
        const { path, content } = fieldsOf(file);
        return { path: textOf(path), content: payloadOf(content) };
      }),
    };
  },
  "unregister": (val) => ({ do: "unregister", asset: numberOf(val) }),
  "set-included": (val) => {
    const { asset, includedInBuild } = fieldsOf(val);
    return { do: "set-included", asset: numberOf(asset), included: flagOf(includedInBuild) };
  },
  "relocate": (val) => {
    const { asset, root } = fieldsOf(val);
    return { do: "relocate", asset: numberOf(asset), root: textOf(root) };
  },
  "put": async (val) => {
    const { asset, path, content, expected } = fieldsOf(val);
    return {
      do: "put",
      asset: numberOf(asset),
      path: textOf(path),
      content: payloadOf(content),
      ...await expectedOf(expected),
    };
  },
  "remove": async (val) => {
    const { asset, path, expected } = fieldsOf(val);
    const { expectedDigest } = await expectedOf(expected);
    return {
      do: "remove",
      asset: numberOf(asset),
      path: textOf(path),
      // What is not there cannot be removed: the packer says so by itself.
      ...(typeof expectedDigest === "string" ? { expectedDigest } : {}),
    };
  },
};

/** What has to be there, in the packer's words. */
async function expectedOf(value: unknown): Promise<{ readonly expectedDigest?: string | null }> {
  const { tag, val } = fieldsOf(value);
  switch (tag) {
    case "anything":
      return {};
    case "nothing":
      return { expectedDigest: null };
    case "digest":
      return { expectedDigest: textOf(val) };
    case "holds":
      return { expectedDigest: await sha256(payloadOf(val)) };
    default:
      throw wrong();
  }
}

/** The bytes of a `payload`, which nobody else can change any more. */
function payloadOf(value: unknown): Uint8Array {
  const { tag, val } = fieldsOf(value);
  if (tag === "text") return new TextEncoder().encode(textOf(val));
  if (tag === "bytes" && val instanceof Uint8Array && val.buffer instanceof ArrayBuffer) return val;
  throw wrong();
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null) return { ...value };
  throw wrong();
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong();
}

function flagOf(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw wrong();
}

function wrong(): OmnifsError {
  return new OmnifsError("invalid", "the question is not one of the contract");
}
