/**
 * Where an object is now that was staged some time ago: a repository may have been renamed, and an issue transferred.
 *
 * @module
 */
import type { Api } from "./api.ts";
import { id, type Json, text } from "./json.ts";
import { within } from "./repositories.ts";

/** A place of the API. */
export interface Whereabouts {
  /** The path of the object, as the object itself tells it. */
  readonly path: string;
  /** The id of its repository. */
  readonly repo: number;
  /** True where that is another one than it was asked for in. */
  readonly moved: boolean;
}

/** Finds repositories, each asked for once. */
export class Atlas {
  readonly #api: Api;
  readonly #found = new Map<string, Json>();

  /** Asks `api`. */
  constructor(api: Api) {
    this.#api = api;
  }

  /** Where `item` is, that was answered at the path `asked` in the repository `repo`. GitHub leads to what was moved. */
  of(item: Json, repo: number, asked: string): Whereabouts {
    const path = this.#pathIn(text(item, "url")) ?? asked;
    const holder = text(item, "url")?.replace(/\/issues\/(?:comments\/)?\d+$/, "");
    const there = this.#pathIn(holder);
    if (there === undefined || text(this.#repository(within([repo])), "url") === holder) {
      return { path, repo, moved: false };
    }
    return { path, repo: id(this.#repository(there), "id"), moved: true };
  }

  #repository(path: string): Json {
    const known = this.#found.get(path) ?? this.#api.object(path);
    this.#found.set(path, known);
    return known;
  }

  /** The path of an address of this API; another origin's is none. */
  #pathIn(url: string | undefined): string | undefined {
    const base = this.#api.url("");
    return url?.startsWith(`${base}/`) ? url.slice(base.length) : undefined;
  }
}
