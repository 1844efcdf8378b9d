/**
 * What the cache keeps of one directory: its listing, and names that were looked up before it was listed.
 *
 * @module
 */
import { Listing, type Page } from "../tree/listing.ts";
import type { Place } from "../tree/place.ts";

/** Bytes that a line takes beside its names and identity: the place, two table entries. Measured, rounded up. */
const LINE_BYTES = 200;

/** Children of which it is remembered one by one what events said. */
const MOST_SAID = 64;

/** The known names of one directory. */
export class Directory {
  /** Names that were looked up, each with the beginning of the load that told it, as the log of changes counts. */
  readonly #found = new Map<string, { readonly place: Place; readonly asOf: number }>();
  #began = Infinity;
  #bytes = 0;
  #asOf = 0;
  #landedAt = -Infinity;
  #answeredAt = -Infinity;
  /** Children of which an event said whether they are here, with the time as of which; the latest ones. */
  readonly #said = new Map<string, number>();
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

  /**
   * The time as of which it is known whether the identity `key` is here, in milliseconds since the Unix epoch: what an
   * event said, or when the latest answer arrived that could have told.
   */
  knownAsOf(key: string): number {
    return this.#said.get(key) ?? this.#landedAt;
  }

  /** The same, by events alone. */
  saidAsOf(key: string): number {
    return this.#said.get(key) ?? -Infinity;
  }

  /** Notes that an answer was put in, of a load that began at `asOf`. */
  landed(asOf: number, now: number): void {
    this.#asOf = Math.max(this.#asOf, asOf);
    this.#landedAt = Math.max(this.#landedAt, now);
    this.#answeredAt = Math.max(this.#answeredAt, now);
  }

  /**
   * True where the listing is as good as before without a line that went as of `time` upstream. Between two pages that
   * are loaded, whatever goes, or gets another name, moves a line of the next page to the one before.
   */
  standsWithout(time: number): boolean {
    if (this.listing.pages === 0 || this.listing.complete && this.listing.pages === 1) return true;
    return time > this.#answeredAt && (this.listing.complete || this.listing.rewind(1));
  }

  /** The place called `name`; null where it is known to be absent; undefined where nothing is known. */
  find(name: string): Place | null | undefined {
    return this.listing.get(name) ?? this.#found.get(name)?.place ??
      (this.listing.exhaustive ? null : undefined);
  }

  /** The place of the identity `key`, where one is known. */
  holding(key: string): Place | undefined {
    const listed = this.listing.holding(key);
    if (listed !== undefined) return listed;
    for (const { place } of this.#found.values()) if (place.key === key) return place;
    return undefined;
  }

  /** Every place that is known. */
  *places(): Generator<Place> {
    yield* this.listing.places();
    for (const { place } of this.#found.values()) yield place;
  }

  /** Notes a name that was looked up by itself, by a load that began at `asOf`. */
  note(place: Place, asOf: number): void {
    if (this.listing.get(place.name) !== undefined) return;
    this.#unnote(place.name);
    this.#bytes += weigh(place);
    this.#found.set(place.name, { place, asOf });
    this.#asOf = Math.max(this.#asOf, asOf);
  }

  /** Takes over the names that were looked up in `other`, of which there is no listing. */
  noteAll(other: Directory): void {
    for (const { place, asOf } of other.#found.values()) this.note(place, asOf);
    for (const [key, time] of other.#said) this.#said.set(key, time);
  }

  /**
   * Adds the next page of the listing, told by a load that began at `asOf`.
   *
   * @returns false where a name was found after the listing began that is not in it although it is all there is: the
   * name is newer, so this is no listing to keep
   */
  append(page: Page, asOf: number): boolean {
    this.#began = Math.min(this.#began, asOf);
    const before = this.listing.length;
    this.listing.append(page);
    for (let index = before; index < this.listing.length; index++) {
      const place = this.listing.at(index);
      if (place === undefined) continue;
      this.#bytes += weigh(place);
      this.#unnote(place.name);
    }
    if (!this.listing.exhaustive) return true;
    // A name that is on no page of an exhaustive listing does not exist, whoever found it before.
    for (const [name, { asOf }] of [...this.#found]) if (asOf < this.#began) this.#unnote(name);
    return this.#found.size === 0;
  }

  /**
   * Makes `place` what is known of its identity and its name, as of `asOf` in the log of changes and of `time` upstream.
   *
   * @returns the places that are no longer there
   */
  put(place: Place, asOf: number, time: number): Place[] {
    this.#noteSaid(place.key, time);
    const before = this.#unnoteAll(({ key, name }) => key === place.key || name === place.name);
    if (this.listing.pages === 0) this.note(place, asOf);
    else {
      const listed = this.listing.place(place);
      for (const each of listed) this.#bytes -= weigh(each);
      this.#bytes += weigh(place);
      before.push(...listed);
    }
    return before.filter(({ key, name }) => key !== place.key || name !== place.name);
  }

  /** Takes away what is known of the identity `key`, as of `time`; answers the places that are no longer there. */
  remove(key: string, time: number): Place[] {
    this.#noteSaid(key, time);
    const gone = this.#unnoteAll((place) => place.key === key);
    const listed = this.listing.remove(key);
    if (listed === undefined) return gone;
    this.#bytes -= weigh(listed);
    return [...gone, listed];
  }

  /** The same without the gaps that what was taken away has left. */
  rewritten(): Directory {
    const directory = new Directory(this.place, this.listing.rewritten());
    directory.#began = this.#began;
    directory.landed(this.#asOf, this.#answeredAt);
    directory.#landedAt = this.#landedAt;
    directory.noteAll(this);
    return directory;
  }

  #noteSaid(key: string, time: number): void {
    const latest = Math.max(time, this.saidAsOf(key));
    this.#said.delete(key);
    this.#said.set(key, latest);
    const [oldest] = this.#said;
    if (this.#said.size <= MOST_SAID || oldest === undefined) return;
    this.#said.delete(oldest[0]);
    this.#landedAt = Math.max(this.#landedAt, oldest[1]);
  }

  #unnoteAll(which: (place: Place) => boolean): Place[] {
    const gone = [...this.#found.values()].map(({ place }) => place).filter(which);
    for (const { name } of gone) this.#unnote(name);
    return gone;
  }

  #unnote(name: string): void {
    const noted = this.#found.get(name);
    if (noted === undefined) return;
    this.#found.delete(name);
    this.#bytes -= weigh(noted.place);
  }
}

function weigh(place: Place): number {
  return LINE_BYTES + 2 * (place.name.length + place.id.length + place.key.length);
}
