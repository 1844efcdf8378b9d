/**
 * The bytes of files, and their exact lengths: in blocks of 1 MiB, under the same bound as everything else.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { SingleFlight } from "../base/single_flight.ts";
import type { Underway } from "../cache/changes.ts";
import type { Content, Node } from "../provider/node.ts";
import type { Place } from "../tree/place.ts";
import { isOf, type TreeStore } from "./knowledge.ts";
import type { Namespace } from "./namespace.ts";
import { isKept, sameState, sizeOf } from "./node_rules.ts";

/** Bytes of one block. */
export const BLOCK_BYTES = 1024 * 1024;

/** The largest body that is asked for as a whole; it is also the gate's bound on one answer. */
export const WHOLE_BYTES = 64 * 1024 * 1024;

/** How many blocks are loaded before a sequential reader asks for them. */
const AHEAD = 2;

const EMPTY = new Uint8Array(0);

/** A node whose length is known. */
export type SizedNode = Node & { readonly size: number };

/** Finds out lengths and reads bytes. */
export class Bodies {
  readonly #namespace: Namespace;
  readonly #store: TreeStore;
  readonly #sizes: SingleFlight<number, Underway>;
  readonly #wholes: SingleFlight<Uint8Array, Underway>;
  readonly #blocks: SingleFlight<Uint8Array, Underway>;

  /** The bodies of the nodes of `namespace`, kept in `store`. */
  constructor(namespace: Namespace, store: TreeStore) {
    this.#namespace = namespace;
    this.#store = store;
    // Who reads looks by themselves whether what they read from is still what it was: see `Namespace.steady`.
    const options = {
      tracker: namespace.knowledge.changes,
      again: false,
      loaded: (flight: string, wanted: boolean) => this.#overtake(flight, wanted),
    };
    this.#sizes = new SingleFlight(options);
    this.#wholes = new SingleFlight(options);
    this.#blocks = new SingleFlight(options);
  }

  /** The bytes from `offset`, where they are at hand: at most `length` of them, fewer only at the end. */
  peek(place: Place, node: Node, offset: number, length: number): Uint8Array | undefined {
    if (node.content.tag === "inline") return node.content.bytes.subarray(offset, offset + length);
    if (node.size === undefined) return undefined;
    const end = Math.min(offset + length, node.size);
    if (end <= offset) return EMPTY;
    const index = Math.floor(offset / BLOCK_BYTES);
    if (end > (index + 1) * BLOCK_BYTES) return undefined;
    const from = index * BLOCK_BYTES;
    const block = this.#store.block(place.key, index);
    if (block !== undefined) this.#readAhead(place, node, index);
    return block?.subarray(offset - from, end - from);
  }

  /**
   * `node` with its exact length: as the provider told it, by a HEAD, or by the bytes themselves.
   *
   * @throws {OmnifsError} `too-large` where only a download could tell and it is over {@linkcode WHOLE_BYTES}
   */
  async sized(place: Place, node: Node, signal?: AbortSignal): Promise<SizedNode> {
    const known = sizeOf(node);
    if (known !== undefined) return { ...node, size: known };
    const size = await this.#sizes.run(
      stateKey(place, node),
      (abort) => this.#findSize(place, node, abort),
      signal,
      (size, load) => {
        if (!this.#isOver(place, node, load)) this.#namespace.refine(place.key, node, { ...node, size });
      },
    );
    return { ...node, size };
  }

  /**
   * `node` as a reader may be told of it: with its exact length, and where it may not be kept, with its bytes.
   *
   * @throws {OmnifsError} `too-large` as {@linkcode sized} and {@linkcode withBytes}
   */
  settled(place: Place, node: Node, signal?: AbortSignal): Promise<SizedNode> {
    const lasting = node.directory || isKept(node) || node.content.tag === "inline";
    return lasting ? this.sized(place, node, signal) : this.withBytes(place, node, signal);
  }

