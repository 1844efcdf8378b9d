/**
 * What a process listens on.
 *
 * @module
 */

/** The state of a socket that listens: `TCP_LISTEN` of `net/tcp_states.h`. */
const LISTEN = "0A";

/** `protocol local-address` of each socket of process `pid` that anybody could send to. */
export async function openPorts(pid: number): Promise<string[]> {
  const own = new Set<string>();
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const link = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    if (inode !== undefined) own.add(inode);
  }
  const ports: string[] = [];
  for (const protocol of ["tcp", "tcp6", "udp", "udp6"]) {
    const table = await Deno.readTextFile(`/proc/${pid}/net/${protocol}`).catch(() => "");
    for (const line of table.trimEnd().split("\n").slice(1)) {
      // sl, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode; see proc_net(5).
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const open = protocol.startsWith("udp") || state === LISTEN;
      if (open && own.has(inode)) ports.push(`${protocol} ${local}`);
    }
  }
  return ports;
}
