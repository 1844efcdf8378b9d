/**
 * Who is at the other end of this process's Unix sockets.
 *
 * @module
 */
import { libc } from "./libc.ts";

const DESCRIPTORS = "/proc/self/fd";

/** A process that connected to a socket of this one. */
export interface Peer {
  /** The user as whom it did. */
  readonly uid: number;
  /** Ends the connection. */
  disconnect(): void;
}

/**
 * Everybody who is connected to the socket that is bound to `path`; this process itself is among them, as the one who
 * listens there.
 *
 * @throws {Error} where `/proc` does not tell
 */
export function peersAt(path: string): Peer[] {
  const c = libc();
  return c.readNames(DESCRIPTORS).map(Number).filter((fd) => c.socketPath(fd) === path).flatMap((fd) => {
    const uid = c.peerUser(fd);
    return uid === undefined ? [] : [{ uid, disconnect: () => c.hangUp(fd) }];
  });
}
