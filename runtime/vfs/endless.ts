/**
 * Listings that do not end: a provider whose pages never do is stopped.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Place } from "../tree/place.ts";
import type { Directory } from "./directory.ts";

/** Most pages and most names of one directory. */
const MOST_PAGES = 10_000;
const MOST_NAMES = 250_000;

/** Stops a listing that does not end. @throws {OmnifsError} `too-large` where `directory`, at `place`, may have no more pages */
export function checkBounds({ mount, name }: Place, { listing }: Directory): void {
  if (listing.pages < MOST_PAGES && listing.length < MOST_NAMES) return;
  const told = `${listing.length} names on ${listing.pages} pages`;
  throw new OmnifsError("too-large", `${mount}: the listing of ${name || "/"} does not end after ${told}`);
}

/** A cursor that leads to itself: to follow it would never end. */
export function standingStill(place: Place): OmnifsError {
  return new OmnifsError(
    "internal",
    `the provider ${place.mount} told a page of ${place.name} as its own next one`,
  );
}
