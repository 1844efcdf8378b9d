/**
 * Listings that grow page by page, and the offsets into them.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cookieOf, MAX_LINES, readCookie } from "../../runtime/tree/cookies.ts";
import { Listing } from "../../runtime/tree/listing.ts";
import { mountPlace, type Place, placeIn } from "../../runtime/tree/place.ts";
import { checkProperty } from "../support/property.ts";

const MOUNT = mountPlace("m");
const places = (...names: string[]): Place[] =>
  names.map((name) => placeIn(MOUNT, name, `id:${name}`, false));
const lines = (listing: Listing): (string | undefined)[] =>
  Array.from({ length: listing.length }, (_, i) => listing.at(i)?.name);

Deno.test("pages that overlap give each name one line, at its first place", () => {
  const listing = new Listing();
  listing.append({ places: places("a", "b"), next: "2", exhaustive: true });
  assert.deepEqual([listing.complete, listing.exhaustive, listing.next, listing.pages], [
    false,
    false,
    "2",
    1,
  ]);
  listing.append({ places: places("b", "c", "a"), next: "3", exhaustive: true });
  listing.append({ places: places("d"), next: undefined, exhaustive: true });
  assert.deepEqual(lines(listing), ["a", "b", "c", "d"]);
  assert.deepEqual([listing.complete, listing.exhaustive, listing.next, listing.pages], [
    true,
    true,
    undefined,
    3,
  ]);
  assert.equal(listing.get("c")?.id, "id:c");
  assert.equal(listing.get("x"), undefined);
  assert.equal(listing.at(4), undefined);
});

Deno.test("a listing is exhaustive only when its last page is there and says so", () => {
  const listing = new Listing();
  assert.deepEqual([listing.complete, listing.exhaustive, listing.pages], [false, false, 0]);
  listing.append({ places: [], next: undefined, exhaustive: false });
  assert.deepEqual([listing.complete, listing.exhaustive, listing.length], [true, false, 0]);
});

Deno.test("a cookie is never 0, stays below 2^53, and tells its listing and the next line", async () => {
  const generation = fc.oneof(fc.nat(5_000_000), fc.constantFrom(0, 2 ** 21 - 1, 2 ** 21, 2 ** 40));
  const index = fc.oneof(fc.nat(5_000_000), fc.constantFrom(0, MAX_LINES - 2));
  await checkProperty(
    fc.property(generation, index, (generation, index) => {
      const cookie = cookieOf(generation, index);
      assert(Number.isSafeInteger(cookie) && cookie > 0);
      assert.deepEqual(readCookie(cookie), { generation: generation % 2 ** 21, next: index + 1 });
    }),
    1_000,
  );
});

Deno.test("a cookie stays good while pages are appended, and is no other listing's", async () => {
  const page = fc.array(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 8 });
  await checkProperty(fc.property(fc.array(page, { minLength: 1, maxLength: 10 }), (pages) => {
    const [listing, other] = [new Listing(), new Listing()];
    const cookies = new Map<number, string | undefined>();
    for (const [i, names] of pages.entries()) {
      const next = i + 1 < pages.length ? `${i + 1}` : undefined;
      listing.append({ places: places(...names), next, exhaustive: true });
      for (let at = 0; at < listing.length; at++) {
        const cookie = listing.cookie(at);
        const name = listing.at(at)?.name;
        assert.equal(cookies.get(cookie) ?? name, name, "an old cookie stands for another line");
        cookies.set(cookie, name);
        assert.equal(listing.indexAfter(cookie), at + 1);
        assert.equal(other.indexAfter(cookie), undefined);
      }
    }
    assert.equal(listing.indexAfter(0), 0);
    assert.deepEqual(lines(listing), [...new Set(pages.flat())]);
  }));
});
