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
  /** What it was asked with; undefined for the first one. */
  readonly cursor?: string | undefined;
  /** Where the next page starts; undefined where this is the last. */
  readonly next: string | undefined;
  /** True where a name that is on no page is known to be absent. */
  readonly exhaustive: boolean;
}

/** Lines that may have gone before a listing is worth writing anew. */
const MOST_GAPS = 64;

let generations = 0;

/**
 * The lines of one directory, in order, as far as they are loaded.
 *
 * A line keeps its index for good, whatever is added, renamed or taken away: the offsets of readers stay valid. What is
 * taken away leaves a gap.
 *
 * Invariants: no two lines have one name, and {@linkcode place} leaves one line of an identity.
 */
export class Listing {
  /** Tells listings apart in directory offsets. */
  readonly generation = ++generations;
  readonly #lines: (Place | undefined)[] = [];
  readonly #byName = new Map<string, number>();
  /** Where the line of each identity is; made when a change upstream first needs it. */
  #byKey: Map<string, number> | undefined;
  #revision = 0;
  #next: string | undefined;
  /** What each page was asked with; undefined for the first one. */
  #cursors: (string | undefined)[] = [];
  #pages = 0;
  #complete = false;
  #exhaustive = false;

  /** The place called `name`, where it is loaded. */
  get(name: string): Place | undefined {
    const index = this.#byName.get(name);
    return index === undefined ? undefined : this.#lines[index];
  }

  /** The place of the identity `key`, where it is loaded. */
  holding(key: string): Place | undefined {
    const index = this.#index().get(key);
    return index === undefined ? undefined : this.#lines[index];
  }

  /** True where a name that is not here does not exist. */
  get exhaustive(): boolean {
    return this.#complete && this.#exhaustive;
  }

  /** Another one whenever its lines are others than before; of one listing alone. */
  get revision(): number {
    return this.#revision;
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

  /** The index after the last line that is loaded. */
  get length(): number {
    return this.#lines.length;
  }

  /** True where most of it is gaps. */
  get sparse(): boolean {
    const gaps = this.#lines.length - this.#byName.size;
    return gaps > MOST_GAPS && gaps > this.#byName.size;
  }

  /** The line at `index`; undefined where there is none, or none any more. */
  at(index: number): Place | undefined {
    return this.#lines[index];
  }

  /** True where there is a line at `index` or after it. */
  hasFrom(index: number): boolean {
    for (let at = index; at < this.#lines.length; at++) if (this.#lines[at] !== undefined) return true;
    return false;
  }

  /** Every line. */
  *places(): Generator<Place> {
    for (const place of this.#lines) if (place !== undefined) yield place;
  }

  /** Adds the next page. A name that is there already keeps its line: pages of a moving upstream overlap. */
  append(page: Page): void {
    for (const place of page.places) if (!this.#byName.has(place.name)) this.#push(place);
    this.#pages++;
    this.#cursors.push(page.cursor);
    this.#next = page.next;
    this.#complete = page.next === undefined;
    this.#exhaustive = page.exhaustive;
  }

  /**
   * Has the latest `pages` asked for once more, where another one is to come: what was taken away upstream moves the
   * first line of each page to the end of the one before.
   *
   * @returns false where that is not possible
   */
  rewind(pages: number): boolean {
    const cursor = this.#cursors.at(-pages);
    if (this.#complete || cursor === undefined) return false;
    this.#next = cursor;
    return true;
  }

  /**
   * Makes `place` the line of its identity and of its name: in the line that the identity had, or else that the name
   * had, or else at the end.
   *
   * @returns what was in the way: the former places of the identity and of the name
   */
  place(place: Place): Place[] {
    const own = this.#index().get(place.key);
    const named = this.#byName.get(place.name);
    const index = own ?? named;
    if (index === undefined) {
      this.#push(place);
      return [];
    }
    const held = this.#lines[index];
    if (own === named && held?.directory === place.directory) {
      this.#lines[index] = place;
      return [held];
    }
    const before = [own, named].flatMap((at) => at === undefined ? [] : this.#clear(at));
    this.#put(index, place);
    return before;
  }

  /** Takes the line of the identity `key` away; answers its place. */
  remove(key: string): Place | undefined {
    const index = this.#index().get(key);
    return index === undefined ? undefined : this.#clear(index)[0];
  }

  /** The same lines without gaps, as a listing of its own: readers who are in this one go on in it. */
  rewritten(): Listing {
    const listing = new Listing();
    listing.append({ places: [...this.places()], next: this.#next, exhaustive: this.#exhaustive });
    listing.#complete = this.#complete;
    listing.#pages = this.#pages;
    listing.#cursors = this.#cursors;
    return listing;
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

  #push(place: Place): void {
    if (this.#lines.length < MAX_LINES) this.#put(this.#lines.length, place);
  }

  #put(index: number, place: Place): void {
    this.#revision++;
    this.#lines[index] = place;
    this.#byName.set(place.name, index);
    this.#byKey?.set(place.key, index);
  }

  #clear(index: number): Place[] {
    const place = this.#lines[index];
    if (place === undefined) return [];
    this.#revision++;
    this.#lines[index] = undefined;
    if (this.#byName.get(place.name) === index) this.#byName.delete(place.name);
    if (this.#byKey?.get(place.key) === index) this.#byKey.delete(place.key);
    return [place];
  }

  #index(): Map<string, number> {
    this.#byKey ??= new Map(
      this.#lines.flatMap((place, index) => place === undefined ? [] : [[place.key, index]]),
    );
    return this.#byKey;
  }
}
