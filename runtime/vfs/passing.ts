/**
 * The states of nodes that may not be kept, from one look at their attributes to the next: what the kernel was
 * told of a file has to fit the bytes that it then reads.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import type { Node } from "../provider/node.ts";
import type { Inode } from "../tree/inodes.ts";
import { moveOn, TICK } from "./attributes.ts";
import { isKept } from "./node_rules.ts";

interface State {
  /** What was told upstream. */
  readonly told: Node;
  /** What the kernel is shown of it: with a time that is another one where the bytes are others. */
  readonly shown: Node;
}

/** Remembers passing states. */
export class PassingStates {
  readonly #clock: Clock;
  readonly #states = new Map<Inode, State>();

  /** None yet; what has no time upstream is as old as `clock` says it is when it is first seen. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True where none is remembered. */
  get empty(): boolean {
    return this.#states.size === 0;
  }

  /** The state that the kernel was last shown of `inode`. */
  get(inode: Inode): Node | undefined {
    return this.#states.get(inode)?.shown;
  }

  /**
   * What to show of `node`, remembered where it may not be kept. The kernel drops the pages of a file when
   * its time or its length changes (`FUSE_AUTO_INVAL_DATA`), so other bytes get another time, whatever the
   * upstream says. A directory has a later one at each look, and when it may be kept again.
   */
  show(inode: Inode, node: Node): Node {
    if (isKept(node)) {
      if (this.#states.delete(inode) && node.directory) moveOn(inode);
      return node;
    }
    if (node.directory) moveOn(inode);
    const before = this.#states.get(inode);
    const shown = before !== undefined && isSame(before.told, node)
      ? { ...node, modified: before.shown.modified }
      : { ...node, modified: this.#timeOf(node, before?.shown.modified) };
    // A look that ends after the kernel forgot the inode leaves nothing behind.
    if (inode.lookups.value > 0) this.#states.set(inode, { told: node, shown });
    return shown;
  }

  /** The kernel no longer holds `inode`. */
  forget(inode: Inode): void {
    this.#states.delete(inode);
  }

  #timeOf(node: Node, before: number | undefined): number {
    const time = node.modified ?? this.#clock.now();
    return time === before ? time + TICK : time;
  }
}

/** True where both are surely one state. Of a directory nobody can tell. */
function isSame(a: Node, b: Node): boolean {
  if (a.content.tag !== "inline" || b.content.tag !== "inline" || a.modified !== b.modified) return false;
  const [one, other] = [a.content.bytes, b.content.bytes];
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
