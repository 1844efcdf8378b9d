/**
 * What the egress thread may do, in Deno's permissions: the second wall, behind the gate.
 *
 * @module
 */
import type { Need } from "./callout.ts";
import { hostText } from "./address.ts";
import type { Server } from "./dns_socket.ts";
import { DNS_NEED, SYSTEM_RESOLVER } from "./dns_system.ts";
import { SOCKET_HOST } from "./destination.ts";
import type { Grants } from "./grant.ts";
import { parsePattern, type Pattern, patternText } from "./pattern.ts";

/**
 * The `net` scopes of the egress thread: the entries of `--allow-net`, or, for the bare flag, the targets of
 * `needs`. A name with a port is scoped without it, since the system's resolver asks for the name as a whole;
 * its port is held to by the gate. The need `dns` brings `nameservers`, the system's. A socket brings the name that stands for it in URLs, which never resolves.
 */
export function denoNetScopes(
  grants: Grants,
  needs: readonly Pick<Need, "target">[],
  nameservers: readonly Server[] = [],
): string[] {
  const texts = grants.allow === "all" ? needs.map(({ target }) => target) : grants.allow;
  const patterns = texts.map(parsePattern).filter((pattern) => pattern.kind !== "wrong");
  return [...new Set([...patterns.flatMap(scopesOf), ...dnsScopes(grants, needs, nameservers)])];
}

/** What questions take: the system's servers where they are granted, and ports of one's own for their answers. */
function dnsScopes(
  grants: Grants,
  needs: readonly Pick<Need, "target">[],
  nameservers: readonly Server[],
): string[] {
  if (!needs.some(({ target }) => target === DNS_NEED)) return [];
  const granted = grants.match(SYSTEM_RESOLVER).granted ? nameservers : [];
  const servers = granted.map(({ host, port }) => `${hostText(host)}:${port}`);
  // Port 0 is whichever is free: Deno counts the binding of a UDP socket as listening.
  return [...servers, "0.0.0.0:0", "[::]:0"];
}

/** The permissions of a worker with those `net` scopes: the granted sockets' files, and nothing else. */
export function workerPermissions(scopes: readonly string[]): Deno.PermissionOptionsObject {
  const sockets = scopes.filter((scope) => scope.startsWith("unix:")).map((scope) =>
    scope.slice("unix:".length)
  );
  return {
    net: [...scopes],
    read: sockets,
    write: sockets,
    env: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  };
}

function scopesOf(pattern: Pattern): string[] {
  if (pattern.kind === "unix") return [patternText(pattern), `${SOCKET_HOST}:80`];
  if (pattern.kind === "address" || pattern.kind === "range") return [patternText(pattern)];
  return [patternText({ ...pattern, port: undefined })];
}
