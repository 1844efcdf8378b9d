/**
 * The packer's provider over a real workspace: its component behind a real gate, without a mount.
 *
 * @module
 */
import { Bus } from "../../runtime/base/bus.ts";
import { systemClock } from "../../runtime/base/clock.ts";
import { DaemonWorkspaces } from "../../runtime/daemon_workspaces.ts";
import type { Provider } from "../../runtime/provider/mod.ts";
import { type Component, withBundled } from "../support/component.ts";
import type { Workspace } from "./workspace.ts";

/** What a test gets. */
export interface OverWorkspace extends Component {
  /** The workspaces: one, called `game`. */
  readonly workspaces: DaemonWorkspaces;
  /** Their bus. */
  readonly bus: Bus;
}

/** Runs `use` with the component over `workspace`; `allowApply` are the mounts of `--allow-apply`. */
export async function overWorkspace(
  workspace: Workspace,
  use: (component: OverWorkspace) => Promise<void>,
  allowApply: readonly string[] = ["packer"],
): Promise<void> {
  const bus = new Bus(systemClock);
  const choice = { name: "game", path: workspace.path };
  const workspaces = await DaemonWorkspaces.open({ workspaces: [choice], dir: null, allowApply }, {
    clock: systemClock,
    bus,
  });
  try {
    await withBundled(
      { name: "packer", settings: {}, allow: [], workspaces },
      (component) => use({ ...component, workspaces, bus }),
    );
  } finally {
    await workspaces.close();
  }
}

/** The text at a path of the tree, asked for name by name. */
export async function textAt(provider: Provider, ...names: string[]): Promise<string> {
  let id = "";
  for (const [index, name] of names.entries()) {
    const node = await provider.lookupChild(id, name);
    if (node === undefined) throw new Error(`there is no ${names.slice(0, index + 1).join("/")}`);
    id = node.id;
    if (node.content.tag === "inline") return new TextDecoder().decode(node.content.bytes);
  }
  return new TextDecoder().decode(await provider.readFile(id, 0, 1_000_000));
}
