/**
 * What the `omnifs packer` commands ask: of the omnifs that holds a workspace, or of the runtime itself. Plain data, so
 * that the command line need not load the packer to say it.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { PackerAsk, PackerCalls, PackerDesk } from "../base/packer.ts";

/** Who holds a workspace. */
export interface WorkspaceHolder {
  /** Its process id. */
  readonly pid: number;
  /** What it calls itself. */
  readonly program: string;
}

/** A workspace that this process holds. */
export interface HeldDesk extends PackerDesk {
  /** Lets go of it. */
  close(): Promise<void>;
}

/** What `runtime/packer.ts` exports. */
export interface PackerEntry {
  /** Holds the workspace at the absolute path `workspace`. @throws {OmnifsError} `busy`, `invalid` */
  openDesk(workspace: string, program: string): Promise<HeldDesk>;
  /** Who holds it now; undefined where nobody does. @throws {OmnifsError} `invalid` where it is no workspace */
  workspaceHolder(workspace: string): Promise<WorkspaceHolder | undefined>;
}

/** The questions that are answered over the control socket. A workspace is changed there by decisions alone. */
const ASKED: ReadonlySet<string> = new Set<PackerAsk>(
  ["status", "registry", "assets", "files", "divergences", "reconcile", "doctor", "build"],
);

/** The answer of `desk` to a question that came as text. @throws {OmnifsError} `unsupported`, `invalid` */
export async function answerPacker(desk: PackerDesk, ask: string, request: string): Promise<unknown> {
  if (!isAsked(ask)) throw new OmnifsError("unsupported", `the packer is not asked for ${ask} here`);
  return await desk.call(ask, requestOf(request));
}

function isAsked(ask: string): ask is PackerAsk {
  return ASKED.has(ask);
}

/** The other end is this version of omnifs: the protocol number has been compared. */
function requestOf(text: string): PackerCalls[PackerAsk]["request"] {
  try {
    return JSON.parse(text);
  } catch {
    throw new OmnifsError("invalid", "the parameter request is no JSON");
  }
}