  /**
   * `node` with its bytes in it, for a node that may not be kept: its length and its bytes are then of one
   * moment.
   *
   * @throws {OmnifsError} `too-large` over {@linkcode WHOLE_BYTES}
   */
  async withBytes(place: Place, node: Node, signal?: AbortSignal): Promise<SizedNode> {
    const bytes = await this.#whole(place, { ...node, size: undefined }, signal);
    return { ...node, size: bytes.length, content: { tag: "inline", bytes } };
  }

  /** The bytes from `offset`: at most `length` of them, fewer only at the end of the file. */
  async read(
    place: Place,
    node: Node,
    offset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const sized = await this.sized(place, node, signal);
    const atHand = this.peek(place, sized, offset, length);
    if (atHand !== undefined) return atHand;
    const end = Math.min(offset + length, sized.size);
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    const indexes = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const blocks = await Promise.all(indexes.map((index) => this.#block(place, sized, index, signal)));
    this.#readAhead(place, sized, last);
    return joined(blocks).subarray(offset - first * BLOCK_BYTES, end - first * BLOCK_BYTES);
  }

  /** Nobody joins the loads under way of the nodes `keys` any more, or of any: what they load is no longer true. */
  disown(keys?: ReadonlySet<string>): void {
    for (const flights of [this.#sizes, this.#wholes, this.#blocks]) {
      flights.disownAll((flight) => keys === undefined || isOf(flight, keys));
    }
  }

  /**
   * What `flight` loaded is shown to those who wait for it, and may be newer than what another load of the same file
   * brings, or has brought while this one was under way, however late that is or was. So nobody joins the others that are
   * under way any more, nothing of them is kept, and bytes of another state than this one's are dropped. Loads of other
   * pieces of one state do not contradict each other.
   */
  #overtake(flight: string, wanted: boolean): void {
    const [key = "", state] = partsOf(flight);
    for (const flights of [this.#sizes, this.#wholes, this.#blocks]) {
      flights.disownAll((other) => {
        const [otherKey, otherState] = partsOf(other);
        return otherKey === key && !(wanted && otherState === state);
      });
    }
    const current = this.#store.peekNode(key);
    const isCurrent = wanted && (current === undefined || `${key}${stateOf(current)}` === state);
    if (!isCurrent) this.#store.dropBlocks(key);
  }

  /** True where the state of `node` may have been another one before `load` ended. */
  #isOver({ key }: Place, node: Node, load: Underway): boolean {
    const { changes } = this.#namespace.knowledge;
    return this.#namespace.knowledge.overtaken(key, node, load) || changes.noted("replaced", key, load);
  }

  async #findSize(place: Place, node: Node, signal?: AbortSignal): Promise<number> {
    if (node.content.tag === "upstream") {
      const { size } = await this.#namespace.projection(place).measure(node.content, signal);
      if (size !== undefined) return size;
    }
    return (await this.#whole(place, node, signal)).length;
  }

  async #block(place: Place, node: SizedNode, index: number, signal?: AbortSignal): Promise<Uint8Array> {
    const kept = this.#store.block(place.key, index);
    if (kept !== undefined) return kept;
    const from = index * BLOCK_BYTES;
    if (node.size <= WHOLE_BYTES && (node.content.tag === "ask" || node.size <= BLOCK_BYTES)) {
      return (await this.#whole(place, node, signal)).subarray(from, from + BLOCK_BYTES);
    }
    const length = Math.min(BLOCK_BYTES, node.size - from);
    return await this.#blocks.run(
      `${stateKey(place, node)}\0${index}`,
      (abort) => this.#load(place, node, from, length, abort),
      signal,
      (bytes, load) => this.#keepBlock(place, node, index, bytes, load),
    );
  }

  async #load(
    place: Place,
    node: SizedNode,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const projection = this.#namespace.projection(place);
    return await this.#held(place, node, async () => {
      const bytes = node.content.tag === "upstream"
        ? await projection.download(node.content, { offset, length, whole: node.size }, signal)
        : await projection.readFile(place.id, offset, length, signal);
      return checked(place, length, bytes);
    });
  }

  /**
   * The bytes of `load`. Where they contradict what was told of `node`, that is no longer true, whether or not an event
   * will say so: whoever reads looks again.
   */
  async #held(place: Place, node: Node, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof OmnifsError) || error.kind !== "conflict") throw error;
      const current = this.#store.peekNode(place.key);
      if (current !== undefined && sameState(current, node)) this.#namespace.knowledge.dropState(place.key);
      throw new OmnifsError("unavailable", error.message, { cause: error });
    }
  }

  /** The whole body in one piece. */
  #whole(place: Place, node: Node, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#wholes.run(
      stateKey(place, node),
      (abort) =>
        this.#held(place, node, async () => {
          // One byte more than there may be, to tell a body that just fits from one that was cut.
          const most = (node.size ?? WHOLE_BYTES) + 1;
          const bytes = await this.#fetchWhole(place, node.content, most, abort);
          if (node.size !== undefined) return checked(place, node.size, bytes);
          if (bytes.length > WHOLE_BYTES) throw tooLarge(place);
          return bytes;
        }),
      signal,
      (bytes, load) => {
        for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
          this.#keepBlock(place, node, from / BLOCK_BYTES, bytes.subarray(from, from + BLOCK_BYTES), load);
        }
      },
    );
  }

  #fetchWhole(place: Place, content: Content, most: number, signal: AbortSignal): Promise<Uint8Array> {
    const projection = this.#namespace.projection(place);
    if (content.tag === "upstream") return projection.download(content, undefined, signal);
    return projection.readFile(place.id, 0, most, signal);
  }

  #keepBlock(place: Place, node: Node, index: number, bytes: Uint8Array, load: Underway): void {
    if (!isKept(node) || this.#isOver(place, node, load)) return;
    // The upstream may have told another state meanwhile; these bytes are not that one's.
    const current = this.#namespace.peek(place);
    if (current !== undefined && !sameState(current, node)) return;
    // A view would keep the whole buffer alive for as long as any block of it is kept.
    const own = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#store.putBlock(place.key, index, own, this.#namespace.knowledge.guardOf(place.mount, node));
  }

  /** Loads the blocks after `index`, which a sequential reader has just got: it has the one before as well. */
  #readAhead(place: Place, node: Node, index: number): void {
    const { size } = node;
    if (size === undefined || size <= WHOLE_BYTES || !this.#store.hasBlock(place.key, index - 1)) return;
    const end = Math.min(index + 1 + AHEAD, Math.ceil(size / BLOCK_BYTES));
    for (let next = index + 1; next < end; next++) {
      // Whoever needs the block hears of its failure; nobody does yet.
      if (!this.#store.hasBlock(place.key, next)) this.#block(place, { ...node, size }, next).catch(() => {});
    }
  }
}

/** One load for one state of a node: who asks for a newer state does not join the load of an older one. */
function stateKey(place: Place, node: Node): string {
  return `${place.key}${stateOf(node)}`;
}

function stateOf({ version, modified }: Node): string {
  return `\0${version ?? ""}\0${modified ?? ""}`;
}

/** The node that a load is of, and that with its state. */
function partsOf(flight: string): [node: string, state: string] {
  const [node = "", version = "", modified = ""] = flight.split("\0", 3);
  return [node, `${node}\0${version}\0${modified}`];
}

function tooLarge(place: Place): OmnifsError {
  return new OmnifsError(
    "too-large",
    `${place.name} has no length that can be told without reading it, and is over ${WHOLE_BYTES} bytes`,
  );
}

/** `bytes`, which must be `length` long: the kernel was told so already. */
function checked(place: Place, length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new OmnifsError(
    "conflict",
    `${place.mount} gave ${bytes.length} bytes of ${place.name} where it had promised ${length}`,
  );
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const [first] = blocks;
  if (blocks.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}
