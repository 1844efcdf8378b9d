/**
 * What is in one draft's shadow tree: the live tree with what is staged over it.
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import { join } from "../../base/path.ts";
import type { Draft, Drafts, Folder, LiveEntry, StagedCreate } from "../../drafts/mod.ts";
import type { Node } from "../../provider/node.ts";
import { readCookie } from "../../tree/cookies.ts";
import { placeIn } from "../../tree/place.ts";
import type { Bodies } from "../bodies.ts";
import type { Directory } from "../directory.ts";
import type { Mounts } from "../mounts.ts";
import type { Namespace } from "../namespace.ts";
import { ROOT_NODE } from "../node_rules.ts";
import type { DraftShadow, Shadow } from "./nodes.ts";

/** A node that lies over something live. */
export type LiveShadow = Shadow & { readonly kind: "live" };

/** What the shadow tree stands on. */
export interface GroundParts {
  /** The providers. */
  readonly mounts: Mounts;
  /** Names and nodes of the live tree. */
  readonly namespace: Namespace;
  /** Lengths and bytes of the live tree. */
  readonly bodies: Bodies;
  /** The drafts. */
  readonly drafts: Drafts;
}

/** One name of a shadow directory. */
export interface ShadowLine {
  /** The name. */
  readonly name: string;
  /** What it leads to. */
  readonly shadow: DraftShadow;
  /** True for a directory. */
  readonly directory: boolean;
  /** The offset after it: that of the live listing, or beyond all of those for what the draft made. */
  readonly cookie: number;
}

/** What `stat` needs of a node. */
export interface ShadowState {
  /** True for a directory. */
  readonly directory: boolean;
  /** Bytes of a file. */
  readonly size: number;
  /** Milliseconds since the Unix epoch; undefined where the upstream does not tell. */
  readonly modified: number | undefined;
  /** True where the draft may change it. */
  readonly writable: boolean;
}

/** Where the offsets of what a draft made begin: beyond those of every listing (`tree/cookies.ts`). */
const MADE_COOKIES = 2 ** 52;

/** Looks at the shadow tree. Every method rejects with an `OmnifsError`. */
export class Ground {
  readonly #parts: GroundParts;

  /** The tree of `parts`. */
  constructor(parts: GroundParts) {
    this.#parts = parts;
  }

  /** The draft called `name`. @throws {OmnifsError} `not-found` where it has ended */
  draft(name: string): Draft {
    return this.#parts.drafts.get(name);
  }

  /** The directory that `shadow` is, for what is staged in it. */
  folder(shadow: Shadow): Folder {
    if (shadow.kind === "live") return { made: false, id: shadow.place.id };
    if (shadow.kind === "made") return { made: true, id: shadow.id };
    throw new OmnifsError("read-only", "nothing can be made there");
  }

  /** The mount that `shadow` belongs to; what a draft made belongs to the draft's. */
  mountOf(shadow: Shadow): string {
    if (shadow.kind === "live") return shadow.place.mount;
    const mount = "draft" in shadow ? this.draft(shadow.draft).mount : undefined;
    if (mount === undefined) throw new OmnifsError("read-only", "it belongs to no provider");
    return mount;
  }

  /** The path of `name` in the directory `shadow`, below its mount. */
  pathIn(shadow: Shadow, name: string): string {
    if (shadow.kind === "live") return `${shadow.path}/${name}`;
    if (shadow.kind === "made") return `${this.#made(shadow).path}/${name}`;
    return `/${name}`;
  }

  /** What `name` in the directory `parent` leads to; undefined where there is no such name. */
  async child(
    parent: DraftShadow,
    name: string,
    signal?: AbortSignal,
  ): Promise<DraftShadow | undefined> {
    const draft = this.draft(parent.draft);
    if (parent.kind === "draft") {
      const point = this.#parts.mounts.get(name);
      return point && { kind: "live", draft: draft.name, place: point.place, path: "" };
    }
    const made = draft.overlay.child(this.folder(parent), name);
    if (made !== undefined) return { kind: "made", draft: draft.name, id: made.id };
    if (parent.kind !== "live" || draft.overlay.isRemoved(parent.place.id, name)) return undefined;
    const found = await this.#parts.namespace.find(parent.place, name, signal);
    return found && this.over(parent, name, found.node.id, found.node.directory);
  }

  /** What lies over the live child `name`, of the identity `id`, of `parent`. */
  over(parent: LiveShadow, name: string, id: string, directory: boolean): LiveShadow {
    const place = placeIn(parent.place, name, id, directory);
    return { kind: "live", draft: parent.draft, place, path: `${parent.path}/${name}` };
  }

  /** What `shadow` is like now. */
  async state(shadow: DraftShadow, signal?: AbortSignal): Promise<ShadowState> {
    const draft = this.draft(shadow.draft);
    if (shadow.kind === "draft") {
      return { directory: true, size: 0, modified: draft.touched, writable: false };
    }
    if (shadow.kind === "made") {
      const { directory, content, modified } = this.#made(shadow);
      return { directory, size: content.length, modified, writable: true };
    }
    const node = await this.live(shadow, signal);
    const { directory, modified, writable } = node;
    const staged = draft.overlay.write(node.id);
    if (staged !== undefined) {
      return { directory, size: staged.content.length, modified: staged.modified, writable };
    }
    const { size } = await this.#parts.bodies.settled(shadow.place, node, signal);
    return { directory, size, modified, writable };
  }

