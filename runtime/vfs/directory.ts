/**
 * What the cache keeps of one directory: its listing, and names that were looked up before it was listed.
 *
 * @module
 */
import { Listing, type Page } from "../tree/listing.ts";
import type { Place } from "../tree/place.ts";

/** Bytes that a line takes beside its names and identity: the place, two table entries. Measured, rounded up. */
const LINE_BYTES = 200;

/** The known names of one directory. */
export class Directory {
  readonly #found = new Map<string, Place>();
  #bytes = 0;
  #asOf = 0;
  #landedAt = 0;
  /** The listing, as far as it is loaded. */
  readonly listing: Listing;

  /** Where it is; undefined for the root of the whole tree. */
  readonly place: Place | undefined;

  /** What is known of the directory at `place`: nothing but the lines of `listing`, which is new. */
  constructor(place: Place | undefined, listing: Listing = new Listing()) {
    this.place = place;
    this.listing = listing;
    for (const line of listing.places()) this.#bytes += weigh(line);
  }

  /** Estimated bytes that it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the latest load began of which something is in here, as the log of changes counts. */
  get asOf(): number {
    return this.#asOf;
  }

  /** When the latest answer arrived of which something is in here, in milliseconds since the Unix epoch. */
  get landedAt(): number {
    return this.#landedAt;
  }

  /** Notes that an answer was put in, of a load that began at `asOf`. */
  landed(asOf: number, now: number): void {
    this.#asOf = Math.max(this.#asOf, asOf);
    this.#landedAt = Math.max(this.#landedAt, now);
  }

  /** The place called `name`; null where it is known to be absent; undefined where nothing is known. */
  find(name: string): Place | null | undefined {
    return this.listing.get(name) ?? this.#found.get(name) ?? (this.listing.exhaustive ? null : undefined);
  }

  /** The place of the identity `key`, where one is known. */
  holding(key: string): Place | undefined {
    const listed = this.listing.holding(key);
    if (listed !== undefined) return listed;
    for (const place of this.#found.values()) if (place.key === key) return place;
    return undefined;
  }

  /** Every place that is known. */
  *places(): Generator<Place> {
    yield* this.listing.places();
    yield* this.#found.values();
  }

  /** Notes a name that was looked up by itself. */
  note(place: Place): void {
    if (this.listing.get(place.name) !== undefined) return;
    if (!this.#found.has(place.name)) this.#bytes += weigh(place);
    this.#found.set(place.name, place);
  }

  /** Adds the next page of the listing. */
  append(page: Page): void {
    const before = this.listing.length;
    this.listing.append(page);
    for (let index = before; index < this.listing.length; index++) {
      const place = this.listing.at(index);
      if (place === undefined) continue;
      this.#bytes += weigh(place);
      this.#unnote(place.name);
    }
    // A name that is on no page of an exhaustive listing does not exist, whoever found it before.
    if (this.listing.exhaustive) { for (const name of [...this.#found.keys()]) this.#unnote(name); }
  }

  /**
   * Makes `place` what is known of its identity and its name.
   *
   * @returns the places that are no longer there
   */
  put(place: Place): Place[] {
    const before = this.#unnoteAll(({ key, name }) => key === place.key || name === place.name);
    if (this.listing.pages === 0) this.note(place);
    else {
      const listed = this.listing.place(place);
      for (const each of listed) this.#bytes -= weigh(each);
      this.#bytes += weigh(place);
      before.push(...listed);
    }
    return before.filter(({ key, name }) => key !== place.key || name !== place.name);
  }

  /** Takes away what is known of the identity `key`; answers the places that are no longer there. */
  remove(key: string): Place[] {
    const gone = this.#unnoteAll((place) => place.key === key);
    const listed = this.listing.remove(key);
    if (listed === undefined) return gone;
    this.#bytes -= weigh(listed);
    return [...gone, listed];
  }

  /** The same without the gaps that what was taken away has left. */
  rewritten(): Directory {
    const directory = new Directory(this.place, this.listing.rewritten());
    for (const place of this.#found.values()) directory.note(place);
    directory.landed(this.#asOf, this.#landedAt);
    return directory;
  }

  #unnoteAll(which: (place: Place) => boolean): Place[] {
    const gone = [...this.#found.values()].filter(which);
    for (const { name } of gone) this.#unnote(name);
    return gone;
  }

  #unnote(name: string): void {
    const noted = this.#found.get(name);
    if (noted === undefined) return;
    this.#found.delete(name);
    this.#bytes -= weigh(noted);
  }
}

function weigh(place: Place): number {
  return LINE_BYTES + 2 * (place.name.length + place.id.length + place.key.length);
}
