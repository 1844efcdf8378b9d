/**
 * What is known of a directory: its lines in the upstream's order, page by page.
 *
 * @module
 */
import { cookieOf, MAX_LINES, readCookie } from "./cookies.ts";
import type { Place } from "./place.ts";

/** A page as it is added to a listing. */
export interface Page {
  /** Its lines. */
  readonly places: readonly Place[];
  /** Where the next page starts; undefined where this is the last. */
  readonly next: string | undefined;
  /** True where a name that is on no page is known to be absent. */
  readonly exhaustive: boolean;
}

let generations = 0;

/**
 * The lines of one directory, in order, as far as they are loaded.
 *
 * A listing only grows. What changes upstream makes a new listing, with a generation of its own.
 */
export class Listing {
  /** Tells listings apart in directory offsets. */
  readonly generation = ++generations;
  readonly #lines: Place[] = [];
  readonly #byName = new Map<string, Place>();
  #next: string | undefined;
  #pages = 0;
  #complete = false;
  #exhaustive = false;

  /** The place called `name`, where it is loaded. */
  get(name: string): Place | undefined {
    return this.#byName.get(name);
  }

  /** True where a name that is not here does not exist. */
  get exhaustive(): boolean {
    return this.#complete && this.#exhaustive;
  }

  /** True where every page is loaded. */
  get complete(): boolean {
    return this.#complete;
  }

  /** What the next page is asked with; undefined for the first one. */
  get next(): string | undefined {
    return this.#next;
  }

  /** How many pages are loaded. */
  get pages(): number {
    return this.#pages;
  }

  /** How many lines are loaded. */
  get length(): number {
    return this.#lines.length;
  }

  /** The line at `index`. */
  at(index: number): Place | undefined {
    return this.#lines[index];
  }

  /** Adds the next page. A name that is there already keeps its line: pages of a moving upstream overlap. */
  append(page: Page): void {
    for (const place of page.places) {
      if (this.#byName.has(place.name) || this.#lines.length >= MAX_LINES) continue;
      this.#byName.set(place.name, place);
      this.#lines.push(place);
    }
    this.#pages++;
    this.#next = page.next;
    this.#complete = page.next === undefined;
    this.#exhaustive = page.exhaustive;
  }

  /** The offset after the line at `index`. */
  cookie(index: number): number {
    return cookieOf(this.generation, index);
  }

  /**
   * The index at which a reader with `cookie` goes on, or undefined where the cookie is of another listing.
   */
  indexAfter(cookie: number): number | undefined {
    if (cookie === 0) return 0;
    const { generation, next } = readCookie(cookie);
    return cookieOf(this.generation, 0) === cookieOf(generation, 0) ? next : undefined;
  }
}
