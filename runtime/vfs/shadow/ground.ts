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
      const latest = directory ? this.#renamed(shadow, modified) : modified;
      return { directory, size: content.length, modified: latest, writable: true };
    }
    const node = await this.live(shadow, signal);
    const { directory, modified, writable } = node;
    if (directory) return { directory, size: 0, modified: this.#renamed(shadow, modified), writable };
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

  /** The live directory that the lines after `cookie` need, loaded to its end: what is staged may hide any of its lines. */
  async below(shadow: DraftShadow, cookie: number, signal?: AbortSignal): Promise<Directory | undefined> {
    if (shadow.kind !== "live" || cookie >= MADE_COOKIES) return undefined;
    let directory: Directory | undefined = this.#parts.namespace.peekDirectory(shadow.place);
    while (directory === undefined || !directory.listing.complete) {
      directory = await this.#parts.namespace.nextPage(shadow.place, directory, signal);
    }
    return directory;
  }

  /**
   * A word for the lines of a directory as they are now, another one for others; with `live` below them, where it is
   * given. Undefined where nobody keeps what is below, so that nobody can tell.
   */
  revision(shadow: DraftShadow, live?: Directory): string | undefined {
    const draft = this.draft(shadow.draft);
    if (shadow.kind === "draft") return this.#parts.mounts.all().map(({ place }) => place.name).join("/");
    const staged = draft.namesRevision(this.folder(shadow));
    if (shadow.kind === "made") return staged;
    const kept = this.#parts.namespace.knowledge.store.peekDirectory(shadow.place.key);
    if (!kept?.listing.complete || (live ?? kept) !== kept) return undefined;
    return `${staged} ${kept.listing.generation}.${kept.listing.revision}`;
  }

  /**
   * The lines of a directory after `cookie`, over what is {@linkcode below}: those of the live one that stay, then what the
   * draft made. They are as they were only until somebody else's turn.
   */
  *lines(shadow: DraftShadow, live: Directory | undefined, cookie: number): Generator<ShadowLine> {
    const draft = this.draft(shadow.draft);
    if (shadow.kind === "draft") return yield* this.#mountLines(draft.name, cookie);
    if (shadow.kind === "live" && live !== undefined) yield* this.#liveLines(shadow, draft, live, cookie);
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

  *#liveLines(
    shadow: LiveShadow,
    { overlay }: Draft,
    { listing }: Directory,
    cookie: number,
  ): Generator<ShadowLine> {
    const { place } = shadow;
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

  /** The later one of `modified` and of when what is staged last changed the names in the directory `shadow`. */
  #renamed(shadow: DraftShadow, modified: number | undefined): number | undefined {
    const { changed } = this.draft(shadow.draft).overlay.names(this.folder(shadow));
    return changed === undefined ? modified : Math.max(changed, modified ?? -Infinity);
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
