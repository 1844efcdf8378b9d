/**
 * What a component may import and must export, by name: the interfaces of `wit/world.wit`, and which of their
 * functions wait for the host.
 *
 * @module
 */

/** The contract's package and version. */
const PACKAGE = "omnifs:provider/";
const VERSION = "@1.0.0";

/** The full name of one interface, such as `omnifs:provider/http@1.0.0`. */
export function interfaceName(short: string): string {
  return `${PACKAGE}${short}${VERSION}`;
}

/** Every interface that a component may import; `types` holds no function. */
export const IMPORTABLE = [
  "types",
  "http",
  "http-write",
  "dns",
  "log",
  "settings",
  "clock",
  "packer",
  "packer-write",
] as const;

/** Interfaces without which a component is no provider. */
export const REQUIRED_EXPORTS = ["manifest", "provider"] as const;

const SUSPENDING: Readonly<Record<string, readonly string[]>> = {
  "http": ["fetch"],
  "http-write": ["send"],
  "dns": ["query"],
  "packer": [
    "projects",
    "get-status",
    "registry",
    "assets",
    "get-asset",
    "declaration",
    "files",
    "read",
    "divergences",
    "events",
    "latest-build",
    "read-build",
    "preview",
    "moment",
    "committed",
  ],
  "packer-write": ["commit"],
};

/** Functions of the host during which the guest is suspended. */
export const SUSPENDING_IMPORTS: readonly string[] = functions(SUSPENDING);

/** Those of one interface, by their names in the contract. */
export function suspending(short: string): readonly string[] {
  return SUSPENDING[short] ?? [];
}

/** Functions of the guest that may be suspended in one of those. */
export const SUSPENDABLE_EXPORTS: readonly string[] = functions({
  "manifest": ["describe"],
  "provider": ["lookup-child", "list-children", "read-file"],
  "events": ["sources", "poll", "on-event"],
  "mutations": ["check", "plan", "perform", "undo", "probe"],
});

function functions(byInterface: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(byInterface).flatMap(([name, list]) =>
    list.map((f) => `${interfaceName(name)}#${f}`)
  );
}