  /** The bytes of a file from `offset`, at most `size` of them. */
  async read(
    shadow: DraftShadow,
    offset: number,
    size: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const staged = this.#content(shadow);
    if (staged !== undefined) return staged.subarray(offset, offset + size);
    if (shadow.kind !== "live") throw new OmnifsError("is-a-directory", "it is a directory");
    const node = await this.live(shadow, signal);
    if (node.directory) throw new OmnifsError("is-a-directory", "it is a directory");
    const settled = await this.#parts.bodies.settled(shadow.place, node, signal);
    return await this.#parts.bodies.read(shadow.place, settled, offset, size, signal);
  }

  /** All bytes of a live file, as the upstream has them. */
  async whole(shadow: LiveShadow, signal?: AbortSignal): Promise<Uint8Array> {
    const node = await this.live(shadow, signal);
    const settled = await this.#parts.bodies.settled(shadow.place, node, signal);
    return await this.#parts.bodies.read(shadow.place, settled, 0, settled.size, signal);
  }

  /** The live node that `shadow` lies over. */
  async live(shadow: LiveShadow, signal?: AbortSignal): Promise<Node> {
    if (shadow.place.parent === undefined) return ROOT_NODE;
    return await this.#parts.namespace.resolve(shadow.place, signal);
  }

  /** What drafts know of the live node that `shadow` lies over. */
  async entry(shadow: LiveShadow, signal?: AbortSignal): Promise<LiveEntry> {
    const { id, version, directory } = await this.live(shadow, signal);
    const { place, path } = shadow;
    return { parent: place.parent?.id ?? "", name: place.name, path, id, version, directory };
  }

  /** The lines of a directory after `cookie`: those of the live one that stay, then what the draft made. */
  async *lines(
    shadow: DraftShadow,
    cookie: number,
    signal?: AbortSignal,
  ): AsyncGenerator<ShadowLine> {
    const draft = this.draft(shadow.draft);
    if (shadow.kind === "draft") return yield* this.#mountLines(draft.name, cookie);
    if (shadow.kind === "live" && cookie < MADE_COOKIES) {
      yield* this.#liveLines(shadow, draft, cookie, signal);
    }
    for (const { id, name, directory } of draft.overlay.children(this.folder(shadow))) {
      const after = MADE_COOKIES + id;
      if (after <= cookie) continue;
      yield { name, directory, cookie: after, shadow: { kind: "made", draft: draft.name, id } };
    }
  }

  *#mountLines(draft: string, cookie: number): Generator<ShadowLine> {
    for (const [index, { place }] of this.#parts.mounts.all().entries()) {
      if (index + 1 <= cookie) continue;
      const shadow: LiveShadow = { kind: "live", draft, place, path: "" };
      yield { name: place.name, directory: true, cookie: index + 1, shadow };
    }
  }

  async *#liveLines(
    shadow: LiveShadow,
    { overlay }: Draft,
    cookie: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ShadowLine> {
    const { place } = shadow;
    let directory: Directory | undefined = this.#parts.namespace.peekDirectory(place);
    // The whole listing: what is staged has to be told from what is live by its name.
    while (directory === undefined || !directory.listing.complete) {
      directory = await this.#parts.namespace.nextPage(place, directory, signal);
    }
    const { listing } = directory;
    // A reader whose listing is gone goes on at the same line, as in the live tree.
    const next = listing.indexAfter(cookie) ?? readCookie(cookie).next;
    for (let index = next; index < listing.length; index++) {
      const line = listing.at(index);
      if (line === undefined || overlay.isRemoved(place.id, line.name)) continue;
      if (overlay.child({ made: false, id: place.id }, line.name) !== undefined) continue;
      const over = this.over(shadow, line.name, line.id, line.directory);
      yield { name: line.name, directory: line.directory, cookie: listing.cookie(index), shadow: over };
    }
  }

  /** The staged bytes of a file, where there are any. */
  #content(shadow: DraftShadow): Uint8Array | undefined {
    if (shadow.kind === "made") {
      const { directory, content } = this.#made(shadow);
      return directory ? undefined : content;
    }
    return shadow.kind === "live"
      ? this.draft(shadow.draft).overlay.write(shadow.place.id)?.content
      : undefined;
  }

  #made({ draft, id }: Shadow & { readonly kind: "made" }): StagedCreate {
    const made = this.draft(draft).overlay.made(id);
    if (made !== undefined) return made;
    throw new OmnifsError("not-found", `the draft ${draft} no longer holds it`);
  }
}

/** The path of a shadow from the root of the tree, for people. */
export function shadowPath(ground: Ground, shadow: Shadow, name = ""): string {
  if (shadow.kind === "top" || shadow.kind === "session") return join("/_drafts", name);
  const below = shadow.kind === "draft" ? "" : `/${ground.mountOf(shadow)}${ground.pathIn(shadow, name)}`;
  return `/_drafts/${shadow.draft}${below}`;
}
