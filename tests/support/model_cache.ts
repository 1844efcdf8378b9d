/**
 * The least cache that keeps the contract's promises: it holds what it was told until an invalidation takes it away.
 * What it shows after a change must be what the upstream shows, so it finds every invalidation that is missing.
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import type { DirEntry as GuestEntry, Invalidation } from "../../providers/sdk/contract.ts";
import type { Node as HostNode, Projection } from "../../runtime/provider/mod.ts";
import { bytesOf, pages } from "./projection.ts";

/** What is kept of a node. */
interface Kept {
  readonly host: HostNode;
  readonly watch: string | undefined;
  /** Its text, once it was read. */
  text?: string;
}

/** A tree that is read through a cache. */
export class ModelCache {
  readonly #projection: Projection;
  readonly #skips: (path: string) => boolean;
  readonly #nodes = new Map<string, Kept>();
  /** Names and identities of the children of each directory that was listed. */
  readonly #listings = new Map<string, Map<string, string>>();
  /** How often the provider was called. */
  calls = 0;

  /** Reads `projection`, with nothing kept; `skips` tells paths that are not looked at. */
  constructor(projection: Projection, skips: (path: string) => boolean = () => false) {
    this.#projection = projection;
    this.#skips = skips;
  }

  /** Every file and directory below `directory` with its date and text, by path. */
  async tree(directory: string, path = "", seen = new Map<string, string>()): Promise<Map<string, string>> {
    for (const [name, id] of await this.#children(directory)) {
      if (this.#skips(`${path}/${name}`)) continue;
      const kept = await this.#node(directory, name, id);
      if (kept === undefined) continue;
      const text = kept.host.directory ? "" : await this.#text(kept);
      seen.set(`${path}/${name}`, `${kept.host.id} ${kept.host.modified ?? "-"} ${text}`);
      if (kept.host.directory) await this.tree(kept.host.id, `${path}/${name}`, seen);
    }
    return seen;
  }

  /**
   * Reads everything below `directory` from here, and from the provider alone: both must show the same. Answers the calls
   * that it took here.
   */
  async agree(directory: string): Promise<number> {
    const before = this.calls;
    const shown = await this.tree(directory);
    const calls = this.calls - before;
    deepStrictEqual(shown, await new ModelCache(this.#projection, this.#skips).tree(directory));
    return calls;
  }

  /** Takes in what events say. */
  apply(invalidations: readonly Invalidation[]): void {
    for (const one of invalidations) this.#apply(one);
  }

  #apply(one: Invalidation): void {
    switch (one.tag) {
      case "node":
        return void this.#nodes.delete(one.val);
      case "children":
        return this.#relist(one.val);
      case "placed":
        return this.#place(one.val[0], one.val[1]);
      case "removed":
        return this.#remove(one.val[0], one.val[1]);
      case "watch":
        for (const [id, { watch }] of [...this.#nodes]) if (watch === one.val) this.#forget(id);
        return;
      case "heard":
        return;
    }
  }

  #relist(directory: string): void {
    for (const child of this.#listings.get(directory)?.values() ?? []) this.#nodes.delete(child);
    this.#listings.delete(directory);
  }

  /** As a host would: a child of a directory that was never listed is of no use. */
  #place(directory: string, entry: GuestEntry): void {
    const before = this.#nodes.get(entry.node.id);
    this.#keep(hostNode(entry.node), before);
    const listing = this.#listings.get(directory);
    if (listing === undefined) return;
    this.#remove(directory, entry.node.id);
    listing.set(entry.name, entry.node.id);
  }

  #remove(directory: string, id: string): void {
    const listing = this.#listings.get(directory);
    for (const [name, child] of [...listing ?? []]) if (child === id) listing?.delete(name);
  }

  #forget(id: string): void {
    this.#nodes.delete(id);
    this.#listings.delete(id);
  }

  async #children(directory: string): Promise<ReadonlyMap<string, string>> {
    const known = this.#listings.get(directory);
    if (known !== undefined) return known;
    this.calls++;
    const listed = await pages(this.#projection, directory);
    const names = new Map<string, string>();
    for (const { name, node } of listed.flatMap(({ entries }) => entries)) {
      names.set(name, node.id);
      this.#keep(node, this.#nodes.get(node.id));
    }
    if (directory === "" || (this.#nodes.get(directory)?.host.freshness.tag ?? "watched") !== "volatile") {
      this.#listings.set(directory, names);
    }
    return names;
  }

  async #node(directory: string, name: string, id: string): Promise<Kept | undefined> {
    const known = this.#nodes.get(id);
    if (known !== undefined && known.host.freshness.tag !== "volatile") return known;
    this.calls++;
    const node = await this.#projection.lookupChild(directory, name);
    return node && this.#keep(node, undefined);
  }

  async #text(kept: Kept): Promise<string> {
    if (kept.text !== undefined && kept.host.freshness.tag !== "volatile") return kept.text;
    if (kept.host.content.tag !== "inline") this.calls++;
    kept.text = new TextDecoder().decode(await bytesOf(this.#projection, kept.host));
    return kept.text;
  }

  /** Bytes outlive a node only where nothing of it changed. */
  #keep(host: HostNode, before: Kept | undefined): Kept {
    const watch = host.freshness.tag === "watched" ? host.freshness.watch : undefined;
    const same = before !== undefined && before.host.version === host.version &&
      before.host.modified === host.modified && host.content.tag !== "inline";
    const kept: Kept = { host, watch, ...(same && before.text !== undefined ? { text: before.text } : {}) };
    this.#nodes.set(host.id, kept);
    return kept;
  }
}

/** A node as a guest tells it, in the shape in which the host has it. */
function hostNode({ kind, freshness, content, ...node }: GuestEntry["node"]): HostNode {
  const bytes = content.tag === "inline"
    ? (content.val.tag === "text" ? new TextEncoder().encode(content.val.val) : content.val.val)
    : undefined;
  return {
    id: node.id,
    directory: kind === "directory",
    size: node.size,
    modified: node.modified,
    version: node.version,
    listFirst: node.listFirst,
    writable: node.writable,
    freshness: freshness.tag === "watched" ? { tag: "watched", watch: freshness.val } : freshness,
    content: bytes !== undefined
      ? { tag: "inline", bytes }
      : content.tag === "upstream"
      ? { tag: "upstream", ...content.val }
      : { tag: "ask" },
  };
}
