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
  /** The listing, as far as it is loaded. */
  readonly listing = new Listing();

  /** Estimated bytes that it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The place called `name`; null where it is known to be absent; undefined where nothing is known. */
  find(name: string): Place | null | undefined {
    return this.listing.get(name) ?? this.#found.get(name) ?? (this.listing.exhaustive ? null : undefined);
  }

  /** Every place that is known. */
  *places(): Generator<Place> {
    for (let index = 0; index < this.listing.length; index++) {
      const place = this.listing.at(index);
      if (place !== undefined) yield place;
    }
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
