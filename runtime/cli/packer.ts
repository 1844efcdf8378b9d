/**
 * What the `omnifs packer` commands share: which workspace is meant, and whom to ask about it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { DivergenceDocument, PackerDesk } from "../base/packer.ts";
import { ControlClient } from "../control/client.ts";
import type { PackerEntry } from "../control/packer.ts";
import { findDaemons } from "../control/places.ts";
import { type Context, type OptionSpec, text } from "./command.ts";
import { absolute } from "./daemons.ts";
import { type Output, printable } from "./output.ts";

/** Options of every one of them. */
export interface WorkspaceValues {
  /** The directory that holds `assets/`; undefined for the one that this directory lies in. */
  readonly workspace: string | undefined;
}

/** The option that says which workspace. */
export const WORKSPACE_OPTION: OptionSpec<string | undefined> = text(
  "--workspace <dir>",
  "the directory that holds assets/; the one that this directory lies in where not given",
  "dir",
);

/**
 * Calls `use` with the packer of the workspace that is meant: that of the omnifs that holds it, or one of this command.
 *
 * @throws {OmnifsError} `invalid` where it is no workspace, `busy` where a program holds it that is no omnifs
 */
export async function withDesk(
  context: Context,
  { workspace }: WorkspaceValues,
  command: string,
  use: (desk: PackerDesk, workspace: string) => Promise<void>,
): Promise<void> {
  const path = workspace === undefined ? await workspaceAround(Deno.cwd()) : absolute(workspace);
  const { openDesk, workspaceHolder }: PackerEntry = await import("../packer.ts");
  const holder = await workspaceHolder(path);
  const daemon = holder === undefined
    ? undefined
    : (await findDaemons(context.environment)).find(({ pid }) => pid === holder.pid);
  if (daemon !== undefined) return await use(remoteDesk(daemon.socketPath, path, context.signal), path);
  const desk = await openDesk(path, `omnifs ${command}`);
  try {
    await use(desk, path);
  } finally {
    await desk.close();
  }
}

function remoteDesk(socketPath: string, workspace: string, signal: AbortSignal): PackerDesk {
  const client = new ControlClient(socketPath);
  return { call: (ask, request) => client.packer(workspace, ask, request, signal) };
}

/** The nearest directory at or above `dir` with a registry. */
async function workspaceAround(dir: string): Promise<string> {
  for (let path = dir;; path = path.slice(0, path.lastIndexOf("/"))) {
    if (await Deno.stat(`${path}/assets/.prometeu`).then(() => true, () => false)) return path;
    if (path === "") break;
  }
  throw new OmnifsError("invalid", `${dir} lies in no workspace`, { path: dir, mend: "--workspace DIR" });
}

/** A divergence and what can be done about it. */
export function showDivergence(
  out: Output,
  { id, path, line, detail, choices, preferred }: DivergenceDocument,
): void {
  const where = line === undefined ? path : `${path}:${line}`;
  out.line(`  ${out.styled("yellow", String(id).padStart(3))}  ${printable(where)}: ${printable(detail)}`);
  for (const { name, does } of choices) {
    const mark = name === preferred ? " (--all takes this)" : "";
    out.line(`       --accept ${id}=${name.padEnd(12)}  ${printable(does)}${mark}`);
  }
  if (choices.length === 0) out.line(`       edit ${printable(path)}; it is taken in once it is right`);
}
