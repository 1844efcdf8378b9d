/**
 * A Deno that compiles where Deno's own download host cannot be reached: version 2.7.11 out of npm, and the base of its
 * executables out of a compiled program that somebody published there.
 *
 * Both are downloads of a fixed version whose SHA-256 is known, kept in `node_modules/.cache`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { run } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";

/** What compiles. */
export interface Compiler {
  /** The path of a Deno. */
  readonly deno: string;
  /** The path of its runtime base; undefined where that Deno gets it by itself. */
  readonly base?: string;
}

/** Where the downloads are kept. */
const CACHE = join(ROOT, "node_modules", ".cache", "omnifs-compile");

/** How long one download may take, in milliseconds. */
const DOWNLOAD_DEADLINE = 5 * 60_000;

/** Where npm cannot be reached it says so in seconds; by itself it would try for minutes. */
const FEW_RETRIES = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=1000"];

/** A file out of a package, known by its digest. */
interface Download {
  readonly package: string;
  readonly file: string;
  /** What is kept of the file. */
  readonly part: (bytes: Uint8Array) => Uint8Array;
  /** SHA-256 of what is kept, in hexadecimal. */
  readonly sha256: string;
}

const DENO: Download = {
  package: "@deno/linux-x64-glibc@2.7.11",
  file: "package/deno",
  part: (bytes) => bytes,
  sha256: "e518fbc96877fbc2b37820ec54a02e473166cb25a5d4d627ffde37360fd7d210",
};

/** Where the Deno of npm runs. */
const HOST = "x86_64-unknown-linux-gnu";

/** Compiled by Deno 2.7.11, for each target: the base, and what was embedded in it after that. */
const BASES: Readonly<Record<string, Download>> = {
  "x86_64-unknown-linux-gnu": {
    package: "@stdy/cli-linux-x64@0.22.2",
    file: "package/bin/steady",
    part: withoutTrailer,
    sha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
  "aarch64-unknown-linux-gnu": {
    package: "@stdy/cli-linux-arm64@0.22.2",
    file: "package/bin/steady",
    part: withoutTrailer,
    sha256: "9c888d915647ff971a497acd39ee45ea63da5f19d12d4363124942c257c055ef",
  },
};

/** Why {@linkcode npmDeno} cannot be had for `target`; undefined where nothing speaks against trying. */
export function whyNoNpmDeno(target: string = Deno.build.target): string | undefined {
  if (Deno.build.target === HOST && target in BASES) return undefined;
  return `npm has bases of executables for ${Object.keys(BASES).join(" and ")}, to be compiled on ${HOST}`;
}

/**
 * The Deno of npm with its base.
 *
 * @throws {Error} where there is none for `target`, npm cannot be reached, or something else came than what is known
 */
export async function npmDeno(target: string = Deno.build.target): Promise<Compiler> {
  const download = BASES[target];
  if (download === undefined || whyNoNpmDeno(target) !== undefined) throw new Error(whyNoNpmDeno(target));
  const [deno, base] = await Promise.all([kept(DENO), kept(download)]);
  return { deno, base };
}

/** The path of what `download` keeps, downloaded unless it is there. */
async function kept(download: Download): Promise<string> {
  const path = join(CACHE, download.sha256);
  const there = await Deno.readFile(path).catch(() => undefined);
  if (there !== undefined && sha256(there) === download.sha256) return path;
  const bytes = download.part(await fileOf(download));
  const got = sha256(bytes);
  if (got !== download.sha256) {
    throw new Error(`${download.package}: ${download.file} has SHA-256 ${got}, not ${download.sha256}`);
  }
  // Another run may look for it meanwhile.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await Deno.writeFile(temporary, bytes, { mode: 0o755 });
  await Deno.rename(temporary, path);
  return path;
}

async function fileOf({ package: name, file }: Download): Promise<Uint8Array> {
  await Deno.mkdir(CACHE, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: CACHE, prefix: "download-" });
  try {
    const options = { cwd: folder, deadline: DOWNLOAD_DEADLINE };
    const packed = await run("npm", ["pack", "--loglevel=error", ...FEW_RETRIES, name], options);
    if (packed.code !== 0) throw new Error(`npm pack ${name}: ${firstErrors(packed.stderr)}`);
    const archive = packed.stdout.trim().split("\n").at(-1) ?? "";
    const unpacked = await run("tar", ["-xzf", archive, file], options);
    if (unpacked.code !== 0) throw new Error(`tar: ${archive}: ${unpacked.stderr.trim()}`);
    return await Deno.readFile(join(folder, file));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What Deno 2.7 puts behind all else: u32 magic, u32 hash, u64 length of what was appended, all little-endian. */
const TRAILER = { magic: 0x501e, bytes: 16 } as const;

/** A compiled program without what was embedded in it. */
function withoutTrailer(program: Uint8Array): Uint8Array {
  const end = new DataView(program.buffer, program.byteOffset + program.length - TRAILER.bytes);
  if (end.getUint32(0, true) !== TRAILER.magic) throw new Error("it is not a program that Deno 2.7 compiled");
  return program.subarray(0, program.length - Number(end.getBigUint64(8, true)));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What npm says went wrong, without where its log is. */
function firstErrors(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.startsWith("npm error"));
  return lines.slice(0, 3).map((line) => line.slice("npm error ".length)).join(", ");
}
