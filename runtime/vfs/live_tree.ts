/**
 * The live tree as drafts see it: what is at a path, with its identity, its bytes and whether it takes changes.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { nameFault, segments } from "../base/path.ts";
import { FILE_LIMIT, type GoneFile, type LivePlace, type LiveTree } from "../drafts/mod.ts";
import type { Place } from "../tree/place.ts";
import type { Bodies } from "./bodies.ts";
import { filesBelow } from "./contents.ts";
import { forget, type ForgetParts } from "./forget.ts";
import type { Found } from "./namespace.ts";
import { walk } from "./walk.ts";

/** The tree that drafts lie over. */
export class LiveTreeView implements LiveTree {
  readonly #parts: ForgetParts;

  /** A view of `parts`. */
  constructor(parts: ForgetParts) {
    this.#parts = parts;
  }

  /** See {@linkcode LiveTree}. */
  async spelled(mount: string, path: string, signal?: AbortSignal): Promise<string> {
    const { mounts, namespace } = this.#parts;
    let above = mounts.get(mount)?.place;
    const names = segments(path);
    for (const [index, name] of names.entries()) {
      if (above === undefined) break;
      const found: Found | undefined = await namespace.find(above, name, signal) ??
        await this.#view(above, name, signal);
      if (found === undefined) break;
      names[index] = found.place.name;
      above = found.node.directory ? found.place : undefined;
    }
    return names.map((name) => `/${name}`).join("");
  }

  /** See {@linkcode LiveTree}. */
  async at(mount: string, path: string, fresh: boolean, signal?: AbortSignal): Promise<LivePlace> {
    const whole = `/${mount}${path}`;
    const cut = whole.lastIndexOf("/");
    const name = whole.slice(cut + 1);
    const fault = cut === 0 ? "it is a whole provider" : nameFault(name);
    if (fault !== undefined) {
      throw new OmnifsError("invalid", `${whole} cannot be changed: ${fault}`, { path });
    }
    if (fresh) forget(this.#parts, whole);
    const above = await walk(this.#parts, whole.slice(0, cut), signal);
    if (above === undefined || !above.node.directory) {
      throw new OmnifsError("not-a-directory", `${whole.slice(0, cut)} is no directory`, { path });
    }
    const found = await this.#parts.namespace.find(above.place, name, signal);
    const parent = above.place.id;
    if (found === undefined) {
      return { entry: undefined, bytes: undefined, parent, writable: above.node.writable };
    }
    const { id, version, directory, writable } = found.node;
    const bytes = directory ? undefined : await this.#bytes(found, signal);
    return { entry: { parent, name, path, id, version, directory }, bytes, parent, writable };
  }

  /** See {@linkcode LiveTree}. */
  async below(mount: string, path: string, signal?: AbortSignal): Promise<readonly GoneFile[]> {
    const found = await walk(this.#parts, `/${mount}${path}`, signal);
    return found === undefined ? [] : await filesBelow(this.#parts, found.place, path, signal);
  }

  /** The view that a person calls `name`; its own name begins with an underscore. */
  async #view(above: Place, name: string, signal: AbortSignal | undefined): Promise<Found | undefined> {
    const found = name.startsWith("_")
      ? undefined
      : await this.#parts.namespace.find(above, `_${name}`, signal);
    return found?.node.directory === true ? found : undefined;
  }

  async #bytes(found: Found, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const bodies: Bodies = this.#parts.bodies;
    const node = await bodies.settled(found.place, found.node, signal);
    if (node.size > FILE_LIMIT) {
      throw new OmnifsError("too-large", `a draft takes files of at most ${FILE_LIMIT} bytes`, {
        op: "draft",
      });
    }
    return await bodies.read(found.place, node, 0, node.size, signal);
  }
}
